// softmax, log_softmax (src/reference/softmax.cpp). exp is within 1 ulp, the sum carried in two floats; exponentials are
// computed twice rather than kept, because dst may be narrower than f32.
#include "opencl/softmax.h"

#include "opencl/c_type.h"
#include "opencl/formula.h"
#include "opencl/refuse.h"
#include "opencl/row_kernel.h"

namespace xpuq::opencl {

Result<std::vector<Kernel>> emit_softmax(const Plan& plan, const Step& step, Source source, Tail tail) {
  const PlanValue& src = plan.values[step.inputs[0]];
  const PlanValue& dst = plan.values[tail.value()];
  const DataType dtype = src.type.dtype;
  if (!is_kernel_float(dtype)) return refusal(step, "unsupported type", std::string(to_string(dtype)));
  const auto axis = static_cast<std::size_t>(step.attributes.get_int("axis", 0));
  const auto from = strides_of(src), to = strides_of(dst);
  std::vector<RowAxis> rows, row;
  for (std::size_t i = 0; i < from.size(); ++i) (i == axis ? row : rows).push_back({src.type.shape[i], from[i], to[i], source.strides(i)});
  RowKernel kernel(std::string(to_string(step.op)), std::move(rows), std::move(row));

  KernelText& text = kernel.source();
  Prelude& prelude = text.prelude();
  source.declare(text);
  const std::string y = tail.declare(text);
  const std::string v = "const float v = " + as_f32(dtype, source.element(kernel), prelude) + "; ";
  const std::string exponential = prelude.function("exp") + "(v - largest)";
  kernel.begin();
  // A NaN is never larger, but makes the sum NaN, and with it the whole row.
  text.line("float largest = -INFINITY;");
  kernel.each(v + "if (v > largest) largest = v;");
  kernel.combine("largest", "float", "b > a ? b : a");
  text.line("float2 sum = (float2)(0.0f, 0.0f);");
  kernel.each(v + "sum = " + prelude.function("pair_add") + "(sum, " + exponential + ");", true);
  kernel.combine("sum", "float2", prelude.function("pair_sum") + "(a, b)");
  text.line("const float total = " + prelude.function("pair_round") + "(sum);");
  const bool logarithm = step.op == OpKind::log_softmax;
  if (logarithm) text.line("const float log_total = " + prelude.function("log") + "(total);");
  const std::string result = logarithm ? "v - largest - log_total" : exponential + " / total";
  kernel.each(v + y + "[dst_at] = " + tail.element(result, text) + ";", true);
  return std::vector<Kernel>{kernel.finish()};
}

}  // namespace xpuq::opencl
