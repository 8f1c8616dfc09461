#include "runtime/emulated/emulated_device.h"

#include <algorithm>
#include <optional>

#include "gpu/ports.h"
#include "runtime/emulated/program_memory.h"
#include "runtime/emulated/roofline.h"
#include "runtime/emulated/twin.h"
#include "support/check.h"

namespace xpuq {
namespace {

class ProgramOnHost final : public GpuExecutable {
 public:
  ProgramOnHost(xe::Platform platform, const gpu::Target& target, const Plan& plan, std::shared_ptr<const gpu::Program> program, const EngineOptions& options,
                const EmulationLimits& limits)
      : platform_(platform), target_(target), program_(std::move(program)), inputs_(gpu::input_ports(plan)), outputs_(gpu::output_ports(plan)), memory_(program_, modules_, limits, xe::kPoison) {
    limits_.host_threads = options.threads;
    limits_.checks = options.checks;
    if (options.profile) profile_.emplace(platform, target);
    if (options.checks) twin_.emplace(plan, program_, modules_, limits);
  }

  Result<void> load(const Plan& plan) {
    for (std::size_t m = 0; m < program_->modules.size(); ++m) {
      XPUQ_ASSIGN(xe::Module module, xe::load_module(program_->modules[m], platform_, "module " + std::to_string(m)));
      modules_.push_back(std::move(module));
    }
    XPUQ_TRY(memory_.allocate());
    if (twin_) XPUQ_TRY(twin_->allocate());
    for (std::uint64_t bytes : program_->arena_bytes) memory_bytes_ += bytes;
    for (const gpu::StepRecord& s : program_->steps) infos_.push_back({s.primitive, s.implementation, 0, 0});
    work_.resize(program_->steps.size());
    start();
    for (const gpu::Command& c : program_->setup) XPUQ_TRY(execute(c, &plan));
    if (twin_) twin_->keep();
    if (profile_) limits_.traffic = &profile_->traffic;
    return {};
  }

  Result<void> run(std::span<const void* const> inputs, std::span<void* const> outputs) override { return run(inputs, outputs, nullptr); }
  Result<void> run_observed(std::span<const void* const> inputs, std::span<void* const> outputs, StepObserver& observer) override { return run(inputs, outputs, &observer); }
  std::vector<StepWork> work() const override { return work_; }
  bool predicts() const override { return true; }
  Roofs roofs() const override {
    const PartRates rates = part_rates(target_);
    const double engines = target_.key.slices * target_.key.subslices * target_.key.eus;
    return {static_cast<double>(xe::peak_operations(xe::engine_rates(platform_))) * engines * rates.clock_hz, rates.dram_bytes_per_second};
  }
  const std::vector<StepInfo>& steps() const override { return infos_; }
  std::uint64_t memory_bytes() const override { return memory_bytes_; }

 private:
  Result<void> run(std::span<const void* const> inputs, std::span<void* const> outputs, StepObserver* observer) {
    XPUQ_CHECK(inputs.size() == inputs_.ranges.size() && outputs.size() == outputs_.ranges.size(), "the caller binds every input and output");
    start();
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      XPUQ_TRY(memory_.write(inputs_.ranges[i], inputs[i]));
      if (twin_) XPUQ_TRY(twin_->write(inputs_.ranges[i], inputs[i]));
    }
    const auto read = [this](std::uint32_t value, std::span<std::byte> to) -> Result<void> {
      const auto& range = program_->values[value];
      if (!range || range->bytes != to.size()) return make_error("E101", "the emulated device", "value " + std::to_string(value) + " does not lie in memory");
      return download(*range, to.data(), "value " + std::to_string(value));
    };
    const std::vector<gpu::Command>& commands = program_->inference;
    work_.assign(program_->steps.size(), {});
    for (std::size_t i = 0; i < commands.size(); ++i) {
      const bool first = i == 0 || commands[i - 1].step != commands[i].step;
      const bool last = i + 1 == commands.size() || commands[i + 1].step != commands[i].step;
      if (first) slowest_ = 0;
      if (twin_ && first) XPUQ_TRY(twin_->forget_outputs(memory_, commands[i].step));
      if (observer && first) XPUQ_TRY(observer->before(commands[i].step, read));
      XPUQ_TRY(execute(commands[i], nullptr));
      if (observer && last) XPUQ_TRY(observer->after(commands[i].step, read));
    }
    for (std::size_t i = 0; i < outputs.size(); ++i) XPUQ_TRY(download(outputs_.ranges[i], outputs[i], "output " + std::to_string(i)));
    for (std::size_t s = 0; s < infos_.size() && limits_.traffic; ++s) {
      infos_[s].seconds += work_[s].predicted_seconds;
      ++infos_[s].runs;
    }
    return {};
  }

  void start() {
    memory_.start();
    if (twin_) twin_->start();
  }

  Result<void> download(const gpu::Range& range, void* to, const std::string& who) const {
    XPUQ_TRY(memory_.read(range, to));
    if (twin_) XPUQ_TRY(twin_->compare(range, to, who));
    return {};
  }

  Result<void> execute(const gpu::Command& command, const Plan* plan) {
    xe::LaunchCounts counts;
    if (twin_) XPUQ_TRY(twin_->execute(memory_, command, plan, limits_, counts));
    else XPUQ_TRY(memory_.execute(command, plan, limits_, counts));
    const auto* launch = std::get_if<gpu::Launch>(&command.what);
    if (!launch) return {};
    StepWork& work = work_[command.step];
    work.instructions += counts.instructions();
    work.systolic += counts.systolic;
    work.bytes_read += counts.bytes_read;
    work.bytes_written += counts.bytes_written;
    if (limits_.traffic) profile(work, *launch, *modules_[launch->module].find(launch->kernel), counts);
    return {};
  }

  /// What the launch needs of each part of the GPU, and how long that would take.
  void profile(StepWork& work, const gpu::Launch& launch, const xe::Kernel& kernel, const xe::LaunchCounts& counts) {
    LaunchWork w;
    w.engines = xe::engine_load(*kernel.code, counts.executed, profile_->engine);
    w.traffic = limits_.traffic->counts();
    w.local_bytes = counts.local_bytes;
    w.groups = std::uint64_t{launch.group_count[0]} * launch.group_count[1] * launch.group_count[2];
    w.threads_per_group = w.groups != 0 ? counts.threads / w.groups : 0;
    w.local_per_group = kernel.info.local_bytes;
    for (const gpu::Argument& a : launch.arguments)
      if (const auto* l = std::get_if<gpu::LocalArgument>(&a)) w.local_per_group += l->bytes;
    w.large_registers = kernel.info.registers > 128;
    const PredictedTime time = predict(w, target_.key, profile_->rates);
    work.integer += counts.integer;
    work.floating += counts.floating;
    work.math += counts.math;
    work.messages += counts.messages;
    work.control += counts.control;
    work.operations += w.engines.operations;
    work.register_bytes += w.engines.register_bytes;
    work.local_bytes += counts.local_bytes;
    work.l1_bytes += w.traffic.l1_bytes;
    work.l2_bytes += w.traffic.l2_bytes;
    work.dram_bytes += w.traffic.dram_bytes;
    work.groups += w.groups;
    work.threads += counts.threads;
    // Of several launches the slowest names the bound.
    if (time.seconds > slowest_) work.bound = time.bound;
    slowest_ = std::max(slowest_, time.seconds);
    work.predicted_seconds += time.seconds;
  }

  struct Profile {
    Profile(xe::Platform platform, const gpu::Target& target)
        : engine(xe::engine_rates(platform)), rates(part_rates(target)),
          traffic({.cores = static_cast<int>(target.key.slices * target.key.subslices), .l1_bytes = rates.l1_bytes, .l2_bytes = rates.l2_bytes}) {}
    xe::EngineRates engine;
    PartRates rates;
    xe::Traffic traffic;
  };

  xe::Platform platform_;
  gpu::Target target_;
  std::shared_ptr<const gpu::Program> program_;
  gpu::Ports inputs_, outputs_;
  xe::Limits limits_;
  std::vector<xe::Module> modules_;
  ProgramMemory memory_;
  std::optional<Twin> twin_;  ///< with checks
  std::optional<Profile> profile_;
  double slowest_ = 0;        ///< predicted launch of the step that runs
  std::vector<StepInfo> infos_;
  std::vector<StepWork> work_;
  std::uint64_t memory_bytes_ = 0;
};

class EmulatedDevice final : public GpuDevice {
 public:
  EmulatedDevice(const gpu::Target& target, xe::Platform platform, const EmulationLimits& limits)
      : target_(target), platform_(platform), limits_(limits), key_(target.key) {}

  std::string device_name() const override { return "emulated " + std::string(target_.product) + " (" + gpu::ip_version_text(key_.ip_version) + ", " + gpu::shape_text(key_) + ")"; }
  std::string library() const override { return "xpuq emulator"; }
  gpu::DeviceKey key() const override { return key_; }
  Result<std::unique_ptr<GpuExecutable>> load(const Plan& plan, std::shared_ptr<const gpu::Program> program, const EngineOptions& options) override {
    auto executable = std::make_unique<ProgramOnHost>(platform_, target_, plan, std::move(program), options, limits_);
    XPUQ_TRY(executable->load(plan));
    return std::unique_ptr<GpuExecutable>(std::move(executable));
  }

 private:
  gpu::Target target_;
  xe::Platform platform_;
  EmulationLimits limits_;
  gpu::DeviceKey key_;
};

}  // namespace

Result<std::shared_ptr<GpuDevice>> emulated_device(const gpu::Target& target, const EmulationLimits& limits) {
  const auto platform = xe::platform_named(target.family);
  if (!platform) return make_error("E503", "--device emulated:" + std::string(target.name), "this part is not emulated", {}, xe::platform_names());
  return std::shared_ptr<GpuDevice>(std::make_shared<EmulatedDevice>(target, *platform, limits));
}

}  // namespace xpuq
