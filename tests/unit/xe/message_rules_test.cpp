// What every form of message refuses: addresses outside the launch's memory, and those that the hardware does not take.
#include "catch.h"

#include "one_thread.h"

using namespace xe_test;

namespace {

constexpr std::uint64_t kBegin = 0x100000, kBytes = 4096;

struct Form {
  const char* name;
  Platform platform;
  Unit unit;
  std::uint32_t descriptor;
  int address_bytes;
  std::uint64_t unaligned;  ///< bytes that make an address unaligned; 0: the form takes every address
};

// Descriptors as compilers write them: operation, 64-bit addresses, element.
constexpr std::uint32_t kWide = 3 << 7, kNarrow = 2 << 7, kD16 = 5 << 9, kD32 = 2 << 9, kD64 = 3 << 9, kBlock = 1 << 15;
constexpr Form kForms[] = {
    {"load d32", Platform::bmg, Unit::ugm, 0 | kWide | kD32, 8, 0},
    {"load d64, 2 elements", Platform::bmg, Unit::ugm, 0 | kWide | kD64 | 1 << 12, 8, 0},
    {"load d16 into 32 bits", Platform::dg2, Unit::ugm, 0 | kWide | kD16, 8, 0},
    {"store d32", Platform::dg2, Unit::ugm, 4 | kWide | kD32, 8, 0},
    {"load of components", Platform::dg2, Unit::ugm, 2 | kWide | kD32 | 3 << 12, 8, 0},
    {"store of components", Platform::bmg, Unit::ugm, 6 | kWide | kD32 | 1 << 12, 8, 0},
    {"block load d32", Platform::bmg, Unit::ugm, 0 | kWide | kD32 | kBlock | 4 << 12, 8, 2},
    {"block store d64", Platform::dg2, Unit::ugm, 4 | kWide | kD64 | kBlock | 2 << 12, 8, 4},
    {"atomic add", Platform::bmg, Unit::ugm, 12 | kWide | kD32, 8, 2},
    {"local load", Platform::bmg, Unit::slm, 0 | kNarrow | kD32, 4, 2},
    {"local block store", Platform::dg2, Unit::slm, 4 | kNarrow | kD32 | kBlock | 4 << 12, 4, 2},
    {"local atomic", Platform::dg2, Unit::slm, 8 | kNarrow | kD32, 4, 2},
    {"data port: aligned block read", Platform::dg2, Unit::dc1, 0x14 << 14 | 1 << 11 | 2 << 8, 8, 8},
    {"data port: block read", Platform::dg2, Unit::dc1, 0x14 << 14 | 2 << 8, 8, 2},
    {"data port: block write", Platform::dg2, Unit::dc1, 0x15 << 14 | 1 << 11 | 2 << 8, 8, 4},
    {"data port: bytes gathered", Platform::dg2, Unit::dc1, 0x10 << 14, 8, 0},
    {"data port: words gathered", Platform::dg2, Unit::dc1, 0x10 << 14 | 1 << 8, 8, 2},
    {"data port: words scattered", Platform::dg2, Unit::dc1, 0x1a << 14 | 1 << 8, 8, 2},
};

struct Sent {
  std::vector<std::uint8_t> memory = std::vector<std::uint8_t>(kBytes);
  std::unique_ptr<OneThread> thread;

  Sent(Platform platform, Unit unit, std::uint32_t descriptor) {
    Instruction i = make(Opcode::send, 1, to(60, Type::ud), grf(10, Type::ud), grf(30, Type::ud));
    i.send.unit = unit;
    i.send.descriptor = descriptor;
    thread = std::make_unique<OneThread>(i, platform);
    Window w;
    w.begin = kBegin;
    w.end = w.readable_end = kBegin + kBytes;
    w.host = memory.data();
    thread->worker.space.add(w);
    thread->group.local.resize(kBytes);
  }
  /// "" or what is wrong.
  std::string run() {
    thread->t->state = ThreadState::running;
    thread->worker.problem.clear();
    thread->run();
    return thread->worker.problem;
  }
};

std::string said(const Form& f, std::uint64_t offset) {
  Sent m(f.platform, f.unit, f.descriptor);
  const std::uint64_t address = (f.unit == Unit::slm ? 0 : kBegin) + offset;
  std::memcpy(&m.thread->reg<std::uint8_t>(10), &address, static_cast<std::size_t>(f.address_bytes));
  return m.run();
}

bool has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("every form of message refuses addresses outside memory and unaligned ones") {
  for (const Form& f : kForms) {
    INFO(f.name);
    CHECK(said(f, 64) == "");
    CHECK(has(said(f, kBytes), "outside "));
    CHECK(has(said(f, std::uint64_t{0} - 64), "outside "));
    if (f.unaligned != 0) CHECK(has(said(f, 64 + f.unaligned), "unaligned"));
    else CHECK(said(f, 65) == "");
  }
}

TEST_CASE("2D blocks of shapes that the hardware does not take are refused") {
  struct Block {
    std::uint64_t base = kBegin;
    std::uint32_t width = 63, height = 7, pitch = 63;  // less one
    std::int32_t x = 0, y = 0;
    std::uint32_t shape = 15 | 7 << 8;                 // 16 columns, 8 rows of d8
  };
  const auto run = [](std::uint32_t operation, const Block& b) {
    Sent m(Platform::bmg, Unit::ugm, operation);
    std::memcpy(&m.thread->reg<std::uint8_t>(10), &b, 32);
    return m.run();
  };
  for (const std::uint32_t operation : {3u, 7u}) {
    CHECK(run(operation, {}) == "");
    CHECK(run(operation, {.x = 4, .y = 3}) == "");
    CHECK(run(operation, {.x = -8, .y = -2}) == "");  // parts outside the surface read as zero, are not written
    CHECK(has(run(operation, {.base = kBegin + 16}), "base"));
    CHECK(has(run(operation, {.width = 30}), "width"));
    CHECK(has(run(operation, {.width = 64, .pitch = 127}), "width"));
    CHECK(run(operation, {.width = 39, .pitch = 39}) == "");
    CHECK(has(run(operation, {.pitch = 60}), "pitch"));
    CHECK(has(run(operation, {.pitch = 66}), "pitch"));
    CHECK(has(run(operation, {.x = 2}), "column"));
    CHECK(has(run(operation, {.shape = 127 | 7 << 8}), "size"));
    CHECK(has(run(operation, {.shape = 13 | 7 << 8}), "size"));
    CHECK(has(run(operation, {.base = kBegin + kBytes}), "outside memory"));
    CHECK(has(run(operation, {.height = 1000, .y = 500}), "outside memory"));
  }
}
