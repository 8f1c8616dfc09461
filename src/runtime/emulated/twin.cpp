#include "runtime/emulated/twin.h"

#include <algorithm>
#include <cstring>

namespace xpuq {
namespace {

/// The pattern of the first run with every bit the other way.
constexpr std::uint8_t kOtherPoison = static_cast<std::uint8_t>(~xe::kPoison);

bool overlap(const gpu::Range& a, const gpu::Range& b) {
  return a.arena == b.arena && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
}

}  // namespace

Twin::Twin(const Plan& plan, std::shared_ptr<const gpu::Program> program, const std::vector<xe::Module>& modules, const EmulationLimits& limits)
    : steps_(plan.steps), program_(std::move(program)), modules_(modules), memory_(program_, modules, limits, kOtherPoison) {}

void Twin::start() {
  memory_.start();
  stores_.resize(kept_);
}

Result<void> Twin::execute(ProgramMemory& first, const gpu::Command& command, const Plan* plan, xe::Limits limits, xe::LaunchCounts& counts) {
  xe::Trace trace;
  limits.trace = &trace;
  XPUQ_TRY(first.execute(command, plan, limits, counts));
  trace.compare();
  limits.checks = false;
  limits.traffic = nullptr;
  xe::LaunchCounts again;
  XPUQ_TRY(memory_.execute(command, plan, limits, again));
  if (!trace.differences.empty()) stores_.push_back({&std::get<gpu::Launch>(command.what), std::move(trace.differences)});
  return {};
}

Result<void> Twin::forget_outputs(ProgramMemory& first, std::uint32_t step) {
  for (std::uint32_t v : steps_[step].outputs) {
    const std::optional<gpu::Range>& range = program_->values[v];
    if (!range) continue;
    const auto& inputs = steps_[step].inputs;
    if (std::any_of(inputs.begin(), inputs.end(), [&](std::uint32_t i) { return program_->values[i] && overlap(*program_->values[i], *range); })) continue;
    XPUQ_TRY(first.forget(*range));
    XPUQ_TRY(memory_.forget(*range));
  }
  return {};
}

std::string Twin::origin(std::uint64_t address) const {
  for (auto s = stores_.rbegin(); s != stores_.rend(); ++s) {
    for (auto d = s->all.rbegin(); d != s->all.rend(); ++d) {
      if (address - d->address >= d->bytes) continue;
      const xe::Kernel* kernel = modules_[s->launch->module].find(s->launch->kernel);
      return "stored by " + xe::place_of(*kernel, s->launch->group_count, d->group, d->thread, d->step);
    }
  }
  return "no kernel wrote it";
}

Result<void> Twin::compare(const gpu::Range& range, const void* bytes, const std::string& who) const {
  std::vector<std::uint8_t> other(range.bytes);
  XPUQ_TRY(memory_.read(range, other.data()));
  const auto* mine = static_cast<const std::uint8_t*>(bytes);
  const auto at = std::mismatch(other.begin(), other.end(), mine);
  if (at.first == other.end()) return {};
  const auto byte = static_cast<std::uint64_t>(at.first - other.begin());
  return make_error("E625", "the emulated device", "byte " + std::to_string(byte) + " of " + who + " depends on data that nobody wrote: " + origin(memory_.at(range) + byte));
}

}  // namespace xpuq
