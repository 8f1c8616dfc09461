#include "opencl/formula.h"

#include <cmath>

#include "opencl/c_type.h"
#include "opencl/number.h"

namespace xpuq::opencl {
namespace {

using Text = std::optional<std::string>;

std::string narrowed(DataType dtype, const std::string& expression) {
  return "(" + std::string(c_type(dtype)) + ")(" + expression + ")";
}

std::string attribute(const Attributes& a, const char* name) { return text(static_cast<float>(a.get_float(name, 0))); }

Text unary_integer(OpKind kind, const Attributes& a, DataType dtype, const std::string& x) {
  switch (kind) {
    case OpKind::relu: return x + " < 0 ? (" + std::string(c_type(dtype)) + ")0 : " + x;
    case OpKind::neg: return narrowed(dtype, "0ul - (ulong)(long)" + x);
    case OpKind::abs: return narrowed(dtype, x + " < 0 ? 0ul - (ulong)(long)" + x + " : (ulong)(long)" + x);
    case OpKind::sign: return narrowed(dtype, "(" + x + " > 0) - (" + x + " < 0)");
    case OpKind::clip: {
      const auto bound = [&](double v) {
        if (v <= static_cast<double>(least(dtype))) return least(dtype);
        return v >= static_cast<double>(greatest(dtype)) ? greatest(dtype) : static_cast<std::int64_t>(v);
      };
      const std::string low = text(bound(std::ceil(a.get_float("min", 0))));
      const std::string high = text(bound(std::floor(a.get_float("max", 0))));
      const std::string least_clipped = "(" + x + " < " + low + " ? (long)" + low + " : (long)" + x + ")";
      return narrowed(dtype, least_clipped + " > " + high + " ? (long)" + high + " : " + least_clipped);
    }
    default: return std::nullopt;
  }
}

Text binary_f32(OpKind kind, const std::string& a, const std::string& b, Prelude& prelude) {
  switch (kind) {
    case OpKind::add: return a + " + " + b;
    case OpKind::sub: return a + " - " + b;
    case OpKind::mul: return a + " * " + b;
    case OpKind::div: return a + " / " + b;
    default: break;
  }
  const std::string name(to_string(kind));
  if (!prelude.need(name)) return std::nullopt;
  return "xpuq_" + name + "(" + a + ", " + b + ")";
}

Text binary_integer(OpKind kind, DataType dtype, const std::string& a, const std::string& b, Prelude& prelude) {
  const auto wide = [&](const char* op) { return narrowed(dtype, "(ulong)" + a + " " + op + " (ulong)" + b); };
  const auto call = [&](const char* name) {
    return narrowed(dtype, prelude.function(name) + "((long)" + a + ", (long)" + b + ")");
  };
  switch (kind) {
    case OpKind::add: return wide("+");
    case OpKind::sub: return wide("-");
    case OpKind::mul: return wide("*");
    case OpKind::div: return call("integer_div");
    case OpKind::mod: return call("integer_mod");
    case OpKind::fmod: return call("integer_fmod");
    case OpKind::pow: return call("integer_pow");
    case OpKind::minimum: return a + " < " + b + " ? " + a + " : " + b;
    case OpKind::maximum: return a + " > " + b + " ? " + a + " : " + b;
    default: return std::nullopt;
  }
}

const char* comparison(OpKind kind) {
  switch (kind) {
    case OpKind::equal: return "==";
    case OpKind::less: return "<";
    case OpKind::less_equal: return "<=";
    case OpKind::greater: return ">";
    case OpKind::greater_equal: return ">=";
    case OpKind::logical_and: return "&&";
    case OpKind::logical_or: return "||";
    default: return nullptr;
  }
}

bool computable(DataType dtype) { return dtype != DataType::f16 && dtype != DataType::f64; }

Text cast(DataType from, DataType to, const std::string& x, Prelude& prelude) {
  if (from == DataType::boolean) {
    const std::string truth = x + " != 0";
    if (to == DataType::boolean) return narrowed(to, truth);
    if (is_kernel_float(to)) return from_f32(to, "(" + truth + " ? 1.0f : 0.0f)", prelude);
    return narrowed(to, truth);
  }
  const std::string v = is_kernel_float(from) ? as_f32(from, x, prelude) : x;
  if (to == DataType::boolean) return narrowed(to, v + (is_kernel_float(from) ? " != 0.0f" : " != 0"));
  if (is_kernel_float(to)) return from_f32(to, is_kernel_float(from) ? v : "(float)" + v, prelude);
  if (!is_kernel_float(from)) return narrowed(to, v);
  return narrowed(to, prelude.function("saturate") + "(" + v + ", " + text(least(to)) + ", " + text(greatest(to)) + ")");
}

}  // namespace

std::string as_f32(DataType dtype, const std::string& name, Prelude& prelude) {
  return dtype == DataType::bf16 ? prelude.function("f32_of_bf16") + "(" + name + ")" : name;
}

std::string from_f32(DataType dtype, const std::string& expression, Prelude& prelude) {
  return dtype == DataType::bf16 ? prelude.function("bf16_of_f32") + "(" + expression + ")" : expression;
}

std::optional<std::string> unary_f32(OpKind kind, const Attributes& a, const std::string& x, Prelude& prelude) {
  std::string name(to_string(kind));
  std::string more;
  switch (kind) {
    case OpKind::gelu: if (a.get_string("approximate") == "tanh") name = "gelu_tanh"; break;
    case OpKind::clip: more = ", " + attribute(a, "min") + ", " + attribute(a, "max"); break;
    case OpKind::hardsigmoid: more = ", " + attribute(a, "alpha") + ", " + attribute(a, "beta"); break;
    case OpKind::leaky_relu: case OpKind::elu: more = ", " + attribute(a, "alpha"); break;
    default: break;
  }
  if (!is_unary(kind) || !prelude.need(name)) return std::nullopt;
  return "xpuq_" + name + "(" + x + more + ")";
}

std::optional<std::string> formula(OpKind kind, const Attributes& attributes, const std::vector<TensorType>& sources,
                                   const TensorType& dst, const std::vector<std::string>& operands, Prelude& prelude) {
  if (!is_unary(kind) && !is_binary(kind) && kind != OpKind::where && kind != OpKind::cast) return std::nullopt;
  for (const TensorType& t : sources)
    if (!computable(t.dtype)) return std::nullopt;
  if (!computable(dst.dtype)) return std::nullopt;
  const DataType type = sources[0].dtype;
  const auto real = [&](std::size_t i) { return as_f32(type, operands[i], prelude); };
  const auto stored = [&](const Text& v) -> Text {
    if (!v) return std::nullopt;
    return from_f32(dst.dtype, *v, prelude);
  };
  if (kind == OpKind::cast) return cast(type, dst.dtype, operands[0], prelude);
  if (kind == OpKind::where) return operands[0] + " != 0 ? " + operands[1] + " : " + operands[2];
  if (kind == OpKind::logical_not) return narrowed(dst.dtype, operands[0] + " == 0");
  if (is_unary(kind)) {
    if (is_kernel_float(type)) return stored(unary_f32(kind, attributes, real(0), prelude));
    return unary_integer(kind, attributes, type, operands[0]);
  }
  if (const char* op = comparison(kind)) {
    const auto side = [&](std::size_t i) {
      return type == DataType::boolean ? "(" + operands[i] + " != 0)" : is_kernel_float(type) ? real(i) : operands[i];
    };
    return narrowed(dst.dtype, side(0) + " " + op + " " + side(1));
  }
  if (is_kernel_float(type)) return stored(binary_f32(kind, real(0), real(1), prelude));
  return binary_integer(kind, type, operands[0], operands[1], prelude);
}

bool is_costly(OpKind kind) {
  switch (kind) {
    case OpKind::relu: case OpKind::clip: case OpKind::hardsigmoid: case OpKind::leaky_relu: case OpKind::abs:
    case OpKind::neg: case OpKind::floor: case OpKind::ceil: case OpKind::round: case OpKind::sign:
    case OpKind::logical_not: return false;
    case OpKind::div: case OpKind::pow: case OpKind::mod: case OpKind::fmod: return true;
    default: return is_unary(kind);
  }
}

}  // namespace xpuq::opencl
