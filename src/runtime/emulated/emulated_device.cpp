#include "runtime/emulated/emulated_device.h"

#include <array>
#include <cstring>

#include "gpu/ports.h"
#include "support/check.h"
#include "xe/machine.h"
#include "xe/memory.h"
#include "xe/module.h"

namespace xpuq {
namespace {

using gpu::Arena;

xe::LaunchArgument argument_of(const gpu::Argument& a, const std::array<std::uint64_t, gpu::kArenas>& bases) {
  const auto* b = std::get_if<gpu::BufferArgument>(&a);
  if (b && b->range.bytes > 0)  // of 0 bytes the machine would make the rest of the arena
    return xe::LaunchArgument::buffer(bases[static_cast<std::size_t>(b->range.arena)] + b->range.offset, b->range.bytes, true, b->access != gpu::Access::read);
  if (const auto* v = std::get_if<gpu::ValueArgument>(&a)) return xe::LaunchArgument::of_bytes(v->bytes);
  if (const auto* l = std::get_if<gpu::LocalArgument>(&a)) return xe::LaunchArgument::local(l->bytes);
  return xe::LaunchArgument::null();
}

class ProgramOnHost final : public GpuExecutable {
 public:
  ProgramOnHost(xe::Platform platform, const Plan& plan, std::shared_ptr<const gpu::Program> program, int threads)
      : program_(std::move(program)), inputs_(gpu::input_ports(plan)), outputs_(gpu::output_ports(plan)), machine_(memory_), platform_(platform) {
    limits_.host_threads = threads;
  }

  Result<void> load(const Plan& plan) {
    for (std::size_t m = 0; m < program_->modules.size(); ++m) {
      XPUQ_ASSIGN(xe::Module module, xe::load_module(program_->modules[m], platform_, "module " + std::to_string(m)));
      modules_.push_back(std::move(module));
    }
    for (std::size_t a = 0; a < gpu::kArenas; ++a) {
      if (program_->arena_bytes[a] == 0) continue;
      XPUQ_ASSIGN(bases_[a], memory_.allocate(program_->arena_bytes[a], "arena " + std::to_string(a)));
      memory_bytes_ += program_->arena_bytes[a];
    }
    for (const gpu::StepRecord& s : program_->steps) infos_.push_back({s.primitive, s.implementation, 0, 0});
    work_.resize(program_->steps.size());
    for (const gpu::Command& c : program_->setup) XPUQ_TRY(execute(c, &plan));
    return {};
  }

  Result<void> run(std::span<const void* const> inputs, std::span<void* const> outputs) override { return run(inputs, outputs, nullptr); }
  Result<void> run_observed(std::span<const void* const> inputs, std::span<void* const> outputs, StepObserver& observer) override { return run(inputs, outputs, &observer); }
  std::vector<StepWork> work() const override { return work_; }
  const std::vector<StepInfo>& steps() const override { return infos_; }
  std::uint64_t memory_bytes() const override { return memory_bytes_; }

 private:
  Result<void> run(std::span<const void* const> inputs, std::span<void* const> outputs, StepObserver* observer) {
    XPUQ_CHECK(inputs.size() == inputs_.ranges.size() && outputs.size() == outputs_.ranges.size(), "the caller binds every input and output");
    for (std::size_t i = 0; i < inputs.size(); ++i)
      XPUQ_TRY(memory_.write(at(inputs_.ranges[i]), {static_cast<const std::uint8_t*>(inputs[i]), inputs_.ranges[i].bytes}));
    const auto read = [this](std::uint32_t value, std::span<std::byte> to) -> Result<void> {
      const auto& range = program_->values[value];
      if (!range || range->bytes != to.size()) return make_error("E101", "the emulated device", "value " + std::to_string(value) + " does not lie in memory");
      return memory_.read(at(*range), {reinterpret_cast<std::uint8_t*>(to.data()), to.size()});
    };
    const std::vector<gpu::Command>& commands = program_->inference;
    work_.assign(program_->steps.size(), {});
    for (std::size_t i = 0; i < commands.size(); ++i) {
      const bool first = i == 0 || commands[i - 1].step != commands[i].step;
      const bool last = i + 1 == commands.size() || commands[i + 1].step != commands[i].step;
      if (observer && first) XPUQ_TRY(observer->before(commands[i].step, read));
      XPUQ_TRY(execute(commands[i], nullptr));
      if (observer && last) XPUQ_TRY(observer->after(commands[i].step, read));
    }
    for (std::size_t i = 0; i < outputs.size(); ++i)
      XPUQ_TRY(memory_.read(at(outputs_.ranges[i]), {static_cast<std::uint8_t*>(outputs[i]), outputs_.ranges[i].bytes}));
    return {};
  }

  std::uint64_t at(const gpu::Range& r) const { return bases_[static_cast<std::size_t>(r.arena)] + r.offset; }

  Result<void> execute(const gpu::Command& command, const Plan* plan) {
    if (const auto* l = std::get_if<gpu::Launch>(&command.what)) return launch(command.step, *l);
    if (const auto* f = std::get_if<gpu::Fill>(&command.what)) return memory_.fill(at(f->to), f->to.bytes, f->pattern);
    if (const auto* c = std::get_if<gpu::Copy>(&command.what)) return memory_.copy(at(c->to), at(c->from), c->to.bytes);
    if (const auto* u = std::get_if<gpu::UploadLiteral>(&command.what)) return memory_.write(at(u->to), std::span(program_->literals).subspan(u->from, u->to.bytes));
    const auto& u = std::get<gpu::UploadConstant>(command.what);
    return memory_.write(at(u.to), {reinterpret_cast<const std::uint8_t*>(plan->constants.data()) + u.from, u.to.bytes});
  }

  Result<void> launch(std::uint32_t step, const gpu::Launch& l) {
    const xe::Kernel* kernel = modules_[l.module].find(l.kernel);
    // The verifier found it, with another reader of modules.
    if (kernel == nullptr) return make_error("E502", "the emulated device", "kernel '" + l.kernel + "' is not in its module", {}, {}, "xpuq-compile --target again");
    std::vector<xe::LaunchArgument> arguments;
    for (const gpu::Argument& a : l.arguments) arguments.push_back(argument_of(a, bases_));
    XPUQ_ASSIGN(const xe::LaunchCounts counts, machine_.launch(*kernel, {l.group_size, l.group_count}, arguments, limits_));
    StepWork& work = work_[step];
    work.instructions += counts.instructions();
    work.systolic += counts.systolic;
    work.bytes_read += counts.bytes_read;
    work.bytes_written += counts.bytes_written;
    return {};
  }

  std::shared_ptr<const gpu::Program> program_;
  gpu::Ports inputs_, outputs_;
  xe::Memory memory_;
  xe::Machine machine_;
  xe::Platform platform_;
  xe::Limits limits_;
  std::vector<xe::Module> modules_;
  std::array<std::uint64_t, gpu::kArenas> bases_{};
  std::vector<StepInfo> infos_;
  std::vector<StepWork> work_;
  std::uint64_t memory_bytes_ = 0;
};

class EmulatedDevice final : public GpuDevice {
 public:
  EmulatedDevice(const gpu::Target& target, xe::Platform platform) : target_(target), platform_(platform), key_(target.key) {}

  std::string device_name() const override { return "emulated " + std::string(target_.product) + " (" + gpu::ip_version_text(key_.ip_version) + ", " + gpu::shape_text(key_) + ")"; }
  std::string library() const override { return "xpuq emulator"; }
  gpu::DeviceKey key() const override { return key_; }
  Result<std::unique_ptr<GpuExecutable>> load(const Plan& plan, std::shared_ptr<const gpu::Program> program, const EngineOptions& options) override {
    auto executable = std::make_unique<ProgramOnHost>(platform_, plan, std::move(program), options.threads);
    XPUQ_TRY(executable->load(plan));
    return std::unique_ptr<GpuExecutable>(std::move(executable));
  }

 private:
  gpu::Target target_;
  xe::Platform platform_;
  gpu::DeviceKey key_;
};

}  // namespace

Result<std::shared_ptr<GpuDevice>> emulated_device(const gpu::Target& target) {
  const auto platform = xe::platform_named(target.family);
  if (!platform) return make_error("E503", "--device emulated:" + std::string(target.name), "this part is not emulated", {}, xe::platform_names());
  return std::shared_ptr<GpuDevice>(std::make_shared<EmulatedDevice>(target, *platform));
}

}  // namespace xpuq
