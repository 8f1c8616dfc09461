// scatter (src/reference/scatter.cpp). Each work item owns one element of dst and looks for the updates that mean it, in
// their order, so that repeated indices and sums give the interpreter's bits.
#include "opencl/scatter.h"

#include "opencl/c_type.h"
#include "opencl/elementwise.h"
#include "opencl/formula.h"
#include "opencl/number.h"
#include "opencl/refuse.h"

namespace xpuq::opencl {
namespace {

/// What becomes of the element `v` when the update `u` meets it; empty when the type has no such reduction.
std::string combined(const std::string& reduction, DataType dtype, Prelude& prelude) {
  if (reduction != "add" && reduction != "mul" && reduction != "min" && reduction != "max") return "u";
  const std::string op = reduction == "add" ? "+" : "*";
  const std::string order = reduction == "min" ? " < " : " > ";
  if (is_kernel_float(dtype)) {
    const std::string a = as_f32(dtype, "v", prelude), b = as_f32(dtype, "u", prelude);
    if (reduction == "add" || reduction == "mul") return from_f32(dtype, a + " " + op + " " + b, prelude);
    return a + order + b + " || " + a + " != " + a + " ? v : u";
  }
  if (!is_integer(dtype)) return "";
  if (reduction == "add" || reduction == "mul") return "(" + std::string(c_type(dtype)) + ")((ulong)v " + op + " (ulong)u)";
  return "v" + order + "u ? v : u";
}

}  // namespace

Result<std::vector<Kernel>> emit_scatter(const Plan& plan, const Step& step) {
  const PlanValue& index = plan.values[step.inputs[1]];
  const PlanValue& updates = plan.values[step.inputs[2]];
  const PlanValue& dst = plan.values[step.outputs[0]];
  const Shape& shape = dst.type.shape;
  const DataType dtype = dst.type.dtype;
  for (const std::uint32_t v : {step.inputs[0], step.inputs[1], step.inputs[2], step.outputs[0]}) {
    if (!lies_plain(plan.values[v])) return refusal(step, "channels-last values");
    if (plan.values[v].type.elements() >= std::int64_t{1} << 31) return refusal(step, "more than 2^31 elements");
  }
  KernelText out{std::string(to_string(step.op))};
  const std::string result = combined(step.attributes.get_string("reduction"), dtype, out.prelude());
  if (result.empty()) return refusal(step, "unsupported type", std::string(to_string(dtype)));
  const std::string x = out.read(step.inputs[0], dtype), i = out.read(step.inputs[1], index.type.dtype);
  const std::string u = out.read(step.inputs[2], dtype), y = out.write(step.outputs[0], dtype);
  const std::vector<std::string> o = coordinate_names(shape.size());
  begin_elements(out, dst);
  out.line(std::string(c_type(dtype)) + " v = " + x + "[to];");
  const auto wrapped = [&](std::size_t axis) { return "(g < 0 ? g + " + text(shape[axis]) + " : g) == " + o[axis]; };
  if (step.op == OpKind::scatter_elements) {
    const auto axis = static_cast<std::size_t>(step.attributes.get_int("axis", 0));
    std::string inside;
    for (std::size_t k = 0; k < shape.size(); ++k)
      if (k != axis && index.type.shape[k] < shape[k]) inside += (inside.empty() ? "" : " && ") + o[k] + " < " + text(index.type.shape[k]);
    std::vector<std::string> at = o;
    at[axis] = "k";
    if (!inside.empty()) out.line("if (" + inside + ")");
    out.line("for (int k = 0; k < " + text(index.type.shape[axis]) + "; ++k) {");
    out.line("const int at = " + address(index, at) + ";");
    out.line("const long g = " + i + "[at];");
    out.line("if (" + wrapped(axis) + ") { const " + std::string(c_type(dtype)) + " u = " + u + "[at]; v = " + result + "; }");
    out.line("}");
  } else {
    const auto depth = static_cast<std::size_t>(index.type.shape.back());
    const std::int64_t positions = index.type.elements() / index.type.shape.back();
    std::int64_t block = 1;
    std::string inner;
    const std::vector<std::int64_t> strides = strides_of(dst);
    for (std::size_t k = depth; k < shape.size(); ++k) {
      block *= shape[k];
      if (shape[k] != 1) inner += " + " + o[k] + " * " + text(strides[k]);
    }
    out.line("for (int k = 0; k < " + text(positions) + "; ++k) {");
    for (std::size_t k = 0; k < depth; ++k)
      out.line("{ const long g = " + i + "[k * " + text(static_cast<std::int64_t>(depth)) + " + " + text(static_cast<std::int64_t>(k)) + "]; if (!(" + wrapped(k) + ")) continue; }");
    out.line("const " + std::string(c_type(dtype)) + " u = " + u + "[k * " + text(block) + inner + "];");
    out.line("v = " + result + ";");
    out.line("}");
  }
  (void)updates;
  out.line(y + "[to] = v;");
  return std::vector<Kernel>{out.finish()};
}

}  // namespace xpuq::opencl
