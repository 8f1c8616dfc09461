#include "runtime/level_zero/loaded_program.h"

#include <algorithm>

#include "gpu/commands.h"

namespace xpuq::level_zero {

using gpu::Arena;

bool prepares_work(const gpu::Command& command) {
  const std::vector<gpu::BufferArgument> all = gpu::accesses(command);
  return std::any_of(all.begin(), all.end(), [](const gpu::BufferArgument& a) { return a.range.arena == Arena::work; });
}

Result<std::shared_ptr<const LoadedProgram>> LoadedProgram::load(ContextPtr context, const Plan& plan, std::shared_ptr<const gpu::Program> program) {
  const auto bytes = [&](Arena a) { return program->arena_bytes[static_cast<std::size_t>(a)]; };
  XPUQ_ASSIGN(Kernels kernels, Kernels::create(context, *program));
  XPUQ_ASSIGN(Memory constant, Memory::allocate(context, Memory::Kind::device, bytes(Arena::constant)));
  XPUQ_ASSIGN(const Memory raw, Memory::allocate(context, Memory::Kind::device, bytes(Arena::raw)));
  Bases bases{};
  bases[static_cast<std::size_t>(Arena::constant)] = constant.data();
  bases[static_cast<std::size_t>(Arena::raw)] = raw.data();
  XPUQ_ASSIGN(CommandList list, CommandList::create(context));
  for (const gpu::Command& command : program->setup) {
    if (!prepares_work(command)) XPUQ_TRY(list.append(command, kernels, bases, plan.constants, program->literals));
    else if (command.barrier) XPUQ_TRY(list.barrier());  // what comes behind may count on it
  }
  XPUQ_TRY(list.close());
  XPUQ_TRY(list.run());
  return std::shared_ptr<const LoadedProgram>(new LoadedProgram(std::move(context), std::move(program), std::move(kernels), std::move(constant)));
}

}  // namespace xpuq::level_zero
