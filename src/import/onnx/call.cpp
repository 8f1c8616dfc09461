#include "import/onnx/call.h"

#include <algorithm>

namespace xpuq::onnx_import {
namespace {

constexpr std::int64_t kLargestEntry = std::int64_t{1} << 30;  // of strides, pads, ...: products of two fit 64 bits

template <class T>
Tensor rank_0(DataType dtype, double value) {
  const T v = static_cast<T>(value);
  return Tensor::of<T>(dtype, {}, {&v, 1});
}

}  // namespace

const onnx::AttributeProto* Call::find(const char* name) const {
  for (const auto& a : node.attribute())
    if (a.name() == name) return &a;
  return nullptr;
}

std::int64_t Call::int_or(const char* name, std::int64_t fallback) const {
  const auto* a = find(name);
  return a ? a->i() : fallback;
}

double Call::float_or(const char* name, double fallback) const {
  const auto* a = find(name);
  return a ? static_cast<double>(a->f()) : fallback;
}

std::string Call::string_or(const char* name, const char* fallback) const {
  const auto* a = find(name);
  return a ? a->s() : fallback;
}

Ints Call::ints(const char* name) const {
  const auto* a = find(name);
  return a ? Ints(a->ints().begin(), a->ints().end()) : Ints{};
}

Floats Call::floats(const char* name) const {
  const auto* a = find(name);
  return a ? Floats(a->floats().begin(), a->floats().end()) : Floats{};
}

Result<bool> Call::flag(const char* name, bool fallback) const {
  const std::int64_t v = int_or(name, fallback);
  if (v != 0 && v != 1) return problem("attribute '" + std::string(name) + "' is no flag", std::to_string(v), "0 or 1");
  return v == 1;
}

Result<Ints> Call::list(const char* name, std::size_t count, std::int64_t fallback, std::int64_t least) const {
  if (!has_attribute(name)) return Ints(count, fallback);
  Ints out = ints(name);
  const std::string attribute = "attribute '" + std::string(name) + "'";
  if (out.size() != count)
    return problem(attribute + " has the wrong number of entries", text(out), std::to_string(count) + " integers");
  for (std::int64_t v : out)
    if (v < least || v > kLargestEntry)
      return problem(attribute + " is out of range", text(out), "integers in " + std::to_string(least) + "..2^30");
  return out;
}

Result<Ints> Call::constant_ints(std::size_t i, const char* what) const {
  auto values = builder.ints_of(in(i));
  if (values) return std::move(*values);
  if (builder.constant_of(in(i)))
    return problem(std::string(what) + " is no integer tensor", std::string(to_string(dtype(i))), "s64 or s32");
  return problem(std::string(what) + " is not constant", "'" + builder.name(in(i)) + "', which is computed at run time",
                 "a value that follows from constants and shapes", "export with fixed shapes");
}

Result<double> Call::constant_number(std::size_t i, const char* what) const {
  if (const auto value = builder.number_of(in(i))) return *value;
  if (const Tensor* t = builder.constant_of(in(i)))
    return problem(std::string(what) + " is no single number", to_string(t->shape()), "one element");
  return problem(std::string(what) + " is not constant", "'" + builder.name(in(i)) + "', which is computed at run time",
                 "a constant");
}

Result<std::optional<Ints>> Call::ints_from(const char* name, std::size_t i) const {
  if (has(i)) {
    XPUQ_ASSIGN(Ints values, constant_ints(i, name));
    return std::optional<Ints>(std::move(values));
  }
  if (has_attribute(name)) return std::optional<Ints>(ints(name));
  return std::optional<Ints>();
}

Result<std::int64_t> Call::axis(std::int64_t value, std::int64_t rank) const {
  if (value < -rank || value >= rank)
    return problem("axis is out of range", std::to_string(value),
                   std::to_string(-rank) + ".." + std::to_string(rank - 1));
  return value < 0 ? value + rank : value;
}

Result<Ints> Call::axes(const Ints& values, std::int64_t rank) const {
  Ints out;
  for (std::int64_t v : values) {
    XPUQ_ASSIGN(const std::int64_t at, axis(v, rank));
    out.push_back(at);
  }
  std::sort(out.begin(), out.end());
  if (std::adjacent_find(out.begin(), out.end()) != out.end())
    return problem("an axis is named twice", text(values), "different axes");
  return out;
}

Result<ValueId> Call::step(OpKind kind, std::vector<ValueId> operands, Attributes attributes) const {
  const std::string name = names[0] + "/" + std::string(to_string(kind));
  return session.emit(kind, std::move(operands), std::move(attributes), name, origin);
}

Result<ValueId> Call::emit(OpKind kind, std::vector<ValueId> operands, Attributes attributes, std::size_t index) const {
  const bool named = index < names.size() && !names[index].empty();
  const std::string name = named ? names[index] : names[0] + "/output_" + std::to_string(index);  // nobody reads it
  return session.emit(kind, std::move(operands), std::move(attributes), name, origin);
}

Result<Outputs> Call::result(OpKind kind, std::vector<ValueId> operands, Attributes attributes) const {
  XPUQ_ASSIGN(const ValueId out, emit(kind, std::move(operands), std::move(attributes)));
  return Outputs{out};
}

ValueId Call::scalar(DataType dtype, double value) const {
  switch (dtype) {
    case DataType::f32: return builder.scalar(static_cast<float>(value));
    case DataType::f64: return builder.constant("scalar", rank_0<double>(dtype, value));
    case DataType::s64: return builder.constant("scalar", rank_0<std::int64_t>(dtype, value));
    case DataType::s32: return builder.constant("scalar", rank_0<std::int32_t>(dtype, value));
    case DataType::s16: return builder.constant("scalar", rank_0<std::int16_t>(dtype, value));
    case DataType::s8: return builder.constant("scalar", rank_0<std::int8_t>(dtype, value));
    case DataType::u8:
    case DataType::boolean: return builder.constant("scalar", rank_0<std::uint8_t>(dtype, value));
    case DataType::f16:
    case DataType::bf16: break;  // never in the graph, see Session
  }
  return builder.scalar(static_cast<float>(value));
}

Result<ValueId> Call::cast(ValueId v, DataType to) const {
  if (builder.type(v).dtype == to) return v;
  return step(OpKind::cast, {v}, {{"to", std::string(to_string(to))}});
}

Error Call::problem(std::string what, std::string got, std::string expected, std::string remedy) const {
  Error e = builder.problem(origin, node.op_type() + ": " + std::move(what));
  e.got = std::move(got);
  e.expected = std::move(expected);
  e.remedy = std::move(remedy);
  return e;
}

std::string text(const Ints& values) {
  std::string out = "[";
  for (std::size_t i = 0; i < values.size() && i < 16; ++i) out += (i ? ", " : "") + std::to_string(values[i]);
  return out + (values.size() > 16 ? ", ...]" : "]");
}

}  // namespace xpuq::onnx_import
