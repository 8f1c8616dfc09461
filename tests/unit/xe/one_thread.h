// Instructions made by hand, executed on one thread.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "xe/prepare.h"
#include "xe/thread.h"

namespace xe_test {

using namespace xpuq::xe;

inline Operand grf(int reg, Type type, int vertical = 1, int width = 1, int horizontal = 0) {
  Operand o;
  o.file = File::general;
  o.type = type;
  o.reg = static_cast<std::uint8_t>(reg);
  o.vertical = static_cast<std::uint8_t>(vertical);
  o.width = static_cast<std::uint8_t>(width);
  o.horizontal = static_cast<std::uint8_t>(horizontal);
  return o;
}
inline Operand to(int reg, Type type, int stride = 1) { return grf(reg, type, stride, 1, stride); }
inline Operand value(Type type, std::uint64_t v) {
  Operand o;
  o.file = File::immediate;
  o.type = type;
  o.value = v;
  return o;
}
inline Operand null(Type type = Type::ud) {
  Operand o;
  o.file = File::null;
  o.type = type;
  return o;
}

struct OneThread {
  std::shared_ptr<const PreparedCode> code, plain_code;
  Worker worker;
  Group group;
  std::unique_ptr<Thread> t = std::make_unique<Thread>();

  explicit OneThread(const Instruction& i, Platform platform = Platform::dg2) : OneThread(std::vector{i}, platform) {}
  explicit OneThread(std::vector<Instruction> instructions, Platform platform = Platform::dg2) {
    KernelInfo info;
    info.simd = 16;
    code = prepare_kernel(platform, info, instructions);
    plain_code = prepare_kernel(platform, info, std::move(instructions), alu_table_plain());
    worker.code = code.get();
    worker.counter.start(code->steps.size());
    worker.register_bytes = traits_of(platform).register_bytes;
    std::memset(t->r, 0, sizeof t->r);
    std::memset(t->wide, 0, sizeof t->wide);
    std::memset(t->macro, 0, sizeof t->macro);
    std::fill(std::begin(t->waiting), std::end(t->waiting), -1);
    t->worker = &worker;
    t->group = &group;
    t->dispatch = t->active = 0xffff;
  }
  /// Which function executes it: the best one, or the plain one.
  void run(bool plain = false) {
    const Step& s = plain ? plain_code->steps[0] : code->steps[0];
    apply_rounding(*t);
    s.run(*t, s);
    restore_rounding();
  }
  bool supported() const { return code->steps[0].run != run_unsupported; }
  template <class T>
  T& reg(int number, int element = 0) {
    return *reinterpret_cast<T*>(t->r + number * worker.register_bytes + element * static_cast<int>(sizeof(T)));
  }
};

inline Instruction make(Opcode opcode, int channels, Operand d, Operand a, Operand b = {}, Operand c = {}) {
  Instruction i;
  i.opcode = opcode;
  i.channels = static_cast<std::uint8_t>(channels);
  i.no_mask = true;
  i.destination = d;
  i.source[0] = a;
  i.source[1] = b;
  i.source[2] = c;
  return i;
}

inline Instruction end_of_thread() {
  Instruction i = make(Opcode::send, 1, null(), grf(0, Type::ud), null());
  i.send.unit = Unit::gateway;
  i.send.end_of_thread = true;
  return i;
}

}  // namespace xe_test
