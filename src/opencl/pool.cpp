// Pools (src/reference/pool.cpp). s8 averages are exact integer sums, ties settled as PyTorch's f32 sum settles them;
// maxima are exact; float averages carry in two floats what the interpreter has in f64.
#include "opencl/pool.h"

#include "opencl/c_type.h"
#include "opencl/formula.h"
#include "opencl/global_average.h"
#include "opencl/number.h"
#include "opencl/reduce.h"
#include "opencl/refuse.h"
#include "opencl/window.h"

namespace xpuq::opencl {
namespace {

const std::array<std::string, 3> kOut{"od", "oh", "ow"}, kIn{"d", "h", "w"};

struct Pool {
  const Step& step;
  DataType dtype;
  Picture src, dst;
  Triple kernel, strides, pads, pads_end, dilations;
};

Pool read_pool(const Plan& plan, const Step& step, const Tail& tail) {
  const Attributes& a = step.attributes;
  return {step, plan.values[step.inputs[0]].type.dtype, picture(plan.values[step.inputs[0]]), picture(plan.values[tail.value()]),
          triple(a.get_ints("kernel"), 1), triple(a.get_ints("strides"), 1), triple(a.get_ints("pads_begin"), 0),
          triple(a.get_ints("pads_end"), 0), triple(a.get_ints("dilations"), 1)};
}

/// Opens loops over the taps of the window; inside them `at` is the address of the tap in src.
void open_taps(KernelText& out, const Pool& p) {
  for (std::size_t i = 0; i < 3; ++i)
    out.line("for (int " + kIn[i] + " = " + kIn[i] + "0; " + kIn[i] + " < " + kIn[i] + "1; ++" + kIn[i] + ")");
  out.line("{ const " + out.index_type() + " at = " + address(p.src, "n", "c", kIn) + ";");
}

/// Declares d0, d1, ...: the part of the window inside src; and `count`, what the average is over.
void average_bounds(KernelText& out, const Pool& p) {
  const bool adaptive = p.step.op == OpKind::adaptive_avg_pool;
  std::string padded, inside;
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string &o = kOut[i], &k = kIn[i], size = text(p.src.size[i]);
    if (adaptive) {
      const std::string count = text(p.dst.size[i]);
      out.line("const int " + k + "0 = (int)((uint)" + o + " * " + size + "u / " + count + "u);");
      out.line("const int " + k + "1 = (int)(((uint)(" + o + " + 1) * " + size + "u + " + count + "u - 1u) / " + count + "u);");
    } else {
      out.line("const int " + k + "f = " + o + " * " + text(p.strides[i]) + " - " + text(p.pads[i]) + ";");
      out.line("const int " + k + "e = min(" + k + "f + " + text(p.kernel[i]) + ", " + text(p.src.size[i] + p.pads_end[i]) + ");");
      out.line("const int " + k + "0 = max(" + k + "f, 0), " + k + "1 = min(" + k + "e, " + size + ");");
      padded += (i == 0 ? "(" : " * (") + k + "e - " + k + "f)";
    }
    inside += (i == 0 ? "(" : " * (") + k + "1 - " + k + "0)";
  }
  const Attributes& a = p.step.attributes;
  std::string count = inside;
  if (!adaptive && a.has("divisor_override")) count = text(a.get_int("divisor_override", 1));
  else if (!adaptive && a.get_int("count_include_pad", 0) != 0) count = padded;
  out.line("const float count = (float)(" + count + ");");
}

Kernel average_s8(const Plan& plan, const Pool& p) {
  const QuantParams& quant = *plan.values[p.step.inputs[0]].type.quant;
  const std::int64_t lanes = p.src.channels_last && p.dst.channels_last && p.src.channels % 4 == 0 ? 4 : 1;
  KernelText out("avg_pool");
  const std::string x = out.read(p.step.inputs[0], DataType::s8), y = out.write(p.step.outputs[0], DataType::s8);
  const std::string l = out.literal(literal_bytes(std::vector<float>{static_cast<float>(quant.zero_points[0]), quant.scales[0], 1.0f / quant.scales[0]}), DataType::f32);
  const std::string clamp = out.prelude().function("clamp_code");
  begin_outputs(out, p.dst, lanes, kOut);
  out.line("const float zero = " + l + "[0], scale = " + l + "[1], inverse = " + l + "[2];");
  average_bounds(out, p);
  out.line(lanes == 4 ? "int4 sum = 0;" : "int sum = 0;");
  open_taps(out, p);
  out.line(lanes == 4 ? "sum += convert_int4(*(__global const char4*)(" + x + " + at)) - (int)zero; }" : "sum += (int)" + x + "[at] - (int)zero; }");
  out.line("const " + out.index_type() + " to = " + address(p.dst, "n", "c", kOut) + ";");
  out.line("int tie = 0;");
  out.line(lanes == 4 ? "char4 r;" : "char r;");
  for (std::int64_t k = 0; k < lanes; ++k) {
    const std::string part = lanes == 4 ? ".s" + text(k) : "";
    out.line("{ const float mean = (float)sum" + part + " / count;");
    out.line("  tie |= fabs(mean - rint(mean)) == 0.5f ? " + text(std::int64_t{1} << k) + " : 0;");
    out.line("  r" + part + " = (char)" + clamp + "(rint(mean) + zero, -128.0f, 127.0f); }");
  }
  out.line((lanes == 4 ? "*(__global char4*)(" + y + " + to)" : y + "[to]") + " = r;");
  out.line("if (tie == 0) return;");
  out.line(std::string(kKeepLoop) + "for (int k = 0; k < " + text(lanes) + "; ++k) {");
  out.line("if (!(tie >> k & 1)) continue;");
  out.line("float total = 0.0f;");
  open_taps(out, p);
  out.line("total += ((float)" + x + "[at + k] - zero) * scale; }");
  out.line(p.step.op == OpKind::avg_pool ? "total = total / count;" : "total = total / (float)(h1 - h0) / (float)(w1 - w0);");
  out.line(y + "[to + k] = (char)" + clamp + "(rint(total * inverse) + zero, -128.0f, 127.0f);");
  out.line("}");
  return out.finish();
}

Kernel average_float(const Pool& p, Tail& tail) {
  KernelText out("avg_pool");
  Prelude& prelude = out.prelude();
  const std::string x = out.read(p.step.inputs[0], p.dtype), y = tail.declare(out);
  begin_outputs(out, p.dst, 1, kOut);
  average_bounds(out, p);
  out.line("float2 sum = (float2)(0.0f, 0.0f);");
  open_taps(out, p);
  out.line("sum = " + prelude.function("pair_add") + "(sum, " + as_f32(p.dtype, x + "[at]", prelude) + "); }");
  const std::string mean = prelude.function("pair_round") + "(sum.x - sum.x == 0.0f ? " + prelude.function("pair_quotient") + "(sum, count) : sum)";
  out.line(y + "[" + address(p.dst, "n", "c", kOut) + "] = " + tail.element(mean, out) + ";");
  return out.finish();
}

Kernel largest(const Pool& p) {
  const bool real = p.dtype != DataType::s8;
  const std::int64_t lanes = !real && p.src.channels_last && p.dst.channels_last && p.src.channels % 4 == 0 ? 4 : 1;
  KernelText out("max_pool");
  Prelude& prelude = out.prelude();
  const std::string x = out.read(p.step.inputs[0], p.dtype), y = out.write(p.step.outputs[0], p.dtype);
  begin_outputs(out, p.dst, lanes, kOut);
  out.line(real ? "float best = -INFINITY;" : lanes == 4 ? "char4 best = (char4)(-128);" : "char best = -128;");
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string &k = kIn[i], tap = "k" + k;
    out.line("for (int " + tap + " = 0; " + tap + " < " + text(p.kernel[i]) + "; ++" + tap + ") {");
    out.line("const int " + k + " = " + kOut[i] + " * " + text(p.strides[i]) + " - " + text(p.pads[i]) + " + " + tap + " * " + text(p.dilations[i]) + ";");
    const std::int64_t most = (p.dst.size[i] - 1) * p.strides[i] - p.pads[i] + (p.kernel[i] - 1) * p.dilations[i];
    if (p.pads[i] > 0 || most >= p.src.size[i]) out.line("if (" + k + " < 0 || " + k + " >= " + text(p.src.size[i]) + ") continue;");
  }
  out.line("const " + out.index_type() + " at = " + address(p.src, "n", "c", kIn) + ";");
  if (real) out.line("const float v = " + as_f32(p.dtype, x + "[at]", prelude) + "; if (v > best || v != v) best = v;");
  else out.line(lanes == 4 ? "best = max(best, *(__global const char4*)(" + x + " + at));" : "best = max(best, " + x + "[at]);");
  out.line("}}}");
  const std::string to = address(p.dst, "n", "c", kOut);
  out.line((lanes == 4 ? "*(__global char4*)(" + y + " + " + to + ")" : y + "[" + to + "]") + " = " + (real ? from_f32(p.dtype, "best", prelude) : "best") + ";");
  return out.finish();
}

}  // namespace

Result<std::vector<Kernel>> emit_pool(const Plan& plan, const Step& step, Source source, Tail tail) {
  const PlanValue& src = plan.values[step.inputs[0]];
  const PlanValue& dst = plan.values[tail.value()];
  const Pool p = read_pool(plan, step, tail);
  if (!is_kernel_float(p.dtype) && p.dtype != DataType::s8) return refusal(step, "unsupported type", std::string(to_string(p.dtype)));
  if (src.type.elements() >= std::int64_t{1} << 31 || dst.type.elements() >= std::int64_t{1} << 31)
    return refusal(step, "more than 2^31 elements");
  if (step.op == OpKind::max_pool) return std::vector<Kernel>{largest(p)};
  const bool global = step.op == OpKind::adaptive_avg_pool && p.dst.size == Triple{1, 1, 1};
  if (p.dtype == DataType::s8) return std::vector<Kernel>{global ? emit_global_average(plan, step, source) : average_s8(plan, p)};
  if (!global) return std::vector<Kernel>{average_float(p, tail)};
  const std::int64_t taps = p.src.size[0] * p.src.size[1] * p.src.size[2], distance = lies_plain(src) ? 1 : p.src.channels;
  // The source reads at the same places.
  const auto same = [&](std::int64_t stride) { return std::vector<std::int64_t>(source.strides(0).size(), stride); };
  return std::vector<Kernel>{emit_mean(RowKernel("global_average", {{p.src.images, p.src.batch, p.src.channels, same(p.src.batch)}, {p.src.channels, p.src.channel, 1, same(p.src.channel)}}, {{taps, distance, 0, same(distance)}}), p.dtype, source, tail)};
}

}  // namespace xpuq::opencl
