// Reductions; those without an operation of their own are composed.
#include <algorithm>

#include "import/onnx/operators.h"

namespace xpuq::onnx_import {
namespace {

struct Reduction {
  Ints written;  ///< the axes as the file has them; what [-1,-2] means differs from [2,3]
  Ints axes;     ///< sorted; empty: nothing is reduced
  bool keep = true;

  Attributes attributes() const { return {{"axes", axes}, {"keepdims", std::int64_t{keep}}}; }
};

/// axes is an attribute up to opset 17 (12 for ReduceSum) and an input since. No axes mean all, or none at all with
/// noop_with_empty_axes.
Result<Reduction> read(const Call& c) {
  Reduction r;
  XPUQ_ASSIGN(r.keep, c.flag("keepdims", true));
  XPUQ_ASSIGN(const bool noop, c.flag("noop_with_empty_axes", false));
  XPUQ_ASSIGN(const auto axes, c.ints_from("axes", 1));
  if (axes) r.written = *axes;
  if (r.written.empty() && !noop)
    for (std::int64_t i = 0; i < c.rank(0); ++i) r.axes.push_back(i);
  if (!r.written.empty()) {
    XPUQ_ASSIGN(r.axes, c.axes(r.written, c.rank(0)));
  }
  return r;
}

/// The reduction of one value (not always input 0); nothing for no axes.
Result<ValueId> reduced(const Call& c, OpKind kind, ValueId v, const Reduction& r, bool last) {
  if (r.axes.empty()) return v;
  return last ? c.emit(kind, {v}, r.attributes()) : c.step(kind, {v}, r.attributes());
}

Result<Outputs> sum_of(const Call& c, ValueId v, const Reduction& r) {
  XPUQ_ASSIGN(const ValueId out, reduced(c, OpKind::reduce_sum, v, r, true));
  return Outputs{out};
}

}  // namespace

Result<Outputs> reduce(Call& c) {
  XPUQ_ASSIGN(const Reduction r, read(c));
  XPUQ_ASSIGN(const ValueId out, reduced(c, c.op.kind, c.in(0), r, true));
  return Outputs{out};
}

// Note A of pt2e-semantics 8: what torch.export writes for adaptive_avg_pool2d(1) is a mean over [-1,-2] with keepdims.
Result<Outputs> reduce_mean(Call& c) {
  XPUQ_ASSIGN(const Reduction r, read(c));
  if (r.keep && r.written == Ints{-1, -2} && c.rank(0) == 4 && c.dtype(0) == DataType::f32)
    return c.result(OpKind::adaptive_avg_pool, {c.in(0)}, {{"output_size", Ints{1, 1}}});
  XPUQ_ASSIGN(const ValueId out, reduced(c, OpKind::reduce_mean, c.in(0), r, true));
  return Outputs{out};
}

Result<Outputs> reduce_l1(Call& c) {
  XPUQ_ASSIGN(const Reduction r, read(c));
  XPUQ_ASSIGN(const ValueId size, c.step(OpKind::abs, {c.in(0)}));
  return sum_of(c, size, r);
}

Result<Outputs> reduce_sum_square(Call& c) {
  XPUQ_ASSIGN(const Reduction r, read(c));
  XPUQ_ASSIGN(const ValueId square, c.step(OpKind::mul, {c.in(0), c.in(0)}));
  return sum_of(c, square, r);
}

Result<Outputs> reduce_l2(Call& c) {
  XPUQ_ASSIGN(const Reduction r, read(c));
  XPUQ_ASSIGN(const ValueId square, c.step(OpKind::mul, {c.in(0), c.in(0)}));
  XPUQ_ASSIGN(const ValueId sum, reduced(c, OpKind::reduce_sum, square, r, false));
  return c.result(OpKind::sqrt, {sum});
}

Result<Outputs> reduce_log_sum(Call& c) {
  XPUQ_ASSIGN(const Reduction r, read(c));
  XPUQ_ASSIGN(const ValueId sum, reduced(c, OpKind::reduce_sum, c.in(0), r, false));
  return c.result(OpKind::log, {sum});
}

// max + log(sum(exp(x - max))), so that large inputs do not overflow.
Result<Outputs> reduce_log_sum_exp(Call& c) {
  XPUQ_ASSIGN(Reduction r, read(c));
  if (r.axes.empty()) return Outputs{c.in(0)};
  const bool keep = r.keep;
  r.keep = true;
  XPUQ_ASSIGN(const ValueId largest, reduced(c, OpKind::reduce_max, c.in(0), r, false));
  XPUQ_ASSIGN(const ValueId below, c.step(OpKind::sub, {c.in(0), largest}));
  XPUQ_ASSIGN(const ValueId powers, c.step(OpKind::exp, {below}));
  XPUQ_ASSIGN(const ValueId sum, reduced(c, OpKind::reduce_sum, powers, r, false));
  XPUQ_ASSIGN(const ValueId log, c.step(OpKind::log, {sum}));
  if (keep) return c.result(OpKind::add, {log, largest});
  XPUQ_ASSIGN(const ValueId out, c.step(OpKind::add, {log, largest}));
  Shape shape = c.builder.shape(out);
  for (auto axis = r.axes.rbegin(); axis != r.axes.rend(); ++axis) shape.erase(shape.begin() + *axis);
  return c.result(OpKind::reshape, {out}, {{"shape", shape}});
}

// The first of equal elements, or the last: the first of the reversed axis, counted back.
Result<Outputs> arg_max(Call& c) {
  XPUQ_ASSIGN(const std::int64_t axis, c.axis(c.int_or("axis", 0), c.rank(0)));
  XPUQ_ASSIGN(const bool keep, c.flag("keepdims", true));
  XPUQ_ASSIGN(const bool last, c.flag("select_last_index", false));
  ValueId v = c.in(0);
  if (c.op.kind == OpKind::neg) {
    XPUQ_ASSIGN(v, c.step(OpKind::neg, {v}));
  }
  const Attributes how{{"axis", axis}, {"keepdims", std::int64_t{keep}}};
  if (!last) return c.result(OpKind::argmax, {v}, how);
  const Shape shape = c.shape(0);
  const auto at = static_cast<std::size_t>(axis);
  Ints starts(shape.size(), 0);
  Ints steps(shape.size(), 1);
  starts[at] = std::max<std::int64_t>(0, shape[at] - 1);
  steps[at] = -1;
  XPUQ_ASSIGN(const ValueId reversed,
              c.step(OpKind::slice, {v}, {{"starts", starts}, {"sizes", shape}, {"steps", steps}}));
  XPUQ_ASSIGN(const ValueId place, c.step(OpKind::argmax, {reversed}, how));
  return c.result(OpKind::sub, {c.scalar(DataType::s64, static_cast<double>(shape[at] - 1)), place});
}

// The largest of the negated floats; negating the smallest integer would wrap.
Result<Outputs> arg_min(Call& c) {
  if (c.dtype(0) != DataType::f32 && c.dtype(0) != DataType::f64)
    return c.problem("the input has the wrong type", std::string(to_string(c.dtype(0))), "f32");
  return arg_max(c);
}

}  // namespace xpuq::onnx_import
