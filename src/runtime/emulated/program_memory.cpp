#include "runtime/emulated/program_memory.h"

#include <algorithm>

namespace xpuq {
namespace {

/// Bytes that a copy moves in the time of an instruction.
constexpr std::uint64_t kBytesPerInstruction = 64;

std::uint64_t moved_bytes(const gpu::Command& command) {
  if (const auto* f = std::get_if<gpu::Fill>(&command.what)) return f->to.bytes;
  if (const auto* c = std::get_if<gpu::Copy>(&command.what)) return c->to.bytes;
  if (const auto* u = std::get_if<gpu::UploadLiteral>(&command.what)) return u->to.bytes;
  if (const auto* u = std::get_if<gpu::UploadConstant>(&command.what)) return u->to.bytes;
  return 0;
}

}  // namespace

ProgramMemory::ProgramMemory(std::shared_ptr<const gpu::Program> program, const std::vector<xe::Module>& modules, const EmulationLimits& limits,
                             std::uint8_t poison)
    : program_(std::move(program)), modules_(modules), poison_(poison), memory_({.limit_bytes = limits.memory_bytes, .poison = poison}), most_(limits.instructions), left_(most_) {}

Result<void> ProgramMemory::allocate() {
  for (std::size_t a = 0; a < gpu::kArenas; ++a) {
    if (program_->arena_bytes[a] == 0) continue;
    XPUQ_ASSIGN(bases_[a], memory_.allocate(program_->arena_bytes[a], "arena " + std::to_string(a)));
  }
  return {};
}

Result<void> ProgramMemory::execute(const gpu::Command& command, const Plan* plan, const xe::Limits& limits, xe::LaunchCounts& counts) {
  if (const auto* l = std::get_if<gpu::Launch>(&command.what)) return launch(*l, limits, counts);
  const std::uint64_t cost = moved_bytes(command) / kBytesPerInstruction;
  if (cost > left_) {
    return make_error("E623", "the emulated device", "the limit of instructions of one inference is reached by a copy", {}, std::to_string(most_),
                      "a smaller batch, or the device itself");
  }
  left_ -= cost;
  return move_bytes(command, plan);
}

Result<void> ProgramMemory::move_bytes(const gpu::Command& command, const Plan* plan) {
  if (const auto* f = std::get_if<gpu::Fill>(&command.what)) return memory_.fill(at(f->to), f->to.bytes, f->pattern);
  if (const auto* c = std::get_if<gpu::Copy>(&command.what)) return memory_.copy(at(c->to), at(c->from), c->to.bytes);
  if (const auto* u = std::get_if<gpu::UploadLiteral>(&command.what)) return write(u->to, program_->literals.data() + u->from);
  const auto& u = std::get<gpu::UploadConstant>(command.what);
  return write(u.to, plan->constants.data() + u.from);
}

xe::LaunchArgument ProgramMemory::argument(const gpu::Argument& a) const {
  const auto* b = std::get_if<gpu::BufferArgument>(&a);
  if (b && b->range.bytes > 0)  // of 0 bytes the machine would make the rest of the arena
    return xe::LaunchArgument::buffer(at(b->range), b->range.bytes, true, b->access != gpu::Access::read);
  if (const auto* v = std::get_if<gpu::ValueArgument>(&a)) return xe::LaunchArgument::of_bytes(v->bytes);
  if (const auto* l = std::get_if<gpu::LocalArgument>(&a)) return xe::LaunchArgument::local(l->bytes);
  return xe::LaunchArgument::null();
}

Result<void> ProgramMemory::launch(const gpu::Launch& l, xe::Limits limits, xe::LaunchCounts& counts) {
  const xe::Kernel* kernel = modules_[l.module].find(l.kernel);
  // The verifier found it, with another reader of modules.
  if (kernel == nullptr) return make_error("E502", "the emulated device", "kernel '" + l.kernel + "' is not in its module", {}, {}, "xpuq-compile --target again");
  std::vector<xe::LaunchArgument> arguments;
  for (const gpu::Argument& a : l.arguments) arguments.push_back(argument(a));
  limits.instructions = left_;
  limits.poison = poison_;
  Result<xe::LaunchCounts> done = machine_.launch(*kernel, {l.group_size, l.group_count}, arguments, limits);
  if (!done) {
    Error e = std::move(done.error());
    if (e.code == "E623" && e.expected.empty()) e.expected = "at most " + std::to_string(most_) + " instructions in one inference";
    if (e.code == "E623") e.remedy = "a smaller batch, or the device itself";
    return e;
  }
  counts = *done;
  left_ -= std::min(left_, counts.charged);
  return {};
}

}  // namespace xpuq
