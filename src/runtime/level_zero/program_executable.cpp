#include "runtime/level_zero/program_executable.h"

#include <cstring>

#include "runtime/level_zero/step_timer.h"
#include "support/check.h"

namespace xpuq::level_zero {

using gpu::Arena;

namespace {

std::size_t index(Arena a) { return static_cast<std::size_t>(a); }

}  // namespace

ProgramExecutable::~ProgramExecutable() = default;

Result<std::unique_ptr<Executable>> ProgramExecutable::create(std::shared_ptr<const LoadedProgram> loaded, const Plan& plan, const EngineOptions& options) {
  std::unique_ptr<ProgramExecutable> e(new ProgramExecutable(std::move(loaded)));
  const gpu::Program& program = e->loaded_->program();
  e->inputs_ = gpu::input_ports(plan);
  e->outputs_ = gpu::output_ports(plan);
  for (const gpu::StepRecord& s : program.steps) e->infos_.push_back({s.primitive, s.implementation, 0, 0});
  for (std::uint64_t bytes : program.arena_bytes) e->memory_bytes_ += bytes;
  e->memory_bytes_ -= program.arena_bytes[index(Arena::raw)];
  XPUQ_TRY(e->allocate());
  if (options.profile) {
    XPUQ_ASSIGN(e->timer_, StepTimer::create(e->loaded_->context(), program.inference));
  }
  const Bases bases = e->bases();
  XPUQ_TRY(e->prepare_work(bases));
  XPUQ_TRY(e->record(bases));
  return std::unique_ptr<Executable>(std::move(e));
}

Result<void> ProgramExecutable::allocate() {
  const auto bytes = [&](Arena a) { return loaded_->program().arena_bytes[index(a)]; };
  const ContextPtr& context = loaded_->context();
  XPUQ_ASSIGN(input_, Memory::allocate(context, Memory::Kind::device, bytes(Arena::input)));
  XPUQ_ASSIGN(output_, Memory::allocate(context, Memory::Kind::device, bytes(Arena::output)));
  XPUQ_ASSIGN(work_, Memory::allocate(context, Memory::Kind::device, bytes(Arena::work)));
  XPUQ_ASSIGN(host_input_, Memory::allocate(context, Memory::Kind::host, bytes(Arena::input)));
  XPUQ_ASSIGN(host_output_, Memory::allocate(context, Memory::Kind::host, bytes(Arena::output)));
  return {};
}

Bases ProgramExecutable::bases() const {
  Bases b{};
  b[index(Arena::input)] = input_.data();
  b[index(Arena::output)] = output_.data();
  b[index(Arena::work)] = work_.data();
  b[index(Arena::constant)] = loaded_->constants();
  return b;
}

Result<void> ProgramExecutable::prepare_work(const Bases& bases) {
  XPUQ_ASSIGN(CommandList list, CommandList::create(loaded_->context()));
  bool any = false;
  for (const gpu::Command& command : loaded_->program().setup) {
    if (!prepares_work(command)) continue;
    XPUQ_TRY(list.append(command, loaded_->kernels(), bases, {}, loaded_->program().literals));
    any = true;
  }
  if (!any) return {};
  XPUQ_TRY(list.close());
  return list.run();
}

Result<void> ProgramExecutable::record(const Bases& bases) {
  const gpu::Program& program = loaded_->program();
  XPUQ_ASSIGN(CommandList list, CommandList::create(loaded_->context()));
  list_ = std::make_unique<CommandList>(std::move(list));
  XPUQ_TRY(list_->copy(input_.data(), host_input_.data(), inputs_.bytes));
  XPUQ_TRY(list_->barrier());
  for (std::size_t i = 0; i < program.inference.size(); ++i)
    XPUQ_TRY(list_->append(program.inference[i], loaded_->kernels(), bases, {}, {}, timer_ ? timer_->event(i) : nullptr));
  XPUQ_TRY(list_->barrier());
  XPUQ_TRY(list_->copy(host_output_.data(), output_.data(), outputs_.bytes));
  return list_->close();
}

Result<void> ProgramExecutable::run(std::span<const void* const> inputs, std::span<void* const> outputs) {
  XPUQ_CHECK(inputs.size() == inputs_.ranges.size() && outputs.size() == outputs_.ranges.size(), "the caller binds every input and output");
  for (std::size_t i = 0; i < inputs.size(); ++i) std::memcpy(host_input_.data() + inputs_.ranges[i].offset, inputs[i], inputs_.ranges[i].bytes);
  XPUQ_TRY(list_->run());
  if (timer_) XPUQ_TRY(timer_->collect(loaded_->program().inference, infos_));
  for (std::size_t i = 0; i < outputs.size(); ++i) std::memcpy(outputs[i], host_output_.data() + outputs_.ranges[i].offset, outputs_.ranges[i].bytes);
  return {};
}

}  // namespace xpuq::level_zero
