#include "driver/sample_batches.h"

#include <algorithm>
#include <future>
#include <numeric>

#include "samples/select.h"

namespace xpuq {

Result<SampleBatches> SampleBatches::open(const Options& options, const std::vector<NamedType>& inputs, const Json& preprocessing, const Reporter& reporter) {
  SampleBatches out;
  XPUQ_ASSIGN(out.specs_, make_input_specs(inputs, {}, &preprocessing, reporter));
  out.batch_ = out.specs_.empty() || out.specs_[0].shape.empty() ? 1 : std::max<std::int64_t>(out.specs_[0].shape[0], 1);
  XPUQ_ASSIGN(out.source_, samples::SampleSource::open(options.operands, out.specs_, {.from_file = options.from_file, .allow_generated = false, .labels = options.labels}));
  for (const auto& w : out.source_->warnings()) reporter.warning(w.code, w.message);
  const std::size_t all = out.source_->size();
  out.selected_ = samples::select_indices(all, options.most ? options.most : all, samples::Selection::spread, 0);
  return out;
}

Result<void> SampleBatches::for_each(const Reporter& reporter, const Take& take) const {
  struct Batch {
    std::vector<samples::Sample> rows;
    std::size_t next = 0;
  };
  const auto load = [this](std::size_t from) {
    Batch b;
    for (b.next = from; b.next < selected_.size() && b.rows.size() < static_cast<std::size_t>(batch_); ++b.next)
      if (auto sample = source_->load(selected_[b.next])) b.rows.push_back(std::move(*sample));
    return b;
  };
  // The next batch is decoded while this one runs.
  std::future<Batch> ahead = std::async(std::launch::async, load, 0);
  std::size_t used = 0;
  for (std::size_t next = 0; next < selected_.size();) {
    const Batch batch = ahead.get();
    next = batch.next;
    if (next < selected_.size()) ahead = std::async(std::launch::async, load, next);
    if (!batch.rows.empty()) XPUQ_TRY(take(batch_inputs(batch.rows, specs_, batch_), batch.rows));
    used += batch.rows.size();
    if (const int signal = reporter.interrupted(); signal != 0)
      return make_error(signal == 15 ? "E143" : "E130", source_->name(0), "interrupted after " + std::to_string(used) + " of " + std::to_string(selected_.size()) + " samples");
  }
  if (used == 0) return make_error("E404", source_->name(0), "no usable sample", std::to_string(selected_.size()) + " could not be read");
  return {};
}

Result<std::vector<std::vector<Tensor>>> SampleBatches::some(std::size_t batches) const {
  std::vector<std::vector<Tensor>> out;
  SampleBatches few = *this;
  few.selected_.clear();
  for (std::size_t i : samples::select_indices(selected_.size(), batches * static_cast<std::size_t>(batch_), samples::Selection::spread, 0)) few.selected_.push_back(selected_[i]);
  XPUQ_TRY(few.for_each({}, [&](const std::vector<Tensor>& inputs, const std::vector<samples::Sample>&) -> Result<void> {
    out.push_back(inputs);
    return {};
  }));
  return out;
}

}  // namespace xpuq
