// The s8 mean over all positions: an exact integer sum, shared by 32 work items a channel; where the mean lies in the
// middle between two codes, PyTorch's f32 sum decides (src/qmath/average.h), whose 32 columns (src/qmath/cascade_sum.h)
// are those same work items.
#include "opencl/global_average.h"

#include <algorithm>
#include <bit>

#include "opencl/c_type.h"
#include "opencl/kernel_text.h"
#include "opencl/number.h"
#include "opencl/window.h"

namespace xpuq::opencl {
namespace {

constexpr std::int64_t kSlices = 32;

/// The f32 column sum of one slice, of one channel: v(i) is element i of the window.
std::string column_function(std::int64_t taps, const Source& source) {
  const std::int64_t rows = taps / kSlices;
  const int log2_rows = rows > 1 ? static_cast<int>(std::bit_width(static_cast<std::uint64_t>(rows - 1))) : 0;
  const int power = std::max(4, log2_rows / 4);
  const std::int64_t step = std::int64_t{1} << power, mask = step - 1;
  std::string out = "static float xpuq_real(" + source.parameters() + ", int at, float zero, float scale) {\n"
                    "  return ((float)" + source.element("at") + " - zero) * scale;\n}\n"
                    "static float xpuq_column(" + source.parameters() + ", int at, int step, int slice, float zero, float scale) {\n"
                    "  float s0 = 0.0f, s1 = 0.0f, s2 = 0.0f, s3 = 0.0f;\n  int row = 0;\n";
  if (rows >= step) {
    out += "  while (row + " + text(step) + " <= " + text(rows) + ") {\n"
           "    for (int k = 0; k < " + text(step) + "; ++k, ++row) s0 += xpuq_real(" + source.arguments() + ", at + (row * 32 + slice) * step, zero, scale);\n"
           "    s1 += s0; s0 = 0.0f;\n"
           "    if ((row & " + text(mask << power) + ") != 0) continue;\n"
           "    s2 += s1; s1 = 0.0f;\n"
           "    if ((row & " + text(mask << (2 * power)) + ") != 0) continue;\n"
           "    s3 += s2; s2 = 0.0f;\n"
           "  }\n";
  }
  return out + "  for (; row < " + text(rows) + "; ++row) s0 += xpuq_real(" + source.arguments() + ", at + (row * 32 + slice) * step, zero, scale);\n"
               "  s0 += s1; s0 += s2; s0 += s3;\n  return s0;\n}\n";
}

/// The rest of the cascade, by one work item of a channel.
std::string finish_function(std::int64_t taps, const Source& source) {
  std::string out = "static float xpuq_cascade(" + source.parameters() + ", int at, int step, __local const float* columns, int pitch, float zero, float scale) {\n";
  if (taps < 8) {
    const std::int64_t whole = taps / 4 * 4;
    out += "  float a = 0.0f, b = 0.0f, c = 0.0f, d = 0.0f;\n";
    for (std::int64_t i = 0; i < taps; ++i)
      out += "  " + std::string(1, "abcd"[i < whole ? i % 4 : 0]) + " += xpuq_real(" + source.arguments() + ", at + " + text(i) + " * step, zero, scale);\n";
    return out + "  return a + b + c + d;\n}\n";
  }
  const std::int64_t vectors = taps / 8, rows = vectors / 4;
  return out + "  float sum = 0.0f;\n"
               "  " + kKeepLoop + "for (int i = " + text(vectors * 8) + "; i < " + text(taps) + "; ++i) sum += xpuq_real(" + source.arguments() + ", at + i * step, zero, scale);\n"
               "  " + kKeepLoop + "for (int j = 0; j < 8; ++j) {\n"
               "    float lane = columns[j * pitch];\n"
               "    " + kKeepLoop + "for (int v = " + text(rows * 4) + "; v < " + text(vectors) + "; ++v) lane += xpuq_real(" + source.arguments() + ", at + (v * 8 + j) * step, zero, scale);\n"
               "    for (int a = 1; a < 4; ++a) lane += columns[(a * 8 + j) * pitch];\n"
               "    sum += lane;\n"
               "  }\n  return sum;\n}\n";
}

}  // namespace

Kernel emit_global_average(const Plan& plan, const Step& step, Source& source) {
  const PlanValue& src = plan.values[step.inputs[0]];
  const Picture p = picture(src);
  const QuantParams& quant = *src.type.quant;
  const std::int64_t taps = p.size[0] * p.size[1] * p.size[2];
  // Positions are a fixed distance apart in either layout.
  const std::int64_t distance = lies_plain(src) ? 1 : p.channels;
  const std::int64_t lanes = distance > 1 && p.channels % 4 == 0 ? 4 : 1;
  const std::int64_t blocks = p.images * p.channels / lanes, width = std::min<std::int64_t>(8, std::bit_ceil(static_cast<std::uint64_t>(blocks)));

  KernelText out("global_average");
  source.declare(out);
  const std::string y = out.write(step.outputs[0], DataType::s8);
  const std::string l = out.literal(literal_bytes(std::vector<float>{static_cast<float>(quant.zero_points[0]), quant.scales[0], 1.0f / quant.scales[0]}), DataType::f32);
  const std::string clamp = out.prelude().function("clamp_code");
  out.function(column_function(taps, source) + finish_function(taps, source));
  const std::int64_t groups = (blocks + width - 1) / width;
  out.begin({.items = groups * width * kSlices, .group = static_cast<std::uint32_t>(width * kSlices)});
  const std::string id = "get_local_id(0)", w = text(width);
  // Neighbouring work items read neighbouring bytes: channels in channels-last, positions in row-major order.
  out.line("const int slice = (int)" + (lanes > 1 || distance > 1 ? id + " / " + w + "u" : id + " % 32u") + ";");
  out.line("const int lane = (int)" + (lanes > 1 || distance > 1 ? id + " % " + w + "u" : id + " / 32u") + ";");
  out.line("const int block = min((int)get_group_id(0) * " + w + " + lane, " + text(blocks - 1) + ");");
  const std::int64_t per_image = p.channels / lanes;
  // In row-major order all planes follow each other, whatever the image.
  const std::string at = distance == 1 ? "block * " + text(taps)
                                       : "block / " + text(per_image) + " * " + text(p.batch) + " + block % " + text(per_image) + " * " + text(lanes);
  out.line("const int at = " + at + ";");
  out.line("const float zero = " + l + "[0], scale = " + l + "[1], inverse = " + l + "[2];");
  const std::string type = lanes == 4 ? "int4" : "int";
  out.line("__local " + type + " sums[" + text(kSlices * width) + "];");
  out.line("__local float columns[" + text(kSlices * width * lanes) + "];");
  out.line("__local int ties[" + w + "];");
  out.line(type + " sum = 0;");
  const std::string place = "at + i * " + text(distance);
  std::string load = "(int)" + source.element(place);
  if (lanes == 4) {
    load = "(int4)(";
    for (const char* k : {"", " + 1", " + 2", " + 3"}) load += (*k == 0 ? "" : ", ") + source.element(place + k);
    load += ")";
    if (source.is_plain()) load = "convert_int4(*(__global const char4*)(" + source.arguments() + " + " + place + "))";
  }
  const std::int64_t rounds = taps / kSlices;
  if (rounds > 0) {
    out.line("__attribute__((opencl_unroll_hint(8))) for (int k = 0; k < " + text(rounds) + "; ++k) {");
    out.line("  const int i = k * 32 + slice;");
    out.line("  sum += " + load + ";");
    out.line("}");
  }
  if (taps % kSlices != 0) out.line("if (slice < " + text(taps % kSlices) + ") { const int i = " + text(rounds * kSlices) + " + slice; sum += " + load + "; }");
  out.line("sums[slice * " + w + " + lane] = sum;");
  out.line("barrier(CLK_LOCAL_MEM_FENCE);");
  out.line("int tie = 0;");
  out.line("const int mine = slice == 0 && (int)get_group_id(0) * " + w + " + lane <= " + text(blocks - 1) + ";");
  out.line("if (slice == 0) {");
  out.line("  for (int s = 1; s < 32; ++s) sum += sums[s * " + w + " + lane];");
  for (std::int64_t k = 0; k < lanes; ++k) {
    const std::string part = lanes == 4 ? "sum.s" + text(k) : "sum";
    out.line("  { const float mean = (float)(" + part + " - (int)zero * " + text(taps) + ") / " + text(static_cast<float>(taps)) + ";");
    out.line("    if (fabs(mean - rint(mean)) == 0.5f) tie |= " + text(std::int64_t{1} << k) + ";");
    out.line("    else if (mine) " + y + "[block * " + text(lanes) + " + " + text(k) + "] = (char)" + clamp + "(rint(mean) + zero, -128.0f, 127.0f); }");
  }
  out.line("  ties[lane] = tie;");
  out.line("}");
  out.line("barrier(CLK_LOCAL_MEM_FENCE);");
  out.line("tie = ties[lane];");
  const std::string pitch = text(width * lanes), channel = "lane * " + text(lanes) + " + k";
  out.line(std::string(kKeepLoop) + "for (int k = 0; k < " + text(lanes) + "; ++k)");
  out.line("  if (tie >> k & 1) columns[slice * " + pitch + " + " + channel + "] = xpuq_column(" + source.arguments() + ", at + k, " + text(distance) + ", slice, zero, scale);");
  out.line("barrier(CLK_LOCAL_MEM_FENCE);");
  out.line("if (!mine) return;");
  out.line(std::string(kKeepLoop) + "for (int k = 0; k < " + text(lanes) + "; ++k) {");
  out.line("  if (!(tie >> k & 1)) continue;");
  out.line("  const float mean = xpuq_cascade(" + source.arguments() + ", at + k, " + text(distance) + ", columns + " + channel + ", " + pitch + ", zero, scale) / " + text(static_cast<float>(taps)) + ";");
  out.line("  " + y + "[block * " + text(lanes) + " + k] = (char)" + clamp + "(rint(mean * inverse) + zero, -128.0f, 127.0f);");
  out.line("}");
  return out.finish();
}

}  // namespace xpuq::opencl
