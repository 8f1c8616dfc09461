// Branches: random structured programs on the machine, and channel by channel as if each were a thread of its own.
// Source: PRM DG2 volume 9, "Flow Control Instructions": where one channel goes on.
#include "catch.h"

#include <random>
#include <set>

#include "assembler.h"
#include "form_parser.h"
#include "forms.h"
#include "one_thread.h"

using namespace xe_test;

namespace {

// r20: a number per channel that conditions are made of; r40: what the channel did; r60 and on: counters of loops.
constexpr int kNumber = 20, kTrace = 40, kScratch = 50, kCounters = 60;

class Program {
 public:
  Program(Platform platform, int channels, unsigned seed) : platform_(platform), channels_(channels), rng_(seed) {}

  std::vector<Instruction> make() {
    block(0, -1);
    for (const std::size_t k : halts_) set_targets(k, code_.size(), code_.size());
    // Halted channels come together at the last join.
    add(xe_test::make(Opcode::join, channels_, {}, {}));
    set_targets(code_.size() - 1, code_.size(), code_.size());
    code_.push_back(end_of_thread());
    return assemble(platform_, code_);
  }

 private:
  void add(Instruction i) {
    i.no_mask = false;
    code_.push_back(i);
  }
  Operand d(int reg) { return channels_ >= 8 ? grf(reg, Type::d, 8, 8, 1) : grf(reg, Type::d, 1); }
  void set_targets(std::size_t at, std::size_t jump, std::size_t update) {
    code_[at].jump = 16 * (static_cast<std::int32_t>(jump) - static_cast<std::int32_t>(at));
    code_[at].update = 16 * (static_cast<std::int32_t>(update) - static_cast<std::int32_t>(at));
  }

  void note() {
    add(xe_test::make(Opcode::mul, channels_, to(kTrace, Type::d), d(kTrace), value(Type::w, 0x30003)));
    add(xe_test::make(Opcode::add, channels_, to(kTrace, Type::d), d(kTrace), value(Type::w, static_cast<std::uint64_t>(++notes_) * 0x10001)));
    add(xe_test::make(Opcode::mul, channels_, to(kNumber, Type::d), d(kNumber), value(Type::w, 0x50005)));
    add(xe_test::make(Opcode::add, channels_, to(kNumber, Type::d), d(kNumber), value(Type::w, 0x70007)));
  }
  void condition() {
    add(xe_test::make(Opcode::and_, channels_, to(kScratch, Type::d), d(kNumber), value(Type::uw, (8u << rng_() % 8) * 0x10001u)));
    Instruction i = xe_test::make(Opcode::cmp, channels_, null(Type::d), d(kScratch), value(Type::w, 0));
    i.destination.horizontal = 1;
    i.condition = Condition::ne;
    add(i);
  }
  std::size_t branch(Opcode opcode, bool predicated) {
    Instruction i;
    i.opcode = opcode;
    i.channels = static_cast<std::uint8_t>(channels_);
    if (predicated) {
      i.predicate = Predicate::normal;
      i.predicate_inverted = rng_() % 2 == 0;
    }
    add(i);
    return code_.size() - 1;
  }

  void if_else(int depth, int loop) {
    condition();
    const std::size_t first = branch(Opcode::if_, true);
    const std::vector<std::size_t> outer = std::exchange(block_ends_, {});
    block(depth + 1, loop);
    std::size_t middle = 0;
    if (rng_() % 2 == 0) {
      middle = branch(Opcode::else_, false);
      resolve(middle);  // what leaves the first block early goes on at the other one
      block(depth + 1, loop);
    }
    const std::size_t end = branch(Opcode::endif, false);
    set_targets(first, middle != 0 ? middle + 1 : end, end);
    if (middle != 0) set_targets(middle, end, end);
    set_targets(end, end + 1, end + 1);
    resolve(end);
    block_ends_ = outer;
  }
  /// The innermost block of what left it early ends at `at`.
  void resolve(std::size_t at) {
    for (const std::size_t k : block_ends_) code_[k].jump = 16 * (static_cast<std::int32_t>(at) - static_cast<std::int32_t>(k));
    block_ends_.clear();
  }

  void goto_join(int depth, int loop) {
    condition();
    const std::size_t away = branch(Opcode::goto_, true);
    block(depth + 1, loop, false);
    const std::size_t join = branch(Opcode::join, false);
    set_targets(away, join, join);
    set_targets(join, join + 1, join + 1);
  }

  void loop(int depth) {
    const int counter = kCounters + 8 * depth;
    add(xe_test::make(Opcode::mov, channels_, to(counter, Type::d), value(Type::w, 0)));
    const std::size_t start = code_.size();
    add(xe_test::make(Opcode::add, channels_, to(counter, Type::d), d(counter), value(Type::w, 0x10001)));
    const auto breaks = std::exchange(breaks_, {}), ends = std::exchange(block_ends_, {});
    block(depth + 1, counter);
    Instruction i = xe_test::make(Opcode::cmp, channels_, null(Type::d), d(counter), value(Type::w, (2 + rng_() % 4) * 0x10001));
    i.destination.horizontal = 1;
    i.condition = Condition::lt;
    // Channels that left the iteration early are back for the comparison.
    add(i);
    const std::size_t end = branch(Opcode::while_, true);
    code_[end].predicate_inverted = false;
    set_targets(end, start, start);
    for (const std::size_t k : breaks_) code_[k].update = 16 * (static_cast<std::int32_t>(end) - static_cast<std::int32_t>(k));
    resolve(end);
    breaks_ = breaks;
    block_ends_ = ends;
  }

  void leave_loop(int counter) {
    condition();
    const bool again = rng_() % 2 == 0;
    if (again) {
      // `cont` goes to the `while`, whose flag must hold for it: the counter decides there, so it is compared here, too.
      Instruction i = xe_test::make(Opcode::cmp, channels_, null(Type::d), d(counter), value(Type::w, 0x20002));
      i.destination.horizontal = 1;
      i.condition = Condition::lt;
      add(i);
    }
    const std::size_t away = branch(again ? Opcode::cont : Opcode::break_, true);
    if (again) code_[away].predicate_inverted = false;
    breaks_.push_back(away);
    block_ends_.push_back(away);
  }

  void block(int depth, int loop_counter, bool may_leave = true) {
    const int statements = 1 + static_cast<int>(rng_() % 3);
    for (int k = 0; k < statements; ++k) {
      note();
      if (depth >= 4 || code_.size() > 350) continue;
      switch (rng_() % 6) {
        case 0: case 1: if_else(depth, may_leave ? loop_counter : -1); break;
        case 2: goto_join(depth, loop_counter); break;
        case 3: if (loop_counter < 0 || depth < 3) loop(depth); break;
        case 4: if (loop_counter >= 0 && may_leave) leave_loop(loop_counter); break;
        default: if (loop_counter < 0 && depth == 0 && k == 1 && halts_.empty()) { condition(); halts_.push_back(branch(Opcode::halt, true)); }
      }
    }
  }

  Platform platform_;
  int channels_;
  std::mt19937 rng_;
  std::vector<Instruction> code_;
  std::vector<std::size_t> breaks_, block_ends_, halts_;
  int notes_ = 0;
};

/// One channel alone: r[register] as it leaves the program.
struct Channel {
  std::int32_t r[128] = {};
  bool flag = false;

  std::int32_t operand(const Operand& o) const {
    if (o.file == File::immediate) return o.type == Type::w ? static_cast<std::int16_t>(o.value) : static_cast<std::uint16_t>(o.value);
    return r[o.reg];
  }
  bool taken(const Instruction& i) const { return i.predicate == Predicate::none || flag != i.predicate_inverted; }

  /// False: it runs for ever.
  bool run(const std::vector<Instruction>& code) {
    std::size_t ip = 0;
    for (int budget = 200000; budget > 0; --budget) {
      const Instruction& i = code[ip];
      const std::size_t jump = ip + static_cast<std::size_t>(i.jump / 16), update = ip + static_cast<std::size_t>(i.update / 16);
      ++ip;
      const auto a = static_cast<std::uint32_t>(operand(i.source[0])), b = static_cast<std::uint32_t>(operand(i.source[1]));
      switch (i.opcode) {
        case Opcode::mov: r[i.destination.reg] = static_cast<std::int32_t>(a); break;
        case Opcode::add: r[i.destination.reg] = static_cast<std::int32_t>(a + b); break;
        case Opcode::mul: r[i.destination.reg] = static_cast<std::int32_t>(a * b); break;
        case Opcode::and_: r[i.destination.reg] = static_cast<std::int32_t>(a & b); break;
        case Opcode::cmp: flag = i.condition == Condition::ne ? a != b : static_cast<std::int32_t>(a) < static_cast<std::int32_t>(b); break;
        case Opcode::if_: if (!taken(i)) ip = jump; break;
        case Opcode::else_: ip = jump; break;
        case Opcode::while_: if (taken(i)) ip = jump; break;
        case Opcode::goto_: case Opcode::halt: case Opcode::cont: if (taken(i)) ip = update; break;
        case Opcode::break_: if (taken(i)) ip = update + 1; break;
        case Opcode::endif: case Opcode::join: break;
        default: return true;  // the end of the thread
      }
    }
    return false;
  }
};

std::set<std::string>& forms_run() {
  static std::set<std::string> forms;
  return forms;
}

void run_program(Platform platform, int channels, unsigned seed) {
  const std::vector<Instruction> code = Program(platform, channels, seed).make();
  REQUIRE_FALSE(code.empty());
  for (const Instruction& i : code) forms_run().insert(form_of(i));
  OneThread t(code, platform);
  t.t->dispatch = t.t->active = channels == 32 ? 0xffff7fffu : lanes(channels) & ~2u;
  std::vector<Channel> alone(static_cast<std::size_t>(channels));
  std::mt19937 rng(seed);
  for (int c = 0; c < channels; ++c) alone[static_cast<std::size_t>(c)].r[kNumber] = t.reg<std::int32_t>(kNumber, c) = static_cast<std::int32_t>(rng());
  for (auto& channel : alone) REQUIRE(channel.run(code));
  std::uint64_t budget = 2000000;
  run_thread(*t.t, budget);
  INFO("seed " << seed << ", " << channels << " channels: " << t.worker.problem << " " << t.worker.got);
  REQUIRE(t.t->state == ThreadState::done);
  for (int c = 0; c < channels; ++c) {
    if ((t.t->dispatch >> c & 1) == 0) CHECK(t.reg<std::int32_t>(kTrace, c) == 0);
    else CHECK(t.reg<std::int32_t>(kTrace, c) == alone[static_cast<std::size_t>(c)].r[kTrace]);
  }
}

}  // namespace

TEST_CASE("channels of nested branches and loops go where they would go alone") {
  for (unsigned seed = 0; seed < 150; ++seed) {
    run_program(Platform::dg2, seed % 2 == 0 ? 8 : 16, seed);
    run_program(Platform::bmg, seed % 2 == 0 ? 16 : 32, seed + 1000);
  }
  for (const char* form : {"if p", "if ~p", "else", "endif", "goto p", "goto ~p", "join", "while p", "break p", "break ~p", "cont p", "halt p"}) {
    INFO(form);
    CHECK(forms_run().count(form) == 1);
  }
}
