// max_pool, avg_pool and adaptive_avg_pool on u8 codes in channels_last order: one pass over the channels of each pixel
// of a window. Averages are the exact sum over the real elements, then clamp(rne(sum / count) + zero point); ties, which
// only windows of an even number of elements have, are settled as PyTorch's f32 sum settles them (qmath/average.h).
#include <algorithm>
#include <array>
#include <optional>

#include "ops/window.h"
#include "qmath/average.h"
#include "runtime/cpu/parallel.h"
#include "runtime/cpu/steps.h"
#include "runtime/cpu/strided_copy.h"

namespace xpuq::cpu {
namespace {

using ops::read_window;
using ops::Window;
using ops::window_extent;

constexpr std::int64_t kChannels = 128;  ///< of one pass: its sums stay in L1

/// What one output position reads along one axis.
struct Reach {
  std::int64_t first, last, step;
  std::int64_t padded;  ///< taps with padding, for count_include_pad
  std::int64_t count() const { return (last - first + step - 1) / step; }
};
using Axes = std::array<std::vector<Reach>, 3>;

Axes reach_of(const StepContext& c) {
  const Shape& in = c.in(0).shape;
  const Shape& out = c.out().shape;
  const std::size_t spatial = in.size() - 2;
  Axes axes;
  for (auto& axis : axes) axis = {Reach{0, 1, 1, 1}};
  std::optional<Window> w;
  if (c.op() != OpKind::adaptive_avg_pool) w = read_window(c.attributes(), c.attributes().get_ints("kernel"));
  for (std::size_t i = 0; i < spatial; ++i) {
    std::vector<Reach>& axis = axes[3 - spatial + i];
    axis.clear();
    const std::int64_t size = in[i + 2], count = out[i + 2];
    for (std::int64_t o = 0; o < count; ++o) {
      if (!w) {
        const std::int64_t first = o * size / count, last = ((o + 1) * size + count - 1) / count;
        axis.push_back({first, last, 1, last - first});
        continue;
      }
      const std::int64_t step = w->dilations[i];
      std::int64_t first = o * w->strides[i] - w->pads_begin[i];
      const std::int64_t last = first + window_extent(*w, i);
      const std::int64_t padded = std::min(last, size + w->pads_end[i]) - first;
      while (first < 0) first += step;
      axis.push_back({first, std::min(last, size), step, padded});
    }
  }
  return axes;
}

class Int8PoolStep final : public StepImpl {
 public:
  explicit Int8PoolStep(const StepContext& c)
      : src_(c.in_value(0)), dst_(c.out_value()), axes_(reach_of(c)), maximum_(c.op() == OpKind::max_pool),
        zero_point_(stored_zero_point(c.in(0))), s8_zero_point_(static_cast<float>(zero_point_ - 128)),
        scale_(c.in(0).quant->scales[0]) {
    const Shape& in = c.in(0).shape;
    batch_ = in[0];
    channels_ = in[1];
    for (std::size_t i = 2; i < in.size(); ++i) in_size_[i + 3 - in.size()] = in[i];
    if (c.attributes().has("divisor_override")) divisor_ = c.attributes().get_int("divisor_override", 1);
    if (c.op() == OpKind::adaptive_avg_pool)
      order_ = c.out().elements() == batch_ * channels_ ? qmath::AverageOrder::mean : qmath::AverageOrder::adaptive;
    include_padding_ = c.attributes().get_int("count_include_pad", 0) != 0;
    TensorType last = c.in(0);
    last.layout = Layout::channels_last;
    if (!same_order(c.in(0), last)) {
      in_bytes_ = c.in(0).elements();
      turn_in_.emplace(last.shape, strides_of(last), strides_of(c.in(0)), 1);
    }
    TensorType last_out = c.out();
    last_out.layout = Layout::channels_last;
    if (!same_order(c.out(), last_out)) {
      out_bytes_ = c.out().elements();
      turn_out_.emplace(last_out.shape, strides_of(c.out()), strides_of(last_out), 1);
    }
  }

  std::size_t scratch_bytes() const override { return in_bytes_ + out_bytes_; }

  Result<void> run(const RunContext& context) override {
    const std::byte* src = context.values[src_];
    std::byte* dst = context.values[dst_];
    if (turn_in_) turn_in_->run(context.scratch, src);
    const auto* from = reinterpret_cast<const std::uint8_t*>(turn_in_ ? context.scratch : src);
    auto* to = reinterpret_cast<std::uint8_t*>(turn_out_ ? context.scratch + in_bytes_ : dst);
    const std::int64_t parts = (channels_ + kChannels - 1) / kChannels;
    const std::int64_t pixels = batch_ * out_size(0) * out_size(1) * out_size(2);
    parallel_ranges(pixels * parts, 16, [&](std::int64_t begin, std::int64_t end, int) {
      for (std::int64_t i = begin; i < end; ++i) pool_pixel(from, to, i / parts, i % parts * kChannels);
    });
    if (turn_out_) turn_out_->run(dst, context.scratch + in_bytes_);
    return {};
  }

 private:
  std::int64_t out_size(std::size_t axis) const { return static_cast<std::int64_t>(axes_[axis].size()); }

  template <class Visit>
  void for_each_tap(std::int64_t n, const Reach& d, const Reach& h, const Reach& w, const Visit& visit) const {
    for (std::int64_t z = d.first; z < d.last; z += d.step) {
      for (std::int64_t y = h.first; y < h.last; y += h.step) {
        const std::int64_t row = ((n * in_size_[0] + z) * in_size_[1] + y) * in_size_[2];
        for (std::int64_t x = w.first; x < w.last; x += w.step) visit((row + x) * channels_);
      }
    }
  }

  void pool_pixel(const std::uint8_t* src, std::uint8_t* dst, std::int64_t pixel, std::int64_t channel) const {
    const std::int64_t n = pixel / (out_size(0) * out_size(1) * out_size(2));
    const Reach& w = axes_[2][pixel % out_size(2)];
    const Reach& h = axes_[1][pixel / out_size(2) % out_size(1)];
    const Reach& d = axes_[0][pixel / (out_size(2) * out_size(1)) % out_size(0)];
    const std::int64_t count = std::min(kChannels, channels_ - channel);
    std::uint8_t* out = dst + pixel * channels_ + channel;
    if (maximum_) {
      std::fill_n(out, count, std::uint8_t{0});
      for_each_tap(n, d, h, w, [&](std::int64_t at) {
        const std::uint8_t* x = src + at + channel;
        for (std::int64_t c = 0; c < count; ++c) out[c] = std::max(out[c], x[c]);
      });
      return;
    }
    std::int32_t sums[kChannels];
    const std::int64_t inside = d.count() * h.count() * w.count();
    std::fill_n(sums, count, static_cast<std::int32_t>(-zero_point_ * inside));
    for_each_tap(n, d, h, w, [&](std::int64_t at) {
      const std::uint8_t* x = src + at + channel;
      for (std::int64_t c = 0; c < count; ++c) sums[c] += x[c];
    });
    const std::int64_t divisor = divisor_ > 0 ? divisor_ : include_padding_ ? d.padded * h.padded * w.padded : inside;
    if (!store(sums, count, static_cast<float>(divisor), out)) return;
    const qmath::AverageWindow window{.order = order_, .taps = inside, .divisor = static_cast<float>(divisor),
                                      .height = static_cast<float>(h.count()), .width = static_cast<float>(w.count())};
    const std::int64_t rows = h.count(), columns = w.count();
    for (std::int64_t c = 0; c < count; ++c) {
      if (!qmath::is_tie(static_cast<float>(sums[c]) / window.divisor)) continue;
      const auto offset = [&](std::int64_t i) {
        const std::int64_t z = d.first + i / (rows * columns), y = h.first + i / columns % rows, x = w.first + i % columns;
        const std::int64_t at = ((n * in_size_[0] + z) * in_size_[1] + y) * in_size_[2] + x;
        return src[at * channels_ + channel + c] - zero_point_;
      };
      out[c] = static_cast<std::uint8_t>(qmath::average_of_tie(window, scale_, zero_point_ - 128, offset) + 128);
    }
  }

  /// Says whether one of the averages lies between two codes.
  bool store(const std::int32_t* sums, std::int64_t count, float divisor, std::uint8_t* out) const {
    std::int32_t ties = 0;
    for (std::int64_t c = 0; c < count; ++c) {
      // Adding and taking off 1.5 * 2^23 rounds to the nearest even integer; sums / divisor is below 2^22 unless
      // divisor_override makes it not an average, and then the clamp keeps it exact.
      float mean = static_cast<float>(sums[c]) / divisor;
      mean = std::min(std::max(mean, -1024.0f), 1024.0f);
      const float whole = (mean + 12582912.0f) - 12582912.0f, code = whole + s8_zero_point_;
      ties |= std::abs(mean - whole) == 0.5f;
      out[c] = static_cast<std::uint8_t>(static_cast<std::int32_t>(std::min(std::max(code, -128.0f), 127.0f)) + 128);
    }
    return ties != 0;
  }

  std::uint32_t src_, dst_;
  Axes axes_;
  bool maximum_;
  std::int32_t zero_point_;
  float s8_zero_point_, scale_;
  qmath::AverageOrder order_ = qmath::AverageOrder::window;
  std::int64_t batch_ = 1, channels_ = 1;
  std::array<std::int64_t, 3> in_size_{1, 1, 1};
  std::int64_t divisor_ = 0;
  bool include_padding_ = false;
  std::size_t in_bytes_ = 0, out_bytes_ = 0;
  std::optional<StridedCopy> turn_in_, turn_out_;
};

}  // namespace

StepPtr make_int8_pool_step(const StepContext& c) {
  if (c.has_empty() || !is_quantized_activation(c.in(0))) return nullptr;
  // s32 sums of 9-bit numbers.
  std::int64_t pixels = 1;
  for (std::size_t i = 2; i < c.in(0).shape.size(); ++i) pixels *= c.in(0).shape[i];
  if (pixels > (std::int64_t{1} << 22)) return nullptr;
  auto step = std::make_unique<Int8PoolStep>(c);
  step->named("pooling", "xpuq:int8_pool");
  return step;
}

}  // namespace xpuq::cpu
