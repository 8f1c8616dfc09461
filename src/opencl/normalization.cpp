// batchnorm, layer_norm, group_norm (src/reference/normalization.cpp). batchnorm is f32 arithmetic and exact; the others
// carry in two floats what the interpreter has in f64.
#include "opencl/normalization.h"

#include "opencl/c_type.h"
#include "opencl/formula.h"
#include "opencl/number.h"
#include "opencl/refuse.h"
#include "opencl/row_kernel.h"

namespace xpuq::opencl {
namespace {

Kernel batchnorm(const Plan& plan, const Step& step, Tail& tail) {
  const PlanValue& src = plan.values[step.inputs[0]];
  const PlanValue& dst = plan.values[tail.value()];
  const auto from = strides_of(src), to = strides_of(dst);
  const Shape& shape = dst.type.shape;
  // The axes in the order of dst's memory.
  std::vector<std::int64_t> sizes, read, written, channel;
  const auto add = [&](std::size_t i) {
    sizes.push_back(shape[i]);
    read.push_back(from[i]);
    written.push_back(to[i]);
    channel.push_back(i == 1 ? 1 : 0);
  };
  const bool last = !lies_plain(dst);
  add(0);
  if (!last) add(1);
  for (std::size_t i = 2; i < shape.size(); ++i) add(i);
  if (last) add(1);

  KernelText out("batchnorm");
  Prelude& prelude = out.prelude();
  if (element_count(shape) >= std::int64_t{1} << 31) out.use_wide_indices();
  const std::string x = out.read(step.inputs[0], src.type.dtype);
  std::vector<std::string> parameter;
  for (std::size_t i = 1; i < 5; ++i) {
    const DataType type = plan.values[step.inputs[i]].type.dtype;
    parameter.push_back(as_f32(type, out.read(step.inputs[i], type) + "[c]", prelude));
  }
  const std::string y = tail.declare(out);
  out.begin({.items = element_count(shape)});
  std::vector<std::string> names;
  for (std::size_t i = 0; i < sizes.size(); ++i) names.push_back("i" + std::to_string(i));
  out.decode("item", sizes, names);
  std::string a, b, c;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    a += (a.empty() ? "" : " + ") + names[i] + " * " + text(read[i]);
    b += (b.empty() ? "" : " + ") + names[i] + " * " + text(written[i]);
    if (channel[i] != 0) c = names[i];
  }
  out.line("const " + out.index_type() + " c = " + c + ";");
  const float eps = static_cast<float>(step.attributes.get_float("eps", 0));
  out.line("const float gamma = " + parameter[0] + ", beta = " + parameter[1] + ", mean = " + parameter[2] + ", var = " + parameter[3] + ";");
  out.line("const float r = 1.0f / sqrt(var + " + text(eps) + ");");
  out.line("const float scale = gamma * r;");
  out.line("const float shift = (0.0f - mean) * r * gamma + beta;");
  out.line(y + "[" + b + "] = " + tail.element(as_f32(src.type.dtype, x + "[" + a + "]", prelude) + " * scale + shift", out) + ";");
  return out.finish();
}

Kernel normalize(const Plan& plan, const Step& step, Source& source, Tail& tail) {
  const PlanValue& src = plan.values[step.inputs[0]];
  const PlanValue& dst = plan.values[tail.value()];
  const Shape& shape = src.type.shape;
  const auto from = strides_of(src), to = strides_of(dst);
  std::vector<RowAxis> rows, row;
  std::string number;  // of gamma and beta
  if (step.op == OpKind::layer_norm) {
    const auto axis = static_cast<std::size_t>(step.attributes.get_int("axis", 0));
    for (std::size_t i = 0; i < shape.size(); ++i) (i < axis ? rows : row).push_back({shape[i], from[i], to[i], source.strides(i)});
    number = "j";
  } else {
    const std::int64_t groups = step.attributes.get_int("groups", 1), size = shape[1] / groups;
    std::vector<std::int64_t> of_group = source.strides(1);
    for (std::int64_t& stride : of_group) stride *= size;
    rows = {{shape[0], from[0], to[0], source.strides(0)}, {groups, from[1] * size, to[1] * size, of_group}};
    row.push_back({size, from[1], to[1], source.strides(1)});
    std::int64_t inner = 1;
    for (std::size_t i = 2; i < shape.size(); ++i) {
      row.push_back({shape[i], from[i], to[i], source.strides(i)});
      inner *= shape[i];
    }
    number = "(" + std::string(groups == 1 ? "" : "(row % " + text(groups) + "u) * " + text(size) + "u + ") + "(uint)j / " + text(inner) + "u)";
  }
  RowKernel kernel(std::string(to_string(step.op)), std::move(rows), std::move(row));
  KernelText& out = kernel.source();
  Prelude& prelude = out.prelude();
  source.declare(out);
  std::vector<std::string> parameter;
  for (std::size_t i = 1; i < step.inputs.size(); ++i) {
    const DataType type = plan.values[step.inputs[i]].type.dtype;
    parameter.push_back(as_f32(type, out.read(step.inputs[i], type) + "[" + number + "]", prelude));
  }
  const std::string y = tail.declare(out);
  for (const char* piece : {"two_sum", "pair_add", "pair_sum", "pair_product", "pair_quotient", "pair_rsqrt", "pair_round"}) prelude.need(piece);
  const std::string v = "const float v = " + as_f32(src.type.dtype, source.element(kernel), prelude) + "; ";
  const std::string count = text(static_cast<float>(kernel.count()));
  const double eps = step.attributes.get_float("eps", 0);
  const float high = static_cast<float>(eps), low = static_cast<float>(eps - static_cast<double>(high));
  const std::string distance = "float2 d = xpuq_two_sum(v, -mean.x); d = xpuq_two_sum(d.x, d.y - mean.y); ";
  kernel.begin();
  out.line("float2 sum = (float2)(0.0f, 0.0f);");
  kernel.each(v + "sum = xpuq_pair_add(sum, v);");
  kernel.combine("sum", "float2", "xpuq_pair_sum(a, b)");
  out.line("const float2 mean = xpuq_pair_quotient(sum, " + count + ");");
  out.line("float2 squares = (float2)(0.0f, 0.0f);");
  kernel.each(v + distance + "squares = xpuq_pair_sum(squares, xpuq_pair_product(d, d));", true);
  kernel.combine("squares", "float2", "xpuq_pair_sum(a, b)");
  out.line("const float2 factor = xpuq_pair_rsqrt(xpuq_pair_sum(xpuq_pair_quotient(squares, " + count + "), (float2)(" + text(high) + ", " + text(low) + ")));");
  std::string result = "float2 r = xpuq_pair_product(d, factor); ";
  if (!parameter.empty()) result += "r = xpuq_pair_product(r, (float2)(" + parameter[0] + ", 0.0f)); ";
  if (parameter.size() > 1) result += "r = xpuq_pair_sum(r, (float2)(" + parameter[1] + ", 0.0f)); ";
  kernel.each(v + distance + result + y + "[dst_at] = " + tail.element("xpuq_pair_round(r)", out) + ";", true);
  return kernel.finish();
}

}  // namespace

Result<std::vector<Kernel>> emit_normalization(const Plan& plan, const Step& step, Source source, Tail tail) {
  for (const std::uint32_t v : step.inputs)
    if (!is_kernel_float(plan.values[v].type.dtype))
      return refusal(step, "unsupported type", std::string(to_string(plan.values[v].type.dtype)));
  return std::vector<Kernel>{step.op == OpKind::batchnorm ? batchnorm(plan, step, tail) : normalize(plan, step, source, tail)};
}

}  // namespace xpuq::opencl
