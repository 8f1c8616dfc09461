#include "opencl/expression.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <tuple>

#include "opencl/c_type.h"
#include "opencl/formula.h"
#include "opencl/number.h"
#include "opencl/table.h"

namespace xpuq::opencl {
namespace {

/// A concat of more parts than this takes them from memory only: their code would be in one kernel all together.
constexpr std::size_t kMostComputedParts = 4;

bool is_move(OpKind kind) {
  return kind == OpKind::reshape || kind == OpKind::flatten || kind == OpKind::transpose || kind == OpKind::slice ||
         kind == OpKind::expand || kind == OpKind::reorder || kind == OpKind::dropout;
}

template <class T>
std::vector<std::byte> bytes_of(const std::vector<T>& values) {
  std::vector<std::byte> out(values.size() * sizeof(T));
  std::memcpy(out.data(), values.data(), out.size());
  return out;
}

/// The constant that a pad writes, as an expression of the stored type.
std::optional<std::string> padding(const TensorType& type, double value, Prelude& prelude) {
  const std::string cast = "(" + std::string(c_type(type.dtype)) + ")";
  if (is_kernel_float(type.dtype)) return from_f32(type.dtype, text(static_cast<float>(value)), prelude);
  if (type.dtype == DataType::boolean) return cast + (value != 0 ? "1" : "0");
  if (!is_integer(type.dtype)) return std::nullopt;
  // As the interpreter saturates.
  if (value <= static_cast<double>(least(type.dtype))) return cast + text(least(type.dtype));
  if (value >= static_cast<double>(greatest(type.dtype))) return cast + text(greatest(type.dtype));
  return cast + text(static_cast<std::int64_t>(value));
}

class Builder {
 public:
  Builder(const Plan& plan, const std::vector<std::uint32_t>& steps, const std::vector<Ints>& factors)
      : plan_(plan), root_(plan.steps[steps.back()].outputs[0]) {
    for (const std::uint32_t s : steps) producer_[plan.steps[s].outputs[0]] = s;
    for (const Ints& f : factors) out_.axes.insert(out_.axes.end(), f.begin(), f.end());
    std::size_t axis = 0;
    for (const Ints& f : factors) {
      Affine coordinate = constant(0);
      std::int64_t stride = element_count(f);
      for (const std::int64_t size : f) coordinate.coefficients[axis++] = stride /= size;
      coordinates_.push_back(std::move(coordinate));
    }
  }

  bool run() {
    const PlanValue& dst = plan_.values[root_];
    out_.store = address(coordinates_, strides_of(dst), out_.axes.size());
    const auto result = element(root_, coordinates_);
    if (!result) return false;
    out_.result = *result;
    return true;
  }

  Expression& expression() { return out_; }
  const std::optional<Split>& split() const { return split_; }
  const std::string& problem() const { return problem_; }

 private:
  using Text = std::optional<std::string>;

  Affine constant(std::int64_t v) const { return {v, std::vector<std::int64_t>(out_.axes.size(), 0)}; }

  Text refuse(const Step& step, const char* why) {
    if (problem_.empty()) problem_ = std::string(to_string(step.op)) + ": " + why;
    return std::nullopt;
  }

  void line(const std::string& statement) { out_.statements += std::string(indent_, ' ') + statement + "\n"; }

  std::string variable(DataType dtype, const std::string& expression) {
    const std::string name = "v" + std::to_string(variables_++);
    line("const " + std::string(c_type(dtype)) + " " + name + " = " + expression + ";");
    return name;
  }

  std::string parameter(float v) {
    out_.parameters.push_back(v);
    return "p[" + std::to_string(out_.parameters.size() - 1) + "]";
  }

  std::string load(Load l) {
    for (std::size_t i = 0; i < out_.loads.size(); ++i) {
      const Load& old = out_.loads[i];
      if (old.value == l.value && l.value && old.others.empty() && old.address == l.address && old.condition == l.condition)
        return "a" + std::to_string(i);
    }
    out_.loads.push_back(std::move(l));
    return "a" + std::to_string(out_.loads.size() - 1);
  }

  /// Name of a variable that holds an element of a value.
  Text element(std::uint32_t value, const Coordinates& at) {
    const auto made = producer_.find(value);
    if (made == producer_.end()) return leaf(value, at);
    const Step& step = plan_.steps[made->second];
    if (is_move(step.op)) return moved(step, at);
    for (const Known& k : known_)
      if (k.value == value && k.at == at) return k.name;
    Text name = from_table(value, at);
    if (!name && problem_.empty() && !split_) name = computed(step, value, at);
    if (name) known_.push_back({value, at, *name});
    return name;
  }

  Text leaf(std::uint32_t value, const Coordinates& at) {
    const PlanValue& v = plan_.values[value];
    if (v.place == Place::constant && v.type.elements() == 1 && v.type.dtype == DataType::f32) {
      float scalar;
      std::memcpy(&scalar, plan_.constant_bytes(value), sizeof scalar);
      return parameter(scalar);
    }
    return load({.value = value, .literal = {}, .dtype = v.type.dtype,
                 .address = address(at, strides_of(v), out_.axes.size()), .condition = condition_, .others = {}});
  }

  Text moved(const Step& step, const Coordinates& at) {
    const std::uint32_t in = step.inputs[0];
    const Shape& shape = plan_.values[in].type.shape;
    Coordinates from(shape.size(), constant(0));
    switch (step.op) {
      case OpKind::transpose: {
        const Ints& perm = step.attributes.get_ints("perm");
        for (std::size_t i = 0; i < perm.size(); ++i) from[static_cast<std::size_t>(perm[i])] = at[i];
        break;
      }
      case OpKind::slice:
        for (std::size_t i = 0; i < shape.size(); ++i) {
          // The step of a single element may be anything.
          const bool single = plan_.values[step.outputs[0]].type.shape[i] == 1;
          from[i] = single ? constant(0) : at[i] * step.attributes.get_ints("steps")[i];
          from[i].offset += step.attributes.get_ints("starts")[i];
        }
        break;
      case OpKind::expand: from = broadcast(shape, at); break;
      case OpKind::reshape: case OpKind::flatten: {
        const Shape& out = plan_.values[step.outputs[0]].type.shape;
        const Affine linear = address(at, row_major(out), out_.axes.size());
        if (producer_.count(in) == 0 && lies_plain(plan_.values[in]))
          return load({.value = in, .literal = {}, .dtype = plan_.values[in].type.dtype, .address = linear,
                       .condition = condition_, .others = {}});
        auto unraveled = unravel(linear, shape, out_.axes, split_);
        if (!unraveled) return std::nullopt;
        from = std::move(*unraveled);
        break;
      }
      default: from = at; break;
    }
    return element(in, from);
  }

  Coordinates broadcast(const Shape& shape, const Coordinates& at) const {
    Coordinates out;
    const std::size_t missing = at.size() - shape.size();
    for (std::size_t i = 0; i < shape.size(); ++i) out.push_back(shape[i] == 1 ? constant(0) : at[missing + i]);
    return out;
  }

  Text from_table(std::uint32_t value, const Coordinates& at) {
    auto table = make_code_table(plan_, producer_, value);
    if (!table) return std::nullopt;
    // All paths down to the codes move the elements alike, or this is not a function of one element.
    const auto code = code_of(value, at);
    if (!code) return std::nullopt;
    const std::string index = "(int)" + *code + " + 128";
    const DataType dtype = plan_.values[value].type.dtype;
    out_.tables.push_back({.value = {}, .literal = std::move(table->elements), .dtype = dtype});
    return variable(dtype, "t" + std::to_string(out_.tables.size() - 1) + "[" + index + "]");
  }

  /// The one load of codes below `value`; empty when there are several places.
  Text code_of(std::uint32_t value, const Coordinates& at) {
    const auto made = producer_.find(value);
    if (made == producer_.end()) {
      if (plan_.values[value].type.elements() == 1 && plan_.values[value].place == Place::constant) return "";
      return leaf(value, at);
    }
    const Step& step = plan_.steps[made->second];
    Text found = "";
    if (is_move(step.op)) return moved_code(step, at);
    for (std::size_t i = 0; i < (step.op == OpKind::lookup ? 1 : step.inputs.size()); ++i) {
      const std::uint32_t in = step.inputs[i];
      const Text code = code_of(in, broadcast(plan_.values[in].type.shape, at));
      if (!code || (!found->empty() && !code->empty() && *found != *code)) return std::nullopt;
      if (!code->empty()) found = code;
    }
    return found;
  }

  Text moved_code(const Step& step, const Coordinates& at) {
    // A move ends in its own load, unless the tree goes on below it: too rare to be worth a table.
    if (producer_.count(step.inputs[0]) != 0) return std::nullopt;
    return moved(step, at);
  }

  Text computed(const Step& step, std::uint32_t value, const Coordinates& at) {
    switch (step.op) {
      case OpKind::pad: return padded(step, value, at);
      case OpKind::concat: return joined(step, value, at);
      case OpKind::quantize: return quantized(step, value, at);
      case OpKind::dequantize: return dequantized(step, value, at);
      case OpKind::to_codes: case OpKind::from_codes: return recoded(step, value, at);
      case OpKind::lookup: return looked_up(step, value, at);
      case OpKind::batchnorm: return normalized(step, value, at);
      default: break;
    }
    std::vector<TensorType> types;
    std::vector<std::string> operands;
    for (const std::uint32_t in : step.inputs) {
      const TensorType& type = plan_.values[in].type;
      auto operand = element(in, broadcast(type.shape, at));
      if (!operand) return std::nullopt;
      operands.push_back(std::move(*operand));
      types.push_back(type);
    }
    const TensorType& type = plan_.values[value].type;
    const auto expression = formula(step.op, step.attributes, types, type, operands, out_.prelude);
    if (!expression) return refuse(step, "no kernel for this operation on this type");
    return variable(type.dtype, *expression);
  }

  /// Scale-like numbers of a quantized value at an element: a parameter, or one per channel.
  std::string per_channel(const QuantParams& quant, const std::vector<float>& numbers, const Coordinates& at) {
    if (quant.per_tensor()) return parameter(numbers[0]);
    return load({.value = {}, .literal = bytes_of(numbers), .dtype = DataType::f32,
                 .address = at[static_cast<std::size_t>(*quant.axis)], .condition = condition_, .others = {}});
  }

  static std::vector<float> zero_points(const QuantParams& quant) { return {quant.zero_points.begin(), quant.zero_points.end()}; }

  Text quantized(const Step& step, std::uint32_t value, const Coordinates& at) {
    const TensorType& src = plan_.values[step.inputs[0]].type;
    const TensorType& dst = plan_.values[value].type;
    if (!is_kernel_float(src.dtype)) return refuse(step, "its input is neither f32 nor bf16");
    const auto x = element(step.inputs[0], at);
    if (!x) return std::nullopt;
    std::vector<float> inverse;
    for (const float s : dst.quant->scales) inverse.push_back(1.0f / s);
    const std::string scale = per_channel(*dst.quant, inverse, at);
    const std::string zero = per_channel(*dst.quant, zero_points(*dst.quant), at);
    const std::string rounded = "rint(" + as_f32(src.dtype, *x, out_.prelude) + " * " + scale + ") + " + zero;
    const std::string bounds = dst.dtype == DataType::s8 ? ", -128.0f, 127.0f" : ", 0.0f, 255.0f";
    return variable(dst.dtype, "(" + std::string(c_type(dst.dtype)) + ")" + out_.prelude.function("clamp_code") + "(" +
                                   rounded + bounds + ")");
  }

  Text dequantized(const Step& step, std::uint32_t value, const Coordinates& at) {
    const TensorType& src = plan_.values[step.inputs[0]].type;
    const DataType dst = plan_.values[value].type.dtype;
    const auto code = element(step.inputs[0], at);
    if (!code) return std::nullopt;
    const std::string zero = per_channel(*src.quant, zero_points(*src.quant), at);
    const std::string scale = per_channel(*src.quant, src.quant->scales, at);
    // Codes and zero points are small integers: their difference is exact in f32.
    return variable(dst, from_f32(dst, "((float)" + *code + " - " + zero + ") * " + scale, out_.prelude));
  }

  Text recoded(const Step& step, std::uint32_t value, const Coordinates& at) {
    const DataType from = plan_.values[step.inputs[0]].type.dtype, to = plan_.values[value].type.dtype;
    const auto code = element(step.inputs[0], at);
    if (!code) return std::nullopt;
    const std::string cast = "(" + std::string(c_type(to)) + ")";
    return variable(to, cast + (from == to ? *code : "((uchar)" + *code + " ^ 0x80)"));
  }

  float constant_f32(std::uint32_t value, std::size_t i) const {
    const std::byte* bytes = plan_.constant_bytes(value);
    float out = 0;
    if (plan_.values[value].type.dtype == DataType::f32) {
      std::memcpy(&out, bytes + i * sizeof out, sizeof out);
    } else {
      std::memcpy(reinterpret_cast<std::byte*>(&out) + 2, bytes + 2 * i, 2);  // bf16 is the upper half of an f32
    }
    return out;
  }

  /// batchnorm of constants is a product and a sum; the interpreter's formula, in f32, gives both numbers.
  Text normalized(const Step& step, std::uint32_t value, const Coordinates& at) {
    const TensorType& src = plan_.values[step.inputs[0]].type;
    const auto x = element(step.inputs[0], at);
    if (!x) return std::nullopt;
    const float eps = static_cast<float>(step.attributes.get_float("eps", 0));
    std::vector<float> scales, shifts;
    for (std::size_t c = 0; c < static_cast<std::size_t>(src.shape[1]); ++c) {
      const float gamma = constant_f32(step.inputs[1], c), beta = constant_f32(step.inputs[2], c);
      const float mean = constant_f32(step.inputs[3], c), var = constant_f32(step.inputs[4], c);
      const float r = 1.0f / std::sqrt(var + eps);
      scales.push_back(gamma * r);
      shifts.push_back((0.0f - mean) * r * gamma + beta);
    }
    const auto channel = [&](const std::vector<float>& numbers) {
      return load({.value = {}, .literal = bytes_of(numbers), .dtype = DataType::f32, .address = at[1], .condition = condition_, .others = {}});
    };
    const std::string scale = channel(scales), shift = channel(shifts);
    const DataType dst = plan_.values[value].type.dtype;
    return variable(dst, from_f32(dst, as_f32(src.dtype, *x, out_.prelude) + " * " + scale + " + " + shift, out_.prelude));
  }

  Text looked_up(const Step& step, std::uint32_t value, const Coordinates& at) {
    if (producer_.count(step.inputs[1]) != 0) return refuse(step, "its table is computed");
    const auto code = element(step.inputs[0], at);
    if (!code) return std::nullopt;
    out_.tables.push_back({.value = step.inputs[1], .literal = {}, .dtype = DataType::s8});
    return variable(plan_.values[value].type.dtype,
                    "t" + std::to_string(out_.tables.size() - 1) + "[(int)" + *code + " + 128]");
  }

  /// What is read or computed inside a condition is unknown outside of it.
  template <class Inside>
  bool under(Condition condition, const std::string& head, const std::string& name, Inside inside) {
    const std::size_t known = known_.size();
    const int outer = condition_;
    condition.parent = outer;
    out_.conditions.push_back(std::move(condition));
    condition_ = static_cast<int>(out_.conditions.size()) - 1;
    line(head + "if (c" + std::to_string(condition_) + ") {");
    indent_ += 2;
    const Text result = inside();
    if (result) line(name + " = " + *result + ";");
    indent_ -= 2;
    line("}");
    condition_ = outer;
    known_.resize(known);
    return result.has_value();
  }

  Text padded(const Step& step, std::uint32_t value, const Coordinates& at) {
    const TensorType& src = plan_.values[step.inputs[0]].type;
    if (step.attributes.get_string("mode") != "constant") return refuse(step, "mode other than constant");
    const double number = src.quant ? static_cast<double>(src.quant->zero_points[0]) : step.attributes.get_float("value", 0);
    // A zero point differs between layers, so it is a parameter.
    const std::string cast = "(" + std::string(c_type(src.dtype)) + ")";
    const Text border = src.quant ? cast + parameter(static_cast<float>(number)) : padding(src, number, out_.prelude);
    if (!border) return refuse(step, "no kernel for this type");
    Coordinates from = at;
    Condition condition;
    for (std::size_t i = 0; i < at.size(); ++i) {
      const std::int64_t size = src.shape[i];
      from[i].offset -= step.attributes.get_ints("begin")[i];
      if (from[i].least(out_.axes) < 0 || from[i].greatest(out_.axes) >= size)
        condition.ranges.push_back({from[i], 0, size});
    }
    if (condition.ranges.empty()) return element(step.inputs[0], from);
    const std::string name = "v" + std::to_string(variables_++);
    line(std::string(c_type(plan_.values[value].type.dtype)) + " " + name + " = " + *border + ";");
    if (!under(std::move(condition), "", name, [&] { return element(step.inputs[0], from); })) return std::nullopt;
    return name;
  }

  /// True when elements of `value` lie in memory, moved perhaps.
  bool is_stored(std::uint32_t value) const {
    const auto made = producer_.find(value);
    if (made == producer_.end()) {
      const PlanValue& v = plan_.values[value];
      return v.place != Place::constant || v.type.elements() != 1;  // a scalar constant is a parameter
    }
    const Step& step = plan_.steps[made->second];
    return is_move(step.op) && is_stored(step.inputs[0]);
  }

  /// A concat of stored parts is one load with several places.
  Text joined_loads(const Step& step, const Coordinates& at, std::size_t axis) {
    std::optional<std::size_t> first_load;
    const int outer = condition_;
    std::int64_t first = 0;
    for (const std::uint32_t in : step.inputs) {
      const std::int64_t size = plan_.values[in].type.shape[axis];
      if (size == 0) continue;
      Coordinates from = at;
      from[axis].offset -= first;
      out_.conditions.push_back({outer, {{from[axis], 0, size}}});
      condition_ = static_cast<int>(out_.conditions.size()) - 1;
      const Text name = element(in, from);
      condition_ = outer;
      if (!name) return std::nullopt;
      if (!first_load) {
        first_load = out_.loads.size() - 1;
      } else {
        Load part = std::move(out_.loads.back());
        out_.loads.pop_back();
        out_.loads[*first_load].others.push_back(std::move(part));
      }
      first += size;
    }
    return "a" + std::to_string(*first_load);
  }

  Text joined(const Step& step, std::uint32_t value, const Coordinates& at) {
    const auto axis = static_cast<std::size_t>(step.attributes.get_int("axis", 0));
    if (std::all_of(step.inputs.begin(), step.inputs.end(), [&](std::uint32_t in) { return is_stored(in); }))
      return joined_loads(step, at, axis);
    if (step.inputs.size() > kMostComputedParts) return refuse(step, "too many computed parts");
    const std::string name = "v" + std::to_string(variables_++);
    line(std::string(c_type(plan_.values[value].type.dtype)) + " " + name + " = 0;");
    std::int64_t first = 0;
    std::string head;
    for (const std::uint32_t in : step.inputs) {
      const std::int64_t size = plan_.values[in].type.shape[axis];
      if (size == 0) continue;
      Coordinates from = at;
      from[axis].offset -= first;
      Condition condition;
      condition.ranges.push_back({from[axis], 0, size});
      if (!under(std::move(condition), head, name, [&] { return element(in, from); })) return std::nullopt;
      head = "else ";
      first += size;
    }
    return name;
  }

  struct Known {
    std::uint32_t value;
    Coordinates at;
    std::string name;
  };

  const Plan& plan_;
  std::uint32_t root_;
  std::map<std::uint32_t, std::uint32_t> producer_;  // value to step
  Coordinates coordinates_;
  Expression out_;
  std::vector<Known> known_;
  std::optional<Split> split_;
  std::string problem_;
  int variables_ = 0;
  int condition_ = -1;
  std::size_t indent_ = 2;
};

}  // namespace

bool is_expression_step(const Plan& plan, const Step& step) {
  switch (step.op) {
    case OpKind::concat: case OpKind::quantize: case OpKind::dequantize: case OpKind::to_codes: case OpKind::from_codes:
    case OpKind::lookup: case OpKind::cast: case OpKind::where: return true;
    case OpKind::pad: return step.attributes.get_string("mode") == "constant";
    case OpKind::batchnorm:
      return std::all_of(step.inputs.begin() + 1, step.inputs.end(), [&](std::uint32_t v) { return plan.values[v].place == Place::constant; }) &&
             std::all_of(step.inputs.begin(), step.inputs.end(), [&](std::uint32_t v) { return is_kernel_float(plan.values[v].type.dtype); });
    default: return is_move(step.op) || is_unary(step.op) || is_binary(step.op);
  }
}

std::size_t head_of(const Plan& plan, const std::vector<std::uint32_t>& steps) {
  const auto found = std::find_if(steps.begin(), steps.end(), [&](std::uint32_t s) { return !is_expression_step(plan, plan.steps[s]); });
  return static_cast<std::size_t>(found - steps.begin());
}

std::optional<Expression> make_expression(const Plan& plan, const std::vector<std::uint32_t>& steps,
                                          std::string* problem) {
  std::vector<Ints> factors;
  for (const std::int64_t d : plan.values[plan.steps[steps.back()].outputs[0]].type.shape) factors.push_back({d});
  // Each try splits an axis in two; a shape of 2^56 elements cannot be split more often than this.
  for (int tries = 0; tries < 64; ++tries) {
    Builder builder(plan, steps, factors);
    if (builder.run()) return std::move(builder.expression());
    if (!builder.split()) {
      if (problem != nullptr) *problem = builder.problem();
      return std::nullopt;
    }
    std::size_t axis = builder.split()->axis;
    for (Ints& f : factors) {
      if (axis >= f.size()) {
        axis -= f.size();
        continue;
      }
      f[axis] /= builder.split()->inner;
      f.insert(f.begin() + static_cast<std::ptrdiff_t>(axis) + 1, builder.split()->inner);
      break;
    }
  }
  return std::nullopt;
}

}  // namespace xpuq::opencl
