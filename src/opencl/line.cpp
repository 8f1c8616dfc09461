// cumsum (src/reference/cumsum.cpp): one work item a line, float sums in two floats. topk (src/reference/topk.cpp): an
// element's place is the number of elements that go before it, counted for all elements at once.
#include "opencl/line.h"

#include "opencl/c_type.h"
#include "opencl/formula.h"
#include "opencl/kernel_text.h"
#include "opencl/number.h"
#include "opencl/refuse.h"

namespace xpuq::opencl {
namespace {

struct Lines {
  std::int64_t outer, count, inner;
};

Lines lines_of(const Shape& shape, std::int64_t axis) {
  Lines l{1, shape[static_cast<std::size_t>(axis)], 1};
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (static_cast<std::int64_t>(i) < axis) l.outer *= shape[i];
    if (static_cast<std::int64_t>(i) > axis) l.inner *= shape[i];
  }
  return l;
}

Result<void> check_line(const Plan& plan, const Step& step) {
  const PlanValue& src = plan.values[step.inputs[0]];
  if (!is_kernel_float(src.type.dtype) && !is_integer(src.type.dtype)) return refusal(step, "unsupported type", std::string(to_string(src.type.dtype)));
  if (src.type.elements() >= std::int64_t{1} << 31) return refusal(step, "more than 2^31 elements");
  if (!lies_plain(src) || !lies_plain(plan.values[step.outputs[0]])) return refusal(step, "channels-last values");
  return {};
}

}  // namespace

Result<std::vector<Kernel>> emit_cumsum(const Plan& plan, const Step& step) {
  XPUQ_TRY(check_line(plan, step));
  const DataType dtype = plan.values[step.inputs[0]].type.dtype;
  const bool real = is_kernel_float(dtype), exclusive = step.attributes.get_int("exclusive", 0) != 0;
  const bool reverse = step.attributes.get_int("reverse", 0) != 0;
  const Lines l = lines_of(plan.values[step.inputs[0]].type.shape, step.attributes.get_int("axis", 0));
  KernelText out("cumsum");
  Prelude& prelude = out.prelude();
  const std::string x = out.read(step.inputs[0], dtype), y = out.write(step.outputs[0], dtype);
  out.begin({.items = l.outer * l.inner});
  const std::vector<std::int64_t> sizes{l.outer, l.inner};
  const std::vector<std::string> names{"line", "lane"};
  out.decode("item", sizes, names);
  out.line("const int first = line * " + text(l.count * l.inner) + " + lane" + (reverse ? " + " + text((l.count - 1) * l.inner) : "") + ";");
  out.line(real ? "float2 sum = (float2)(0.0f, 0.0f);" : "ulong sum = 0;");
  out.line("for (int i = 0; i < " + text(l.count) + "; ++i) {");
  out.line("const int at = first + i * " + text(reverse ? -l.inner : l.inner) + ";");
  const std::string result = real ? from_f32(dtype, prelude.function("pair_round") + "(sum)", prelude) : "(" + std::string(c_type(dtype)) + ")sum";
  const std::string add = real ? "sum = " + prelude.function("pair_sum") + "(sum, (float2)(" + as_f32(dtype, x + "[at]", prelude) + ", 0.0f));"
                               : "sum += (ulong)" + x + "[at];";
  if (exclusive) out.line(y + "[at] = " + result + ";");
  out.line(add);
  if (!exclusive) out.line(y + "[at] = " + result + ";");
  out.line("}");
  return std::vector<Kernel>{out.finish()};
}

Result<std::vector<Kernel>> emit_topk(const Plan& plan, const Step& step) {
  XPUQ_TRY(check_line(plan, step));
  const DataType dtype = plan.values[step.inputs[0]].type.dtype;
  const bool real = is_kernel_float(dtype);
  const Lines l = lines_of(plan.values[step.inputs[0]].type.shape, step.attributes.get_int("axis", 0));
  const std::int64_t k = step.attributes.get_int("k", 0);
  KernelText out("topk");
  Prelude& prelude = out.prelude();
  const std::string x = out.read(step.inputs[0], dtype), y = out.write(step.outputs[0], DataType::s64);
  out.begin({.items = l.outer * l.count * l.inner});
  const std::vector<std::int64_t> sizes{l.outer, l.count, l.inner};
  const std::vector<std::string> names{"line", "place", "lane"};
  out.decode("item", sizes, names);
  const std::string type = real ? "float" : "long";
  const auto element = [&](const std::string& i) {
    return as_f32(dtype, x + "[first + " + i + " * " + text(l.inner) + "]", prelude);
  };
  out.line("const int first = line * " + text(l.count * l.inner) + " + lane;");
  out.line("const " + type + " v = " + element("place") + ";");
  out.line("int rank = 0;");
  out.line("for (int i = 0; i < " + text(l.count) + "; ++i) {");
  out.line("const " + type + " u = " + element("i") + ";");
  // NaN is larger than everything and equal to itself; equal ones stay in order.
  const bool largest = step.attributes.get_int("largest", 1) != 0;
  const std::string a = largest ? "v" : "u", b = largest ? "u" : "v";
  const std::string before = real ? "(" + a + " < " + b + " || (" + b + " != " + b + " && " + a + " == " + a + "))" : a + " < " + b;
  const std::string equal = real ? "(u == v || (u != u && v != v))" : "u == v";
  out.line("if (" + before + " || (" + equal + " && i < place)) ++rank;");
  out.line("}");
  out.line("if (rank < " + text(k) + ") " + y + "[(line * " + text(k) + " + rank) * " + text(l.inner) + " + lane] = place;");
  return std::vector<Kernel>{out.finish()};
}

}  // namespace xpuq::opencl
