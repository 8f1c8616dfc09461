#include <algorithm>
#include <cmath>

#include "export/onnx/writer.h"

namespace xpuq::onnx_export {
namespace {

struct Same {
  OpKind op;
  const char* name;
};
/// Operations that ONNX has under another name and without attributes.
constexpr Same kSame[] = {
    {OpKind::relu, "Relu"}, {OpKind::hardswish, "HardSwish"}, {OpKind::sigmoid, "Sigmoid"}, {OpKind::tanh, "Tanh"},
    {OpKind::softplus, "Softplus"}, {OpKind::erf, "Erf"}, {OpKind::exp, "Exp"}, {OpKind::log, "Log"}, {OpKind::sqrt, "Sqrt"},
    {OpKind::reciprocal, "Reciprocal"}, {OpKind::abs, "Abs"}, {OpKind::neg, "Neg"}, {OpKind::floor, "Floor"}, {OpKind::ceil, "Ceil"},
    {OpKind::round, "Round"}, {OpKind::sin, "Sin"}, {OpKind::cos, "Cos"}, {OpKind::sign, "Sign"}, {OpKind::tan, "Tan"},
    {OpKind::asin, "Asin"}, {OpKind::acos, "Acos"}, {OpKind::atan, "Atan"}, {OpKind::sinh, "Sinh"}, {OpKind::cosh, "Cosh"},
    {OpKind::asinh, "Asinh"}, {OpKind::acosh, "Acosh"}, {OpKind::atanh, "Atanh"}, {OpKind::logical_not, "Not"},
    {OpKind::add, "Add"}, {OpKind::sub, "Sub"}, {OpKind::mul, "Mul"}, {OpKind::div, "Div"}, {OpKind::pow, "Pow"},
    {OpKind::minimum, "Min"}, {OpKind::maximum, "Max"}, {OpKind::equal, "Equal"}, {OpKind::less, "Less"},
    {OpKind::less_equal, "LessOrEqual"}, {OpKind::greater, "Greater"}, {OpKind::greater_equal, "GreaterOrEqual"},
    {OpKind::logical_and, "And"}, {OpKind::logical_or, "Or"}, {OpKind::prelu, "PRelu"}, {OpKind::where, "Where"},
};

float number(const Out& o, const char* name) { return static_cast<float>(o.a.get_float(name, 0)); }

void clip(const Out& o) {
  const double low = o.a.get_float("min", -INFINITY), high = o.a.get_float("max", INFINITY);
  Names inputs{o.in(0), "", ""};
  if (std::isfinite(low)) inputs[1] = o.w.scalar(o.out() + ".min", static_cast<float>(low));
  if (std::isfinite(high)) inputs[2] = o.w.scalar(o.out() + ".max", static_cast<float>(high));
  while (inputs.back().empty()) inputs.pop_back();
  o.w.node("Clip", inputs, {o.out()});
}

/// As exporters before opset 20 spell it: x/2 (1 + erf(x / sqrt 2)), or with tanh(sqrt(2/pi) (x + 0.044715 x^3)).
void gelu(const Out& o) {
  const auto name = [&](const char* what) { return o.w.fresh(o.out() + "." + what); };
  const auto number_of = [&](const char* what, double v) { return o.w.scalar(o.out() + "." + what, static_cast<float>(v)); };
  const std::string curve = name("curve"), one_more = name("plus_one"), product = name("product");
  if (o.a.get_string("approximate") == "tanh") {
    const std::string cube = name("cube"), part = name("part"), sum = name("sum"), inner = name("inner");
    o.w.node("Pow", {o.in(0), number_of("three", 3)}, {cube});
    o.w.node("Mul", {cube, number_of("cubic", 0.044715)}, {part});
    o.w.node("Add", {o.in(0), part}, {sum});
    o.w.node("Mul", {sum, number_of("root", std::sqrt(2 / std::acos(-1.0)))}, {inner});
    o.w.node("Tanh", {inner}, {curve});
  } else {
    const std::string inner = name("inner");
    o.w.node("Div", {o.in(0), number_of("root", std::sqrt(2.0))}, {inner});
    o.w.node("Erf", {inner}, {curve});
  }
  o.w.node("Add", {curve, number_of("one", 1)}, {one_more});
  o.w.node("Mul", {o.in(0), one_more}, {product});
  o.w.node("Mul", {product, number_of("half", 0.5)}, {o.out()});
}

}  // namespace

std::string write_pointwise(const Out& o) {
  const auto it = std::find_if(std::begin(kSame), std::end(kSame), [&](const Same& s) { return s.op == o.node.op; });
  if (it != std::end(kSame)) {
    o.same(it->name);
    return {};
  }
  switch (o.node.op) {
    case OpKind::clip: clip(o); return {};
    case OpKind::silu: {
      const std::string gate = o.w.fresh(o.out() + ".sigmoid");
      o.w.node("Sigmoid", {o.in(0)}, {gate});
      o.w.node("Mul", {o.in(0), gate}, {o.out()});
      return {};
    }
    case OpKind::gelu: gelu(o); return {};
    case OpKind::hardsigmoid: {
      onnx::NodeProto& n = o.same("HardSigmoid");
      set(n, "alpha", number(o, "alpha"));
      set(n, "beta", number(o, "beta"));
      return {};
    }
    case OpKind::leaky_relu: set(o.same("LeakyRelu"), "alpha", number(o, "alpha")); return {};
    case OpKind::elu: set(o.same("Elu"), "alpha", number(o, "alpha")); return {};
    case OpKind::cast: set(o.same("Cast"), "to", std::int64_t{type_of(o.result().dtype)}); return {};
    case OpKind::fmod: set(o.same("Mod"), "fmod", std::int64_t{1}); return {};
    case OpKind::mod:
      if (o.result().dtype == DataType::f32) return "the remainder of floats takes the sign of the dividend there";
      o.same("Mod");
      return {};
    default: return "it is an operation of xpuq's own";
  }
}

}  // namespace xpuq::onnx_export
