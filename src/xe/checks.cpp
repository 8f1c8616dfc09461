#include "xe/checks.h"

#include <bit>
#include <string_view>

namespace xpuq::xe {
namespace {

constexpr std::size_t kMostDifferences = 100'000;
/// Accesses of a launch that are compared; 512 MiB.
constexpr std::size_t kMostTraced = std::size_t{1} << 26;

std::uint64_t mix(std::uint64_t h, std::uint64_t x) {
  h = (h ^ x) * 0x9e3779b97f4a7c15u;
  return h ^ h >> 29;
}

bool is_atomic(const Step& s) {
  const std::uint32_t operation = s.send.descriptor & 63;
  return (s.send.unit == Unit::ugm || s.send.unit == Unit::slm) && operation >= 8 && operation != 31;
}

}  // namespace

LaunchChecks::LaunchChecks(std::shared_ptr<const ScoreboardCode> code, std::vector<Races::Range> buffers, Trace* trace)
    : code_(std::move(code)), races_(code_ ? std::move(buffers) : std::vector<Races::Range>{}), trace_(trace) {}

void LaunchChecks::start_group(std::uint64_t group, int threads, std::uint64_t local_bytes) {
  group_ = group;
  if (!code_) return;
  boards_.resize(static_cast<std::size_t>(threads));
  for (Scoreboard& b : boards_) b.reset(*code_);
  races_.start_group(group, threads, local_bytes);
  barriers_ = 0;
}

void LaunchChecks::signalled(const Thread& t, int barrier, bool produces, bool opened) {
  barriers_ |= 1u << barrier;
  if (code_) races_.signal(t.number, barrier, produces, opened);
}

void LaunchChecks::passed(const Thread& t, int barrier) {
  if (code_) races_.pass(t.number, barrier);
}

bool LaunchChecks::before(Thread& t, const Step& s) {
  thread_ = &t;
  step_ = &s;
  if (!code_) return true;
  std::uint32_t mask = execution_mask(t, s);
  const Instruction& i = code_->code->instructions[s.index];
  if (s.predicate != Predicate::none && s.opcode != Opcode::sel && !i.is_branch()) mask &= predicate_mask(t, s, mask);
  if (i.is_send()) races_.start_message(t.number, s.index, is_atomic(s));
  std::string problem = boards_[static_cast<std::size_t>(t.number)].issue(t, s, mask != 0);
  if (problem.empty()) return true;
  fail(t, std::move(problem), text_of(i), kFinding);
  return false;
}

void LaunchChecks::after(Thread& t, const Step& s) {
  for (const Store& w : stores_) {
    const std::string_view data(reinterpret_cast<const char*>(w.host), w.bytes);
    if (trace_->next(std::hash<std::string_view>{}(data)) || w.local || trace_->differences.size() == kMostDifferences) continue;
    trace_->differences.push_back({w.address, w.bytes, group_, s.index, t.number});
  }
  stores_.clear();
}

void LaunchChecks::run(Thread& t, std::uint64_t& budget) {
  const std::vector<Step>& steps = t.worker->code->steps;
  apply_rounding(t);
  t.state = ThreadState::running;
  while (t.state == ThreadState::running && budget != 0) {
    if (t.ip >= steps.size()) {
      fail(t, "the kernel runs past its last instruction");
      break;
    }
    const Step& s = steps[t.ip++];
    --budget;
    t.worker->counter.ran(s.index, s.index + 1);
    if (!before(t, s)) break;
    s.run(t, s);
    for (const Doubled& d : doubled_)
      if (*d.byte != d.before) report(d.race, false, true);
    doubled_.clear();
    if (!stores_.empty()) after(t, s);
  }
  restore_rounding();
}

void LaunchChecks::accessed(bool local, std::uint64_t address, std::uint64_t bytes, const std::uint8_t* host, bool write) {
  if (code_) {
    if (const auto race = local ? races_.touch_local(address, bytes, write) : races_.touch_global(address, bytes, write)) {
      // Two groups may write the same value: last blocks of lines reach back over bytes of the blocks before them.
      if (!local && write && race->other_writes) doubled_.push_back({*race, host + (race->address - address), host[race->address - address]});
      else if (!local || std::popcount(barriers_) < 2) report(*race, local, write);
    }
  }
  if (!trace_ || traced_ == kMostTraced) return;
  ++traced_;
  const std::uint64_t what = (local ? 1u : 0u) | (write ? 2u : 0u) | static_cast<std::uint64_t>(thread_->number) << 2 | std::uint64_t{step_->index} << 16;
  if (!trace_->next(mix(mix(what, address), bytes))) {
    fail(*thread_, "an address or a branch depends on data that nobody wrote", text_of(thread_->worker->code->instructions[step_->index]), kFinding);
    return;
  }
  if (write) stores_.push_back({address, bytes, host, local});
}

void LaunchChecks::report(const Race& race, bool local, bool write) {
  const auto& code = thread_->worker->code->instructions;
  const Instruction& other = code[race.other.step];
  std::string what = "a race: byte " + std::to_string(race.address) + (local ? " of local memory" : " of device memory") + (write ? " is written, and " : " is read, and ");
  what += local ? "thread " + std::to_string(race.other.thread) : "group " + std::to_string(race.other.group) + ", thread " + std::to_string(race.other.thread);
  what += race.other_writes ? " wrote it" : " read it";
  what += local ? " with no barrier in between" : " in the same launch";
  fail(*thread_, what + ", byte " + std::to_string(other.offset) + ": " + text_of(other), text_of(code[step_->index]), kFinding);
}

}  // namespace xpuq::xe
