#include "runtime/onednn/executable.h"

#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "runtime/cpu/quantize_kernel.h"
#include "support/check.h"

namespace xpuq::onednn {
namespace {

/// Number of OpenMP threads of the calling thread, put back at the end: it is no global of ours to keep.
class ThreadCount {
 public:
  explicit ThreadCount(int threads) : before_(omp_get_max_threads()) {
    if (threads != before_) omp_set_num_threads(threads);
  }
  ~ThreadCount() {
    if (omp_get_max_threads() != before_) omp_set_num_threads(before_);
  }
  ThreadCount(const ThreadCount&) = delete;
  ThreadCount& operator=(const ThreadCount&) = delete;

 private:
  int before_;
};

/// Constants that a step reads as an activation; weights (input 1 of conv and linear) stay as the plan has them.
std::vector<bool> activations(const Plan& plan) {
  std::vector<bool> used(plan.values.size());
  for (const Step& step : plan.steps) {
    for (std::size_t i = 0; i < step.inputs.size(); ++i) {
      const bool weights = i == 1 && (step.op == OpKind::conv || step.op == OpKind::linear);
      if (!weights) used[step.inputs[i]] = true;
    }
  }
  return used;
}

}  // namespace

PlanExecutable::PlanExecutable(const Plan& plan, const EngineOptions& options, const dnnl::engine& engine)
    : plan_(plan), options_(options), threads_(options.threads > 0 ? options.threads : omp_get_num_procs()),
      library_{engine, dnnl::stream(engine), &storage_} {}

Result<std::unique_ptr<Executable>> PlanExecutable::create(const Plan& plan, const EngineOptions& options,
                                                           const dnnl::engine& engine) {
  try {
    std::unique_ptr<PlanExecutable> executable(new PlanExecutable(plan, options, engine));
    const ThreadCount threads(executable->threads_);
    executable->place_values();
    executable->create_steps();
    return std::unique_ptr<Executable>(std::move(executable));
  } catch (const dnnl::error& e) {
    return make_error(e.status == dnnl_out_of_memory ? "E101" : "E503", "engine cpu", "oneDNN could not prepare the plan",
                 std::string(e.what()) + " (status " + std::to_string(e.status) + ")");
  } catch (const std::bad_alloc&) {
    return make_error("E101", "engine cpu", "out of memory while preparing the plan",
                 "an arena of " + std::to_string(plan.arena_bytes) + " bytes");
  }
}

std::vector<std::vector<std::string>> PlanExecutable::kernels(const Plan& plan, const EngineOptions& options,
                                                              const dnnl::engine& engine) {
  const PlanExecutable unloaded(plan, options, engine);
  std::vector<std::vector<std::string>> all;
  for (const Step& step : plan.steps) {
    all.push_back(step_kernels(StepContext(plan, step, options, unloaded.threads_), unloaded.library_));
    if (all.back().size() < 2) all.back().clear();
  }
  return all;
}

void PlanExecutable::place_values() {
  const std::size_t count = plan_.values.size();
  values_.assign(count, nullptr);
  shifted_.assign(count, false);
  shadowed_.assign(count, false);
  arena_.resize(plan_.arena_bytes);
  const std::vector<bool> activation = activations(plan_);
  std::vector<std::size_t> offsets(count);
  std::size_t bytes = 0;
  for (std::uint32_t v = 0; v < count; ++v) {
    const PlanValue& value = plan_.values[v];
    if (value.place == Place::arena) values_[v] = arena_.data() + value.offset;
    if (value.place == Place::constant) values_[v] = const_cast<std::byte*>(plan_.constant_bytes(v));
    if (!is_shifted(value.type)) continue;
    shifted_[v] = value.place != Place::constant || activation[v];
    shadowed_[v] = shifted_[v] && value.place != Place::arena;
    if (!shadowed_[v]) continue;
    offsets[v] = bytes;
    bytes += cpu::round_up(value.type.bytes(), cpu::kLine);
  }
  shadows_.resize(bytes);
  for (std::uint32_t v = 0; v < count; ++v) {
    if (!shadowed_[v]) continue;
    std::byte* shadow = shadows_.data() + offsets[v];
    if (plan_.values[v].place == Place::constant) cpu::shift_codes(values_[v], plan_.values[v].type.elements(), shadow);
    values_[v] = shadow;
  }
  for (std::uint32_t v : plan_.outputs) {
    const TensorType& type = plan_.values[v].type;
    TensorType plain = type;
    plain.layout = Layout::plain;
    turns_.push_back(nullptr);
    if (same_order(type, plain)) continue;
    turns_.back() =
        std::make_unique<cpu::StridedCopy>(type.shape, strides_of(plain), strides_of(type), size_of(type.dtype));
  }
}

void PlanExecutable::create_steps() {
  std::size_t scratch = 0;
  if (threads_ > 1) pool_ = std::make_unique<cpu::ThreadPool>(threads_);
  const cpu::PoolScope packing(pool_.get());
  for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
    const std::string kernel = i < options_.kernels.size() ? options_.kernels[i] : std::string();
    steps_.push_back(make_step(StepContext(plan_, plan_.steps[i], options_, threads_, kernel), library_));
    const StepImpl& made = *steps_.back();
    scratch = std::max(scratch, made.scratch_bytes());
    memory_bytes_ += made.packed_bytes();
    infos_.push_back({made.primitive(), made.implementation(), 0, 0});
  }
  scratch_.resize(scratch);
  const bool all_own = std::all_of(infos_.begin(), infos_.end(), [](const StepInfo& s) { return s.implementation.starts_with("xpuq:"); });
  if (!all_own) pool_.reset();
  memory_bytes_ += arena_.size() + shadows_.size() + scratch_.size();
}

void PlanExecutable::bind(std::span<const void* const> inputs, std::span<void* const> outputs) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::uint32_t v = plan_.inputs[i];
    const auto* bytes = static_cast<const std::byte*>(inputs[i]);
    if (shadowed_[v]) {
      cpu::shift_codes(bytes, plan_.values[v].type.elements(), values_[v]);
    } else {
      values_[v] = const_cast<std::byte*>(bytes);
    }
  }
  // Backwards, so that a value that is several outputs is computed into the first.
  for (std::size_t i = outputs.size(); i-- > 0;) {
    const std::uint32_t v = plan_.outputs[i];
    if (plan_.values[v].place == Place::output && !shadowed_[v]) values_[v] = static_cast<std::byte*>(outputs[i]);
  }
}

void PlanExecutable::deliver(std::span<void* const> outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const std::uint32_t v = plan_.outputs[i];
    const TensorType& type = plan_.values[v].type;
    auto* out = static_cast<std::byte*>(outputs[i]);
    const std::byte* from = values_[v];
    if (from == out) continue;
    if (turns_[i]) {
      turns_[i]->run(out, from);
      from = out;
    }
    if (shifted_[v]) {
      cpu::shift_codes(from, type.elements(), out);
    } else if (from != out) {
      std::memcpy(out, from, type.bytes());
    }
  }
}

Result<void> PlanExecutable::run(std::span<const void* const> inputs, std::span<void* const> outputs) {
  XPUQ_CHECK(inputs.size() == plan_.inputs.size() && outputs.size() == plan_.outputs.size(),
             "the caller binds every input and output");
  const ThreadCount threads(threads_);
  const cpu::PoolScope pool(pool_.get());
  bind(inputs, outputs);
  XPUQ_TRY(run_steps());
  deliver(outputs);
  return {};
}

Result<void> PlanExecutable::run_steps() {
  using Clock = std::chrono::steady_clock;
  const RunContext context{values_.data(), scratch_.data()};
  for (std::uint32_t i = 0; i < steps_.size(); ++i) {
    const Clock::time_point begin = options_.profile ? Clock::now() : Clock::time_point();
    if (Result<void> done = steps_[i]->run(context); !done.ok()) {
      Error e = std::move(done.error());
      if (e.node.empty() && !plan_.steps[i].origin.empty()) e.node = plan_.steps[i].origin.front();
      return e;
    }
    if (options_.profile) {
      infos_[i].seconds += std::chrono::duration<double>(Clock::now() - begin).count();
      ++infos_[i].runs;
    }
  }
  return {};
}

}  // namespace xpuq::onednn
