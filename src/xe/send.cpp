#include "xe/send.h"

#include <algorithm>
#include <cstring>

#include "xe/checks.h"

namespace xpuq::xe {
namespace {

/// Barriers, and the end of the thread. Source: PRM DG2 volume 9, "Message Gateway".
void gateway(Message& m) {
  constexpr std::uint32_t signal = 4;
  if ((m.descriptor & 7) != signal) return m.unknown("gateway message");
  if (!m.fits_address(32)) return;
  // Byte 11 of the header says how many threads take part: some may have ended before. Since Xe-HPC byte 8 numbers the
  // barrier, the upper bits of byte 9 say 1 for threads that only produce and 2 for those that only consume, and byte 10
  // counts the producers.
  const bool named = m.thread.worker->register_bytes == 64;
  const std::size_t id = named ? m.address[8] % kBarriers : 0;
  const int kind = named ? m.address[9] >> 6 : 0;
  const int consumers = m.address[11] ? m.address[11] : m.thread.group->threads;
  const int producers = named && m.address[10] ? m.address[10] : consumers;
  Barrier& barrier = m.thread.group->barriers[id];
  m.thread.awaits[id] = barrier.opened + 1;
  barrier.produced += kind != 2;
  barrier.consumed += kind != 1;
  const bool opens = barrier.produced >= producers && barrier.consumed >= consumers;
  if (LaunchChecks* checks = m.thread.worker->checks) checks->signalled(m.thread, static_cast<int>(id), kind != 2, opens);
  if (!opens) return;
  barrier.produced = barrier.consumed = 0;
  ++barrier.opened;
}

}  // namespace

bool Message::refuse(const char* why) const {
  fail(thread, why, text_of(thread.worker->code->instructions[step.index]));
  return false;
}

void Message::outside(const char* what, std::uint64_t at, std::uint64_t bytes) const { fail(thread, what, thread.worker->space.describe(at, bytes)); }

void Message::split_gathered(std::uint64_t address_used) {
  const auto grf = static_cast<std::uint64_t>(thread.worker->register_bytes), used = (address_used + grf - 1) / grf * grf;
  data = address + std::min(used, address_bytes);
  data_bytes = address_bytes - std::min(used, address_bytes);
}

void Message::unknown(const char* what) const {
  fail(thread, std::string("the emulator does not know this message (") + what + ")", text_of(thread.worker->code->instructions[step.index]),
       kUnknownInstruction);
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
  std::uint8_t gathered[16 * 64];
  const auto grf = static_cast<std::uint32_t>(t.worker->register_bytes);
  if (s.send.gathers) {
    const std::uint32_t registers = m.descriptor >> 25 & 15;
    for (std::uint32_t i = 0; i < registers; ++i) std::memcpy(gathered + i * grf, t.r + grf * t.r[s.source[0].base + i], grf);
    m.address = gathered;
    m.address_bytes = registers * grf;
  } else {
    const auto rest = [&](std::uint32_t base) { return base < 256 * grf ? 256 * grf - base : 0; };
    m.address = t.r + s.source[0].base;
    m.address_bytes = rest(s.source[0].base);
    m.data = t.r + s.source[1].base;
    m.data_bytes = s.source[1].type == Type::none ? 0 : rest(s.source[1].base);
  }
  switch (s.send.unit) {
    case Unit::gateway: return gateway(m);
    case Unit::ugm: case Unit::slm: return load_store(m);
    case Unit::dc0: case Unit::dc1: return data_port(m);
    default: return m.unknown("unit");
  }
}

}  // namespace xpuq::xe
