// Branches and the execution mask: every channel that is off knows the step where it goes on.
// Source: Intel's Programmer's Reference Manuals (DG2 volume 9, "Flow Control Instructions").
#include <algorithm>
#include <cfenv>

#include "xe/checks.h"
#include "xe/thread.h"

namespace xpuq::xe {
namespace {

/// Channels that wait at a step go on.
void wake(Thread& t, std::int32_t step) {
  for (std::uint32_t off = t.dispatch & ~t.active; off != 0; off &= off - 1) {
    const int c = __builtin_ctz(off);
    if (t.waiting[c] == step) t.active |= 1u << c;
  }
}

void park(Thread& t, std::uint32_t who, std::int32_t step) {
  for (std::uint32_t on = who & t.active; on != 0; on &= on - 1) t.waiting[__builtin_ctz(on)] = step;
  t.active &= ~who;
}

void jump(Thread& t, const Step& s, std::int32_t step) {
  if (step < 0) return fail(t, "a jump goes to no instruction");
  t.ip = static_cast<std::uint32_t>(step);
  (void)s;
}

/// All channels are off: on to where the next ones may be.
void leave_if_empty(Thread& t, const Step& s, std::int32_t step) {
  if (t.active != 0) return;
  jump(t, s, step);
  if (step >= 0) wake(t, step);
}

/// Channels of the whole thread that the instruction's predicate holds for and that execute.
std::uint32_t taken(const Thread& t, const Step& s) {
  const std::uint32_t mask = execution_mask(t, s);
  return (mask & (s.predicate == Predicate::none ? mask : predicate_mask(t, s, mask))) << s.first_channel;
}

std::uint32_t covered(const Step& s) { return lanes(s.channels) << s.first_channel; }

}  // namespace

std::uint32_t predicate_mask(const Thread& t, const Step& s, std::uint32_t mask) {
  const std::uint32_t all = lanes(s.channels);
  const std::uint32_t flip = s.predicate_inverted ? ~0u : 0;
  const auto flag = [&](int index) {
    return static_cast<std::uint32_t>(peek<std::uint64_t>(t.r + RegisterFile::flag + 2 * index) >> s.first_channel) ^ flip;
  };
  const std::uint32_t bits = flag(s.flag);
  switch (s.predicate) {
    case Predicate::none: return all;
    case Predicate::normal: return bits & all;
    case Predicate::any_vertical: return (bits | flag(s.flag + 2)) & all;
    case Predicate::all_vertical: return bits & flag(s.flag + 2) & all;
    default: break;
  }
  const bool any = s.predicate == Predicate::any_group;
  if (s.channels == 1) {
    // A scalar instruction asks for the channels of the thread.
    const int group = s.predicate_group != 0 ? s.predicate_group : t.worker->simd == 32 ? 32 : 16;
    const std::uint32_t who = lanes(group);
    return (any ? (bits & who) != 0 : (bits & who) == who) ? all : 0;
  }
  const int group = s.predicate_group != 0 && s.predicate_group < s.channels ? s.predicate_group : s.channels;
  std::uint32_t out = 0;
  for (int c = 0; c < s.channels; c += group) {
    const std::uint32_t who = lanes(group) << c, asked = who & mask;
    if (any ? (bits & asked) != 0 : (bits & asked) == asked) out |= who;
  }
  return out & all;
}

void run_nop(Thread&, const Step&) {}

void run_unsupported(Thread& t, const Step& s) {
  const Instruction& i = t.worker->code->instructions[s.index];
  fail(t, i.opcode == Opcode::illegal ? "an illegal or unknown instruction is executed" : "the emulator does not know this instruction",
       text_of(i), kUnknownInstruction);
}

void run_sync_barrier(Thread& t, const Step& s) {
  const Source& number = s.source[0];
  const int id = number.type == Type::none ? 0 : peek<std::uint16_t>(number.fixed ? number.fixed : t.r + number.base) % kBarriers;
  const auto i = static_cast<std::size_t>(id);
  if (t.group->barriers[i].opened >= t.awaits[i]) {
    if (t.worker->checks) t.worker->checks->passed(t, id);
    return;
  }
  --t.ip;  // once more later
  t.waits_for = id;
  t.state = ThreadState::waits_barrier;
}

void run_jmpi(Thread& t, const Step& s) {
  if (s.predicate != Predicate::none && (predicate_mask(t, s, lanes(s.channels)) & 1) == 0) return;
  if (s.source[0].type == Type::none) return jump(t, s, s.jump);
  // A register counts from the jump itself.
  const std::int64_t to = static_cast<std::int64_t>(s.offset) + peek<std::int32_t>(t.r + s.source[0].base);
  jump(t, s, t.worker->code->step_at(to));
}

void run_goto(Thread& t, const Step& s) {
  if (t.worker->code->instructions[s.index].branch_control) {
    // goto.b: to the second target.
    const std::uint32_t go = taken(t, s);
    const auto next = static_cast<std::int32_t>(t.ip);
    if (go == 0) return wake(t, next);
    park(t, t.active & ~go, next);
    jump(t, s, s.update);
    if (s.update >= 0) wake(t, s.update);
    return;
  }
  park(t, taken(t, s), s.update);
  leave_if_empty(t, s, s.jump);
}

void run_if(Thread& t, const Step& s) {
  park(t, covered(s) & ~taken(t, s), s.jump);
  leave_if_empty(t, s, s.jump);
}

void run_else(Thread& t, const Step& s) {
  const std::uint32_t were = t.active;
  const auto here = static_cast<std::int32_t>(t.ip) - 1;
  wake(t, here);
  wake(t, here + 1);
  park(t, were, s.jump);
  leave_if_empty(t, s, s.jump);
}

void run_join(Thread& t, const Step& s) {
  wake(t, static_cast<std::int32_t>(t.ip) - 1);
  leave_if_empty(t, s, s.jump);
}

// Channels that go through the loop once more jump back; the others wait behind it, with those that `break` parked there.
void run_while(Thread& t, const Step& s) {
  wake(t, static_cast<std::int32_t>(t.ip) - 1);  // from `cont`
  const std::uint32_t again = taken(t, s);
  const auto next = static_cast<std::int32_t>(t.ip);
  if (again == 0) return wake(t, next);
  park(t, t.active & ~again, next);
  jump(t, s, s.jump);
}

void run_break(Thread& t, const Step& s) {
  park(t, taken(t, s), s.update < 0 ? -1 : s.update + 1);
  leave_if_empty(t, s, s.jump);
}

// Channels that take it go at once, wherever that is; the others wait behind it.
void run_brd(Thread& t, const Step& s) {
  const std::uint32_t go = taken(t, s);
  const auto next = static_cast<std::int32_t>(t.ip);
  if (go == 0) return wake(t, next);
  park(t, t.active & ~go, next);
  jump(t, s, s.jump);
  if (s.jump >= 0) wake(t, s.jump);
}

void run_call(Thread& t, const Step& s) {
  if (s.predicate != Predicate::none && (predicate_mask(t, s, lanes(s.channels)) & 1) == 0) return;
  if (!s.destination.none) {
    const auto& next = t.worker->code->instructions;
    const std::uint32_t back = t.ip < next.size() ? next[t.ip].offset : 0;
    poke(t.r + s.destination.base, back);
    poke(t.r + s.destination.base + 4, t.active);
  }
  if (s.source[0].type == Type::none) return jump(t, s, s.jump);
  jump(t, s, t.worker->code->step_at(static_cast<std::int64_t>(s.offset) + peek<std::int32_t>(t.r + s.source[0].base)));
}

void run_ret(Thread& t, const Step& s) {
  if (s.source[0].type == Type::none) return fail(t, "a return without an address");
  const auto back = peek<std::uint32_t>(t.r + s.source[0].base);
  t.active = peek<std::uint32_t>(t.r + s.source[0].base + 4) & t.dispatch;
  jump(t, s, t.worker->code->step_at(back));
}

void run_dpasw(Thread& t, const Step& s) {
  if (!t.pair) return fail(t, "dpasw in a thread without a second one");
  // The scheduler executes it for both threads at once.
  (void)s;
  --t.ip;
  t.state = ThreadState::waits_pair;
}

void apply_rounding(const Thread& t) {
  static constexpr int modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
  std::fesetround(modes[peek<std::uint32_t>(t.r + RegisterFile::control) >> 4 & 3]);
}
void restore_rounding() { std::fesetround(FE_TONEAREST); }

void refresh_special(Thread& t, const Step& s) {
  poke(t.r + RegisterFile::channel_enable, t.active);
  poke(t.r + RegisterFile::ip, s.offset);
  poke(t.r + RegisterFile::timestamp, peek<std::uint64_t>(t.r + RegisterFile::timestamp) + 64);
}

void wrote_special(Thread& t, const Step& s) {
  if (s.destination.base == RegisterFile::control) apply_rounding(t);
  // sr0.2 is the dispatch mask.
  if (s.destination.base == RegisterFile::state + 8) t.dispatch = t.active = peek<std::uint32_t>(t.r + RegisterFile::state + 8);
}

std::uint32_t indirect_base(Thread& t, int word, int offset, std::uint32_t bytes) {
  const int at = peek<std::uint16_t>(t.r + RegisterFile::address + 2 * (word & 15)) + offset;
  const int limit = 256 * t.worker->register_bytes;
  if (at < 0 || at + static_cast<int>(bytes) > limit) {
    fail(t, "an indirect operand lies outside the registers", "byte " + std::to_string(at));
    return 0;
  }
  return static_cast<std::uint32_t>(at);
}

void run_thread(Thread& t, std::uint64_t& budget) {
  const std::vector<Step>& steps = t.worker->code->steps;
  const auto count = static_cast<std::uint32_t>(steps.size());
  apply_rounding(t);
  t.state = ThreadState::running;
  while (t.state == ThreadState::running && budget != 0) {
    if (t.ip >= count) {
      fail(t, "the kernel runs past its last instruction");
      break;
    }
    // One behind the other, until a step goes elsewhere or the thread stops.
    const std::uint32_t first = t.ip;
    const std::uint32_t last = first + static_cast<std::uint32_t>(std::min<std::uint64_t>(budget, count - first));
    std::uint32_t at = first;
    do {
      const Step& s = steps[at];
      t.ip = ++at;
      s.run(t, s);
    } while (t.ip == at && at != last && t.state == ThreadState::running);
    t.worker->counter.ran(first, at);
    budget -= at - first;
  }
  restore_rounding();
}

}  // namespace xpuq::xe
