// Reductions and argmax (src/reference/reduce.cpp). Float sums and products are carried in two floats; maxima, integer
// sums (modulo 2^64) and argmax are exact.
#include "opencl/reduce.h"

#include <algorithm>

#include "opencl/c_type.h"
#include "opencl/formula.h"
#include "opencl/number.h"
#include "opencl/refuse.h"
#include "opencl/row_kernel.h"

namespace xpuq::opencl {
namespace {

/// How a reduction goes: `state` starts as `start`, takes each element `v`, and meets others as a and b.
struct Fold {
  std::string type, start, take, combine, result;
};

Fold float_fold(OpKind op, std::int64_t count, Prelude& prelude) {
  switch (op) {
    case OpKind::reduce_max:
      return {"float", "-INFINITY", "v > state || v != v ? v : state", "b > a || b != b ? b : a", "state"};
    case OpKind::reduce_min:
      return {"float", "INFINITY", "v < state || v != v ? v : state", "b < a || b != b ? b : a", "state"};
    case OpKind::reduce_prod:
      prelude.need("pair_product");
      return {"float2", "(float2)(1.0f, 0.0f)", "xpuq_pair_product(state, (float2)(v, 0.0f))", "xpuq_pair_product(a, b)",
              prelude.function("pair_round") + "(state)"};
    default: break;
  }
  prelude.need("pair_sum");
  Fold fold{"float2", "(float2)(0.0f, 0.0f)", prelude.function("pair_add") + "(state, v)", "xpuq_pair_sum(a, b)", "state"};
  if (op == OpKind::reduce_mean)
    fold.result = "(state.x - state.x == 0.0f ? " + prelude.function("pair_quotient") + "(state, " + text(static_cast<float>(count)) + ") : state)";
  fold.result = prelude.function("pair_round") + "(" + fold.result + ")";
  return fold;
}

Fold integer_fold(const Step& step, DataType dtype) {
  const std::string narrow = "(" + std::string(c_type(dtype)) + ")state";
  switch (step.op) {
    case OpKind::reduce_max: return {"long", text(least(dtype)), "v > state ? v : state", "b > a ? b : a", narrow};
    case OpKind::reduce_min: return {"long", text(greatest(dtype)), "v < state ? v : state", "b < a ? b : a", narrow};
    case OpKind::reduce_prod: return {"long", "1", "(long)((ulong)state * (ulong)v)", "(long)((ulong)a * (ulong)b)", narrow};
    default: return {"long", "0", "(long)((ulong)state + (ulong)v)", "(long)((ulong)a + (ulong)b)", narrow};
  }
}

Kernel fold_rows(RowKernel kernel, DataType dtype, const Fold& fold, Source& source, Tail& tail) {
  KernelText& out = kernel.source();
  const bool real = is_kernel_float(dtype);
  source.declare(out);
  const std::string y = tail.declare(out);
  kernel.begin();
  out.line(fold.type + " state = " + fold.start + ";");
  const std::string v = real ? "const float v = " + as_f32(dtype, source.element(kernel), out.prelude()) : "const long v = " + source.element(kernel);
  kernel.each(v + "; state = " + fold.take + ";");
  kernel.combine("state", fold.type, fold.combine);
  kernel.once(y + "[dst_row] = " + (real ? tail.element(fold.result, out) : fold.result) + ";");
  return kernel.finish();
}

/// Axes of src as rows and row; dst has those kept, in order.
RowKernel make_rows(const Plan& plan, const Step& step, const std::vector<bool>& reduced, const Source& source, const Tail& tail) {
  const PlanValue& src = plan.values[step.inputs[0]];
  const PlanValue& dst = plan.values[tail.value()];
  const Shape& shape = src.type.shape;
  const bool keeps = dst.type.shape.size() == shape.size();
  const std::vector<std::int64_t> from = strides_of(src), to = strides_of(dst);
  std::vector<RowAxis> rows, row;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (reduced[i]) row.push_back({shape[i], from[i], 0, source.strides(i)});
    else rows.push_back({shape[i], from[i], to[keeps ? i : kept], source.strides(i)});
    if (!reduced[i]) ++kept;
  }
  // Any order of the elements of a row gives the same sum, up to the stated bound: that of memory is the fastest. The
  // order of rows is free, too. An argmax counts its one axis in order.
  const auto by_src = [](const RowAxis& a, const RowAxis& b) { return a.src > b.src; };
  std::stable_sort(row.begin(), row.end(), by_src);
  std::stable_sort(rows.begin(), rows.end(), by_src);
  return RowKernel(std::string(to_string(step.op)), std::move(rows), std::move(row));
}

Kernel argmax(RowKernel kernel, const Step& step, DataType dtype) {
  KernelText& text = kernel.source();
  const std::string x = text.read(step.inputs[0], dtype), y = text.write(step.outputs[0], DataType::s64);
  const bool real = is_kernel_float(dtype);
  const std::string type = real ? "float" : "long";
  kernel.begin();
  // The first of equal ones wins; NaN is the largest.
  const std::string larger = real ? "(v > best || (v != v && best == best))" : "v > best";
  text.line(type + " best = 0;");
  text.line("long place = -1;");
  kernel.each("const " + type + " v = " + as_f32(dtype, x + "[src_at]", text.prelude()) + "; if (place < 0 || " + larger +
              ") { best = v; place = j; }");
  text.prelude().need("best_" + type);
  text.line("xpuq_best_" + type + " state = {best, place};");
  kernel.combine("state", "xpuq_best_" + type, "xpuq_beats_" + type + "(b, a) ? b : a");
  kernel.once(y + "[dst_row] = state.place;");
  return kernel.finish();
}

}  // namespace

Result<std::vector<Kernel>> emit_reduce(const Plan& plan, const Step& step, Source source, Tail tail) {
  const TensorType& src = plan.values[step.inputs[0]].type;
  const DataType dtype = src.dtype;
  if (!is_kernel_float(dtype) && !is_integer(dtype)) return refusal(step, "unsupported type", std::string(to_string(dtype)));
  std::vector<bool> reduced(src.shape.size(), false);
  if (step.op == OpKind::argmax) reduced[static_cast<std::size_t>(step.attributes.get_int("axis", 0))] = true;
  for (const std::int64_t axis : step.attributes.get_ints("axes")) reduced[static_cast<std::size_t>(axis)] = true;
  RowKernel kernel = make_rows(plan, step, reduced, source, tail);
  if (step.op == OpKind::argmax) return std::vector<Kernel>{argmax(std::move(kernel), step, dtype)};

  const bool real = is_kernel_float(dtype);
  const Fold fold = real ? float_fold(step.op, kernel.count(), kernel.source().prelude()) : integer_fold(step, dtype);
  return std::vector<Kernel>{fold_rows(std::move(kernel), dtype, fold, source, tail)};
}

Kernel emit_mean(RowKernel rows, DataType dtype, Source& source, Tail& tail) {
  const Fold fold = float_fold(OpKind::reduce_mean, rows.count(), rows.source().prelude());
  return fold_rows(std::move(rows), dtype, fold, source, tail);
}

}  // namespace xpuq::opencl
