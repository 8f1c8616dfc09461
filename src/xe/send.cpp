#include "xe/send.h"

namespace xpuq::xe {
namespace {

/// Barriers, and the end of the thread. Source: PRM DG2 volume 9, "Message Gateway".
void gateway(const Message& m) {
  constexpr std::uint32_t signal = 4;
  if ((m.descriptor & 7) != signal) return m.unknown("gateway message");
  // Some threads may have ended before: byte 11 of the header says how many take part.
  if (const int count = m.thread.r[m.step.source[0].base + 11]) m.thread.group->threads = count;
  ++m.thread.group->arrived;
}

}  // namespace

bool Message::fits(std::uint32_t base, std::uint64_t bytes) const {
  if (base == RegisterFile::zero) {
    fail(thread, "a message has no register for its operand", text_of(thread.worker->code->instructions[step.index]));
    return false;
  }
  if (base + bytes > 256u * static_cast<std::uint32_t>(thread.worker->register_bytes)) {
    fail(thread, "a message reaches past the last register", text_of(thread.worker->code->instructions[step.index]));
    return false;
  }
  return true;
}

void Message::unknown(const char* what) const {
  fail(thread, std::string("the emulator does not know this message (") + what + ")", text_of(thread.worker->code->instructions[step.index]),
       kUnknownInstruction);
}

const std::uint8_t* Message::read(std::uint64_t at, std::uint64_t bytes) const {
  const std::uint8_t* p = thread.worker->space.read(at, bytes);
  if (!p) fail(thread, "a read outside memory", thread.worker->space.describe(at, bytes));
  return p;
}

std::uint8_t* Message::write(std::uint64_t at, std::uint64_t bytes) const {
  std::uint8_t* p = thread.worker->space.write(at, bytes);
  if (!p) fail(thread, "a write outside memory", thread.worker->space.describe(at, bytes));
  return p;
}

void run_send(Thread& t, const Step& s) {
  std::uint32_t mask = execution_mask(t, s);
  if (s.predicate != Predicate::none) mask &= predicate_mask(t, s, mask);
  Message m{t, s, mask, s.send.descriptor, s.send.extended};
  if (s.send.descriptor_in_register) m.descriptor = peek<std::uint32_t>(t.r + RegisterFile::address);
  if (s.send.extended_in_register) m.extended += peek<std::uint32_t>(t.r + RegisterFile::address + 4 * s.send.extended_word);
  if (s.send.end_of_thread) {
    t.state = ThreadState::done;
    return;
  }
  switch (s.send.unit) {
    case Unit::gateway: return gateway(m);
    case Unit::ugm: case Unit::slm: return load_store(m);
    case Unit::dc0: case Unit::dc1: return data_port(m);
    default: return m.unknown("unit");
  }
}

}  // namespace xpuq::xe
