// conv, conv_transpose, linear, matmul (src/reference): one work item for each output element, whose sum is an exact
// integer, or in two floats (with exact products) where the interpreter has f64. Correct, not fast.
#include "opencl/weighted.h"

#include <functional>

#include "opencl/c_type.h"
#include "opencl/elementwise.h"
#include "opencl/epilogue.h"
#include "opencl/formula.h"
#include "opencl/number.h"
#include "opencl/refuse.h"
#include "opencl/window.h"
#include "ops/post_ops.h"

namespace xpuq::opencl {
namespace {

const std::array<std::string, 3> kSource{"d", "h", "w"};

/// The declaration of the accumulator, how it takes a product, and its value as f32.
struct Accumulator {
  std::string declaration, result;
  std::function<std::string(const std::string& x, const std::string& w)> add;
};

/// `terms`: most products of one sum.
Accumulator accumulator(const Plan& plan, const Step& step, std::int64_t terms, KernelText& out) {
  const TensorType& src = plan.values[step.inputs[0]].type;
  const TensorType& wei = plan.values[step.inputs[1]].type;
  Prelude& prelude = out.prelude();
  if (src.quant && step.op != OpKind::matmul && step.op != OpKind::conv_transpose) {
    // Zero points are the layer's; |q - zero_point| <= 255 and |w| <= 128, unless the zero point is far outside.
    const std::int32_t zero_point = src.quant->zero_points[0];
    const bool narrow = zero_point >= -128 && zero_point <= 127 && terms < 65536;
    const std::string zero = out.literal(literal_bytes(std::vector<std::int32_t>{zero_point}), DataType::s32);
    const std::string type = narrow ? "int" : "long";
    return {"const " + type + " zero = " + zero + "[0]; " + type + " acc = 0;", "(float)acc",
            [](const std::string& x, const std::string& w) { return "acc += (" + x + " - zero) * " + w + ";"; }};
  }
  for (const char* piece : {"two_product", "pair_sum", "pair_round"}) prelude.need(piece);
  std::string zeros;
  const auto real = [&](const TensorType& t, const char* name) -> std::function<std::string(const std::string&)> {
    if (!t.quant) return [&prelude, type = t.dtype](const std::string& v) { return as_f32(type, v, prelude); };
    const std::string q = out.literal(literal_bytes(std::vector<float>{static_cast<float>(t.quant->zero_points[0]), t.quant->scales[0]}), DataType::f32);
    (void)name;
    return [q](const std::string& v) { return "((float)" + v + " - " + q + "[0]) * " + q + "[1]"; };
  };
  return {"float2 acc = (float2)(0.0f, 0.0f);", "xpuq_pair_round(acc)",
          [x_of = real(src, "x"), w_of = real(wei, "w")](const std::string& x, const std::string& w) {
            return "acc = xpuq_pair_sum(acc, xpuq_two_product(" + x_of(x) + ", " + w_of(w) + "));";
          }};
}

Result<void> check_operand(const Plan& plan, const Step& step, std::uint32_t value) {
  const PlanValue& v = plan.values[value];
  const bool fine = is_kernel_float(v.type.dtype) || (v.type.quant && (v.type.dtype == DataType::s8 || v.type.dtype == DataType::u8));
  if (!fine) return refusal(step, "unsupported type", std::string(to_string(v.type.dtype)));
  if (v.type.elements() >= std::int64_t{1} << 31) return refusal(step, "more than 2^31 elements");
  return {};
}

Result<std::vector<Kernel>> done(KernelText& out, const Step& step, const Epilogue& epilogue) {
  if (!epilogue.problem().empty()) return refusal(step, epilogue.problem());
  return std::vector<Kernel>{out.finish()};
}

Result<std::vector<Kernel>> conv(const Plan& plan, const Step& step) {
  const PlanValue& dst_value = plan.values[step.outputs[0]];
  const Picture src = picture(plan.values[step.inputs[0]]), dst = picture(dst_value);
  const Shape& weights = plan.values[step.inputs[1]].type.shape;
  const Attributes& a = step.attributes;
  const Triple kernel = triple(weights, 1, 2), strides = triple(a.get_ints("strides"), 1), pads = triple(a.get_ints("pads_begin"), 0);
  const Triple dilations = triple(a.get_ints("dilations"), 1);
  const std::int64_t groups = a.get_int("groups", 1), inputs = weights[1], taps = kernel[0] * kernel[1] * kernel[2];
  KernelText out("conv");
  const std::string x = out.read(step.inputs[0], plan.values[step.inputs[0]].type.dtype);
  const std::string w = out.read(step.inputs[1], plan.values[step.inputs[1]].type.dtype);
  const std::string y = out.write(step.outputs[0], dst_value.type.dtype);
  const Accumulator acc = accumulator(plan, step, inputs * taps, out);
  Epilogue epilogue(plan, step, out, y);
  begin_outputs(out, dst, 1, {"od", "oh", "ow"});
  out.line(acc.declaration);
  out.line("for (int i = 0; i < " + text(inputs) + "; ++i) {");
  out.line("const int ic = " + (groups == 1 ? "i" : "c / " + text(dst.channels / groups) + " * " + text(inputs) + " + i") + ";");
  for (std::size_t k = 0; k < 3; ++k) {
    const std::string &s = kSource[k], tap = "k" + s;
    out.line("for (int " + tap + " = 0; " + tap + " < " + text(kernel[k]) + "; ++" + tap + ") {");
    out.line("const int " + s + " = o" + s + " * " + text(strides[k]) + " - " + text(pads[k]) + " + " + tap + " * " + text(dilations[k]) + ";");
    // Padding is real zero and adds nothing.
    out.line("if (" + s + " < 0 || " + s + " >= " + text(src.size[k]) + ") continue;");
  }
  const std::string at = x + "[" + address(src, "n", "ic", kSource) + "]";
  const std::string weight = w + "[((c * " + text(inputs) + " + i) * " + text(kernel[0]) + " + kd) * " + text(kernel[1] * kernel[2]) + " + kh * " + text(kernel[2]) + " + kw]";
  out.line(acc.add(at, weight));
  out.line("}}}}");
  const std::string to = address(dst, "n", "c", {"od", "oh", "ow"});
  std::string other_at = to;
  if (const int other = weighted_inputs(a, step.inputs.size()).other; other >= 0)
    other_at = address(picture(plan.values[step.inputs[static_cast<std::size_t>(other)]]), "n", "c", {"od", "oh", "ow"});
  epilogue.write(acc.result, "c", to, other_at);
  return done(out, step, epilogue);
}

Result<std::vector<Kernel>> conv_transpose(const Plan& plan, const Step& step) {
  const PlanValue& dst_value = plan.values[step.outputs[0]];
  const Picture src = picture(plan.values[step.inputs[0]]), dst = picture(dst_value);
  const Shape& weights = plan.values[step.inputs[1]].type.shape;
  const Attributes& a = step.attributes;
  const Triple kernel = triple(weights, 1, 2), strides = triple(a.get_ints("strides"), 1), pads = triple(a.get_ints("pads_begin"), 0);
  const Triple dilations = triple(a.get_ints("dilations"), 1);
  const std::int64_t groups = a.get_int("groups", 1), inputs = src.channels / groups, outputs = weights[1];
  KernelText out("conv_transpose");
  Prelude& prelude = out.prelude();
  const std::string x = out.read(step.inputs[0], plan.values[step.inputs[0]].type.dtype);
  const std::string w = out.read(step.inputs[1], plan.values[step.inputs[1]].type.dtype);
  const std::string y = out.write(step.outputs[0], dst_value.type.dtype);
  const Accumulator acc = accumulator(plan, step, inputs * kernel[0] * kernel[1] * kernel[2], out);
  std::string bia;
  if (step.inputs.size() > 2) {
    const DataType type = plan.values[step.inputs[2]].type.dtype;
    bia = " + " + as_f32(type, out.read(step.inputs[2], type) + "[c]", prelude);
  }
  begin_outputs(out, dst, 1, {"od", "oh", "ow"});
  out.line(acc.declaration);
  out.line("for (int i = 0; i < " + text(inputs) + "; ++i) {");
  out.line("const int ic = " + (groups == 1 ? "i" : "c / " + text(outputs) + " * " + text(inputs) + " + i") + ";");
  for (std::size_t k = 0; k < 3; ++k) {
    const std::string &s = kSource[k], tap = "k" + s;
    out.line("for (int " + tap + " = 0; " + tap + " < " + text(kernel[k]) + "; ++" + tap + ") {");
    out.line("const int f" + s + " = o" + s + " + " + text(pads[k]) + " - " + tap + " * " + text(dilations[k]) + ", " + s + " = f" + s + " / " + text(strides[k]) + ";");
    out.line("if (f" + s + " < 0 || " + s + " * " + text(strides[k]) + " != f" + s + " || " + s + " >= " + text(src.size[k]) + ") continue;");
  }
  const std::string at = x + "[" + address(src, "n", "ic", kSource) + "]";
  const std::string weight = w + "[((ic * " + text(outputs) + " + " + (groups == 1 ? "c" : "c % " + text(outputs)) + ") * " + text(kernel[0]) + " + kd) * " + text(kernel[1] * kernel[2]) + " + kh * " + text(kernel[2]) + " + kw]";
  out.line(acc.add(at, weight));
  out.line("}}}}");
  out.line(y + "[" + address(dst, "n", "c", {"od", "oh", "ow"}) + "] = " + from_f32(dst_value.type.dtype, acc.result + bia, prelude) + ";");
  return std::vector<Kernel>{out.finish()};
}

Result<std::vector<Kernel>> linear(const Plan& plan, const Step& step) {
  for (const std::uint32_t v : {step.inputs[0], step.outputs[0]})
    if (!lies_plain(plan.values[v])) return refusal(step, "channels-last values");
  const Shape& weights = plan.values[step.inputs[1]].type.shape;
  const TensorType& dst = plan.values[step.outputs[0]].type;
  KernelText out("linear");
  const std::string x = out.read(step.inputs[0], plan.values[step.inputs[0]].type.dtype);
  const std::string w = out.read(step.inputs[1], plan.values[step.inputs[1]].type.dtype);
  const std::string y = out.write(step.outputs[0], dst.dtype);
  const Accumulator acc = accumulator(plan, step, weights[1], out);
  Epilogue epilogue(plan, step, out, y);
  out.begin({.items = dst.elements()});
  out.line("const int c = (int)(item % " + text(weights[0]) + "u), row = (int)(item / " + text(weights[0]) + "u);");
  out.line(acc.declaration);
  out.line("for (int i = 0; i < " + text(weights[1]) + "; ++i) " + acc.add(x + "[row * " + text(weights[1]) + " + i]", w + "[c * " + text(weights[1]) + " + i]"));
  epilogue.write(acc.result, "c", "item", "item");
  return done(out, step, epilogue);
}

Result<std::vector<Kernel>> matmul(const Plan& plan, const Step& step) {
  const PlanValue& a = plan.values[step.inputs[0]];
  const PlanValue& b = plan.values[step.inputs[1]];
  const PlanValue& dst = plan.values[step.outputs[0]];
  KernelText out("matmul");
  const std::string x = out.read(step.inputs[0], a.type.dtype), w = out.read(step.inputs[1], b.type.dtype);
  const std::string y = out.write(step.outputs[0], dst.type.dtype);
  const std::int64_t inner = a.type.shape.back();
  const Accumulator acc = accumulator(plan, step, inner, out);
  begin_elements(out, dst);
  const std::vector<std::string> o = coordinate_names(dst.type.shape.size());
  const auto at = [&](const PlanValue& v, const std::string& row, const std::string& column) {
    const std::size_t rank = v.type.shape.size(), missing = o.size() - rank;
    std::vector<std::string> out_at(o.begin() + static_cast<std::ptrdiff_t>(missing), o.end());
    out_at[rank - 2] = row;
    out_at[rank - 1] = column;
    return address(v, out_at);
  };
  out.line(acc.declaration);
  out.line("for (int i = 0; i < " + text(inner) + "; ++i) " +
           acc.add(x + "[" + at(a, o[o.size() - 2], "i") + "]", w + "[" + at(b, "i", o.back()) + "]"));
  out.line(y + "[to] = " + from_f32(dst.type.dtype, acc.result, out.prelude()) + ";");
  return std::vector<Kernel>{out.finish()};
}

}  // namespace

Result<std::vector<Kernel>> emit_weighted(const Plan& plan, const Step& step) {
  for (const std::uint32_t v : step.inputs) XPUQ_TRY(check_operand(plan, step, v));
  XPUQ_TRY(check_operand(plan, step, step.outputs[0]));
  switch (step.op) {
    case OpKind::conv: return conv(plan, step);
    case OpKind::conv_transpose: return conv_transpose(plan, step);
    case OpKind::linear: return linear(plan, step);
    default: return matmul(plan, step);
  }
}

}  // namespace xpuq::opencl
