// grid_sample (src/reference/grid_sample.cpp): coordinates in f32, operation for operation; weights and sums in two
// floats where the interpreter has f64.
#include "opencl/grid_sample.h"

#include "opencl/c_type.h"
#include "opencl/elementwise.h"
#include "opencl/number.h"
#include "opencl/refuse.h"

namespace xpuq::opencl {
namespace {

std::string place(const std::string& g, std::int64_t size, bool aligned) {
  const std::string n = text(static_cast<float>(size));
  return aligned ? "(" + g + " + 1.0f) / 2.0f * (" + n + " - 1.0f)" : "((" + g + " + 1.0f) * " + n + " - 1.0f) / 2.0f";
}

}  // namespace

Result<std::vector<Kernel>> emit_grid_sample(const Plan& plan, const Step& step) {
  const PlanValue& src = plan.values[step.inputs[0]];
  const PlanValue& grid = plan.values[step.inputs[1]];
  const PlanValue& dst = plan.values[step.outputs[0]];
  if (src.type.dtype != DataType::f32 || grid.type.dtype != DataType::f32) return refusal(step, "unsupported type", std::string(to_string(src.type.dtype)));
  for (const PlanValue* v : {&src, &grid, &dst})
    if (v->type.elements() >= std::int64_t{1} << 31) return refusal(step, "more than 2^31 elements");
  const std::string& mode = step.attributes.get_string("mode");
  const std::string& padding = step.attributes.get_string("padding");
  const bool aligned = step.attributes.get_int("align_corners", 0) != 0;
  const std::int64_t height = src.type.shape[2], width = src.type.shape[3];
  KernelText out("grid_sample");
  Prelude& prelude = out.prelude();
  const std::string x = out.read(step.inputs[0], DataType::f32), g = out.read(step.inputs[1], DataType::f32);
  const std::string y = out.write(step.outputs[0], DataType::f32);
  for (const char* piece : {"pair_product", "pair_sum", "pair_round", "two_sum"}) prelude.need(piece);
  if (padding == "reflection") prelude.need("reflected");
  begin_elements(out, dst);
  // padded(v, size): a coordinate moved into the picture, except where zeros surround it.
  const auto padded = [&](const std::string& v, std::int64_t size) {
    if (padding == "zeros") return v;
    const std::string inner = padding == "reflection"
                                  ? "xpuq_reflected(" + v + ", " + (aligned ? "0.0f" : "(-0.5f)") + ", " + text(static_cast<float>(aligned ? size - 1 : size)) + ")"
                                  : v;
    const std::string t = text(static_cast<float>(size - 1));
    // As std::clamp.
    return prelude.function("clamp_coordinate") + "(" + inner + ", " + t + ")";
  };
  const std::vector<std::string> corner{"o0", "o2", "o3", "0"};
  out.line("const int at = " + address(grid, corner) + ";");
  out.line("float column = " + place(g + "[at]", width, aligned) + ";");
  out.line("float row = " + place(g + "[at + 1]", height, aligned) + ";");
  out.line("column = column > -1e9f ? (1e9f < column ? 1e9f : column) : -1e9f;");
  out.line("row = row > -1e9f ? (1e9f < row ? 1e9f : row) : -1e9f;");
  const std::string pixel = address(src, {"o0", "o1", "pr", "pc"});
  const std::string inside = "pr >= 0 && pr < " + text(height) + " && pc >= 0 && pc < " + text(width);
  const auto read_pixel = [&](const std::string& r, const std::string& c, const std::string& name) {
    out.line("float " + name + " = 0.0f;");
    out.line("{ const int pr = (int)(" + r + "), pc = (int)(" + c + "); if (" + inside + ") " + name + " = " + x + "[" + pixel + "]; }");
  };
  if (mode == "cubic") {
    prelude.need("keys_weight");
    out.line("const float top = floor(row), left = floor(column);");
    out.line("const float2 ty = xpuq_two_sum(row, -top), tx = xpuq_two_sum(column, -left);");
    out.line("float2 sum = (float2)(0.0f, 0.0f);");
    out.line("for (int i = 0; i < 4; ++i) for (int j = 0; j < 4; ++j) {");
    read_pixel(padded("top - 1.0f + (float)i", height), padded("left - 1.0f + (float)j", width), "v");
    out.line("const float2 w = xpuq_pair_product(xpuq_keys_weight(ty, i), xpuq_keys_weight(tx, j));");
    out.line("sum = xpuq_pair_sum(sum, xpuq_pair_product(w, (float2)(v, 0.0f)));");
    out.line("}");
    out.line(y + "[to] = xpuq_pair_round(sum);");
    return std::vector<Kernel>{out.finish()};
  }
  out.line("row = " + padded("row", height) + ";");
  out.line("column = " + padded("column", width) + ";");
  if (mode != "linear") {
    read_pixel("rint(row)", "rint(column)", "v");
    out.line(y + "[to] = v;");
    return std::vector<Kernel>{out.finish()};
  }
  out.line("const float top = floor(row), left = floor(column);");
  out.line("const float2 down = xpuq_two_sum(row, -top), right = xpuq_two_sum(column, -left);");
  out.line("const float2 up = xpuq_pair_sum((float2)(1.0f, 0.0f), -down), near = xpuq_pair_sum((float2)(1.0f, 0.0f), -right);");
  read_pixel("top", "left", "a");
  read_pixel("top", "left + 1.0f", "b");
  read_pixel("top + 1.0f", "left", "c");
  read_pixel("top + 1.0f", "left + 1.0f", "d");
  out.line("const float2 upper = xpuq_pair_sum(xpuq_pair_product(near, (float2)(a, 0.0f)), xpuq_pair_product(right, (float2)(b, 0.0f)));");
  out.line("const float2 lower = xpuq_pair_sum(xpuq_pair_product(near, (float2)(c, 0.0f)), xpuq_pair_product(right, (float2)(d, 0.0f)));");
  out.line(y + "[to] = xpuq_pair_round(xpuq_pair_sum(xpuq_pair_product(up, upper), xpuq_pair_product(down, lower)));");
  return std::vector<Kernel>{out.finish()};
}

}  // namespace xpuq::opencl
