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

Result<std::unique_ptr<GpuExecutable>> ProgramExecutable::create(std::shared_ptr<const LoadedProgram> loaded, const Plan& plan, const EngineOptions& options) {
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
  return std::unique_ptr<GpuExecutable>(std::move(e));
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
    if (!prepares_work(command)) {
      if (command.barrier) XPUQ_TRY(list.barrier());
      continue;
    }
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

void ProgramExecutable::fill_host_input(std::span<const void* const> inputs) {
  XPUQ_CHECK(inputs.size() == inputs_.ranges.size(), "the caller binds every input");
  for (std::size_t i = 0; i < inputs.size(); ++i) std::memcpy(host_input_.data() + inputs_.ranges[i].offset, inputs[i], inputs_.ranges[i].bytes);
}

void ProgramExecutable::deliver(std::span<void* const> outputs) {
  XPUQ_CHECK(outputs.size() == outputs_.ranges.size(), "the caller binds every output");
  for (std::size_t i = 0; i < outputs.size(); ++i) std::memcpy(outputs[i], host_output_.data() + outputs_.ranges[i].offset, outputs_.ranges[i].bytes);
}

Result<void> ProgramExecutable::run(std::span<const void* const> inputs, std::span<void* const> outputs) {
  fill_host_input(inputs);
  XPUQ_TRY(list_->run());
  if (timer_) XPUQ_TRY(timer_->collect(loaded_->program().inference, infos_));
  deliver(outputs);
  return {};
}

Result<void> ProgramExecutable::copy_now(void* to, const void* from, std::uint64_t bytes) {
  XPUQ_ASSIGN(CommandList list, CommandList::create(loaded_->context()));
  XPUQ_TRY(list.copy(to, from, bytes));
  XPUQ_TRY(list.close());
  return list.run();
}

Result<void> ProgramExecutable::run_commands(std::size_t begin, std::size_t end) {
  XPUQ_ASSIGN(CommandList list, CommandList::create(loaded_->context()));
  for (std::size_t i = begin; i < end; ++i) XPUQ_TRY(list.append(loaded_->program().inference[i], loaded_->kernels(), bases(), {}, {}));
  XPUQ_TRY(list.close());
  return list.run();
}

Result<void> ProgramExecutable::run_observed(std::span<const void* const> inputs, std::span<void* const> outputs, StepObserver& observer) {
  const gpu::Program& program = loaded_->program();
  const Bases base = bases();
  const auto read = [&](std::uint32_t value, std::span<std::byte> to) -> Result<void> {
    const auto& range = program.values[value];
    if (!range || range->bytes != to.size()) return make_error("E101", "the GPU", "value " + std::to_string(value) + " does not lie in memory");
    return copy_now(to.data(), base[index(range->arena)] + range->offset, range->bytes);
  };
  fill_host_input(inputs);
  XPUQ_TRY(copy_now(input_.data(), host_input_.data(), inputs_.bytes));
  for (std::size_t begin = 0, end = 0; begin < program.inference.size(); begin = end) {
    const std::uint32_t step = program.inference[begin].step;
    while (end < program.inference.size() && program.inference[end].step == step) ++end;
    XPUQ_TRY(observer.before(step, read));
    XPUQ_TRY(run_commands(begin, end));
    XPUQ_TRY(observer.after(step, read));
  }
  XPUQ_TRY(copy_now(host_output_.data(), output_.data(), outputs_.bytes));
  deliver(outputs);
  return {};
}

}  // namespace xpuq::level_zero
