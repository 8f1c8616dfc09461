#include <algorithm>
#include <tuple>

#include "ops/window.h"
#include "runtime/cpu/int8_conv.h"
#include "runtime/cpu/int8_gemv.h"
#include "runtime/cpu/int8_layer.h"
#include "runtime/cpu/steps.h"

namespace xpuq::cpu {
namespace {

using ops::read_window;
using ops::Window;

class Int8ConvStep final : public StepImpl {
 public:
  Int8ConvStep(const StepContext& c, std::unique_ptr<Int8Conv> conv) : conv_(std::move(conv)) {
    const WeightedInputs at = weighted_inputs(c.attributes(), c.input_count());
    if (c.op() == OpKind::linear) {
      src_ = Staged(c.in_value(0));
      dst_ = Staged(c.out_value());
      if (at.other >= 0) other_ = Staged(c.in_value(at.other));
      return;
    }
    src_ = Staged(c.in(0), c.in_value(0), Staged::Direction::to_kernel, staged_);
    dst_ = Staged(c.out(), c.out_value(), Staged::Direction::from_kernel, staged_);
    if (at.other >= 0) {
      other_ = Staged(c.in(at.other), c.in_value(at.other), Staged::Direction::to_kernel, staged_);
    }
  }
  std::size_t scratch_bytes() const override { return staged_ + conv_->scratch_bytes(); }
  std::size_t packed_bytes() const override { return conv_->weight_bytes(); }

  Result<void> run(const RunContext& context) override {
    src_.copy_in(context);
    if (other_) other_->copy_in(context);
    conv_->run({reinterpret_cast<const std::uint8_t*>(src_.bytes(context)), dst_.bytes(context),
                other_ ? other_->bytes(context) : nullptr, context.scratch + staged_});
    dst_.copy_out(context);
    return {};
  }

 private:
  std::unique_ptr<Int8Conv> conv_;
  std::size_t staged_ = 0;
  Staged src_, dst_;
  std::optional<Staged> other_;
};

class Int8GemvStep final : public StepImpl {
 public:
  Int8GemvStep(const StepContext& c, Int8Gemv gemv)
      : gemv_(std::move(gemv)), src_(c.in_value(0)), dst_(c.out_value()) {
    const WeightedInputs at = weighted_inputs(c.attributes(), c.input_count());
    if (at.other >= 0) other_ = c.in_value(at.other);
  }
  std::size_t scratch_bytes() const override { return gemv_.scratch_bytes(); }
  Result<void> run(const RunContext& context) override {
    gemv_.run(reinterpret_cast<const std::uint8_t*>(context.values[src_]), context.values[dst_],
              other_ ? context.values[*other_] : nullptr, context.scratch);
    return {};
  }

 private:
  Int8Gemv gemv_;
  std::uint32_t src_, dst_;
  std::optional<std::uint32_t> other_;
};

/// Height and width of a one- or two-dimensional list.
std::pair<std::int64_t, std::int64_t> plane(const Ints& list, std::size_t first, std::int64_t missing) {
  if (list.size() - first == 1) return {missing, list[first]};
  return {list[first], list[first + 1]};
}

/// Empty when it is no convolution of this engine.
std::optional<ConvShape> conv_shape(const StepContext& c) {
  const Shape& src = c.in(0).shape;
  const Shape& wei = c.in(1).shape;
  if (src.size() > 4) return std::nullopt;
  if (!is_own_int8_layer(c, element_count(wei) / std::max<std::int64_t>(1, wei[0]))) return std::nullopt;
  const Window w = read_window(c.attributes(), Ints(wei.begin() + 2, wei.end()));
  ConvShape s{};
  s.n = src[0];
  s.ic = src[1];
  s.oc = wei[0];
  s.groups = c.attributes().get_int("groups", 1);
  std::tie(s.ih, s.iw) = plane(src, 2, 1);
  std::tie(s.oh, s.ow) = plane(c.out().shape, 2, 1);
  std::tie(s.kh, s.kw) = plane(wei, 2, 1);
  std::tie(s.stride_h, s.stride_w) = plane(w.strides, 0, 1);
  std::tie(s.pad_top, s.pad_left) = plane(w.pads_begin, 0, 0);
  std::tie(s.dilation_h, s.dilation_w) = plane(w.dilations, 0, 1);
  return s;
}

}  // namespace

std::vector<std::string> int8_conv_step_kernels(const StepContext& c) {
  const std::optional<ConvShape> shape = conv_shape(c);
  return shape ? int8_conv_kernels(*shape) : std::vector<std::string>{};
}

StepPtr make_int8_conv_step(const StepContext& c) {
  const std::optional<ConvShape> shape = conv_shape(c);
  if (!shape) return nullptr;
  const std::vector<std::string> kernels = int8_conv_kernels(*shape);
  const std::string& kernel = c.kernel().empty() ? kernels.front() : c.kernel();
  if (std::find(kernels.begin(), kernels.end(), kernel) == kernels.end()) return nullptr;
  auto conv = make_int8_conv(*shape, kernel, c.constant<std::int8_t>(1), stored_zero_point(c.in(0)),
                             make_epilogue(c, shape->oc), c.threads());
  const std::string name = conv->name();
  auto step = std::make_unique<Int8ConvStep>(c, std::move(conv));
  step->named("convolution", name);
  return step;
}

StepPtr make_int8_linear_step(const StepContext& c) {
  const std::int64_t outputs = c.in(1).shape[0], inputs = c.in(1).shape[1];
  if (!is_own_int8_layer(c, inputs)) return nullptr;
  if (!same_order(c.in(0), Layout::plain) || !same_order(c.out(), Layout::plain)) return nullptr;
  const std::int64_t rows = c.in(0).elements() / inputs;
  const std::int32_t zero_point = stored_zero_point(c.in(0));
  if (rows <= kGemvRows) {
    auto step = std::make_unique<Int8GemvStep>(
        c, Int8Gemv(rows, inputs, outputs, c.constant<std::int8_t>(1), zero_point, make_epilogue(c, outputs)));
    step->named("inner_product", "xpuq:int8_gemv");
    return step;
  }
  // A matrix product is a 1x1 convolution of an image that is `rows` high and one pixel wide.
  ConvShape s{1, inputs, rows, 1, outputs, rows, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1};
  auto conv = make_int8_conv(s, int8_conv_kernels(s).front(), c.constant<std::int8_t>(1), zero_point,
                             make_epilogue(c, outputs), c.threads());
  auto step = std::make_unique<Int8ConvStep>(c, std::move(conv));
  step->named("inner_product", "xpuq:int8_gemm");
  return step;
}

}  // namespace xpuq::cpu
