// Nearest resize: every output is a copy of one input, whatever the element type. The index maps are those of the
// reference, made once; in channels_last order a pixel is one run of channels.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "runtime/cpu/parallel.h"
#include "ops/resize_map.h"
#include "runtime/cpu/steps.h"

namespace xpuq::cpu {
namespace {

/// Loops over dst in the order of its memory; the innermost axis is copied whole where it is not resized.
class NearestStep final : public StepImpl {
 public:
  explicit NearestStep(const StepContext& c) : src_(c.in_value(0)), dst_(c.out_value()) {
    const TensorType& in = c.in(0);
    const auto from = strides_of(in), to = strides_of(c.out());
    const auto bytes = static_cast<std::int64_t>(size_of(in.dtype));
    std::vector<std::size_t> order(in.shape.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return to[a] > to[b]; });
    run_bytes_ = bytes;
    if (const std::size_t last = order.back(); in.shape[last] == c.out().shape[last] && from[last] == 1) {
      run_bytes_ *= in.shape[last];
      order.pop_back();
    }
    for (std::size_t i : order) {
      const float scale = static_cast<float>(c.attributes().get_floats("scales")[i]);
      offsets_.push_back(ops::nearest_indices(c.attributes(), {in.shape[i], c.out().shape[i], scale}));
      for (std::int64_t& o : offsets_.back()) o *= from[i] * bytes;
      runs_ *= c.out().shape[i];
    }
  }

  Result<void> run(const RunContext& context) override {
    const std::byte* src = context.values[src_];
    std::byte* dst = context.values[dst_];
    const std::int64_t grain = std::max<std::int64_t>(1, 65536 / run_bytes_);
    parallel_ranges(runs_, grain, [&](std::int64_t begin, std::int64_t end, int) {
      for (std::int64_t i = begin; i < end; ++i) {
        std::int64_t index = i, offset = 0;
        for (std::size_t axis = offsets_.size(); axis-- > 0;) {
          const auto size = static_cast<std::int64_t>(offsets_[axis].size());
          offset += offsets_[axis][index % size];
          index /= size;
        }
        std::memcpy(dst + i * run_bytes_, src + offset, run_bytes_);
      }
    });
    return {};
  }

 private:
  std::uint32_t src_, dst_;
  std::int64_t run_bytes_ = 1, runs_ = 1;
  std::vector<std::vector<std::int64_t>> offsets_;  ///< bytes, per axis of dst from the slowest
};

}  // namespace

StepPtr make_nearest_step(const StepContext& c) {
  if (c.has_empty() || c.attributes().get_string("mode") != "nearest" || c.in(0).shape.empty()) return nullptr;
  auto step = std::make_unique<NearestStep>(c);
  step->named("resampling", "xpuq:nearest");
  return step;
}

}  // namespace xpuq::cpu
