#include "driver/evaluate.h"

#include <algorithm>
#include <cmath>

#include "driver/flow_report.h"
#include "driver/layer_report.h"
#include "driver/scores.h"
#include "driver/sqnr.h"

namespace xpuq {
namespace {

constexpr std::uint64_t kOutputBytes = std::uint64_t{256} << 20;

/// Numbers that compare and can be written: outputs that are not finite are as bad as can be.
double in_range(double db) { return std::isnan(db) ? -300 : std::clamp(db, -300.0, 300.0); }

}  // namespace

struct Evaluator::Score {
  std::uint64_t right = 0, samples = 0;
  Sqnr sqnr;
  double top1() const { return samples ? 100.0 * static_cast<double>(right) / static_cast<double>(samples) : 0; }
};

Result<Evaluator::Score> Evaluator::run(Plan plan, bool keep) {
  XPUQ_ASSIGN(PlanRunner runner, PlanRunner::load(*engine_, std::move(plan), input_.threads));
  Score score;
  std::uint64_t kept_bytes = 0;
  std::size_t batch = 0;
  const auto take = [&](const std::vector<Tensor>& inputs, const std::vector<samples::Sample>& samples) -> Result<void> {
    XPUQ_TRY(runner.run(inputs));
    const std::vector<Tensor>& out = runner.outputs();
    const auto rows = out.empty() ? std::vector<std::span<const float>>{} : class_rows(out[0]);
    for (std::size_t r = 0; r < samples.size() && r < rows.size(); ++r)
      if (samples[r].label) score.right += top_indices(rows[r], 1)[0] == *samples[r].label;
    score.samples += samples.size();
    if (keep && kept_bytes < kOutputBytes) {
      std::vector<Tensor>& kept = reference_.emplace_back();
      for (const Tensor& t : out) {
        std::copy_n(t.raw(), t.bytes(), kept.emplace_back(t.dtype(), t.shape()).raw());  // copies share elements
        kept_bytes += t.bytes();
      }
    } else if (!keep && batch < reference_.size()) {
      for (std::size_t o = 0; o < out.size(); ++o)
        if (out[o].dtype() == DataType::f32 && reference_[batch][o].dtype() == DataType::f32) score.sqnr.add(reference_[batch][o].span<float>(), out[o].span<float>());
    }
    ++batch;
    return {};
  };
  XPUQ_TRY(input_.validation.for_each(reporter_, take));
  return score;
}

Result<void> Evaluator::run_float() {
  XPUQ_ASSIGN(engine_, load_engine("cpu"));
  PipelineRecord record;
  XPUQ_ASSIGN(Lowered lowered, build_plan(input_.graph, {}, false, record, nullptr));
  XPUQ_ASSIGN(const Score score, run(std::move(lowered.plan), true));
  float_top1_ = score.top1();
  return {};
}

Result<Evaluation> Evaluator::evaluate(const Variant& variant) {
  XPUQ_ASSIGN(const Fitter::Fitted fitted, input_.fitter.fit_to(variant.fitting, variant.recipe));
  const Quantization quantization{.recipe = variant.recipe, .profile = fitted.profile, .fitting = fitted.weights};
  PipelineOptions options;
  options.quantization = &quantization;
  options.bf16 = input_.bf16;
  options.fuse = input_.fuse;
  PipelineRecord record;
  Graph final_graph;
  XPUQ_ASSIGN(Lowered lowered, build_plan(*fitted.graph, options, false, record, &final_graph));
  const double percent = coverage(report_layers(*fitted.graph, final_graph, &variant.recipe, nullptr), report_flow(final_graph)).percent();
  XPUQ_ASSIGN(const Score score, run(std::move(lowered.plan), false));
  return Evaluation{.top1 = score.top1(), .sqnr_db = in_range(score.sqnr.db()), .int8_percent = percent};
}

}  // namespace xpuq
