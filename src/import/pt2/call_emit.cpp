// Emission and results of a Call.
#include "import/pt2/call.h"

#include <utility>

#include "import/pt2/element_type.h"
#include "import/pt2/json_fields.h"

namespace xpuq::pt2 {

Result<DataType> Call::element_type(std::string_view name, DataType fallback_type) {
  if (!given(name)) return fallback_type;
  XPUQ_ASSIGN(const Argument a, argument(name));
  const auto code = a.tag == "as_scalar_type" || a.tag == "as_int" ? integer_of(a.value) : std::nullopt;
  if (!code) return bad(name, "an element type", a);
  const auto type = pt2::element_type(*code);
  if (!type || *type == DataType::f64) {
    Error e = problem("makes a tensor of an element type that is not supported");
    e.code = "E305";
    e.got = element_type_name(*code);
    e.expected = "float32 or an integer type";
    e.remedy = "export model.float()";
    return e;
  }
  if (*type != DataType::f16 && *type != DataType::bf16) return *type;
  session.note("conversions to half precision are dropped, the model stays f32", origin_);
  return DataType::f32;
}

ValueId Call::scalar(double value, DataType type) {
  const auto make = [&](auto v) {
    using T = decltype(v);
    return builder.constant("scalar", Tensor::of<T>(type, {}, std::span<const T>(&v, 1)));
  };
  // Values come from files: outside of the range of the integer type they saturate.
  const auto whole = [&](double low, double high) {
    return value != value ? 0.0 : value < low ? low : value > high ? high : value;
  };
  switch (type) {
    case DataType::s64: return make(static_cast<std::int64_t>(whole(-9223372036854775808.0, 9223372036854774784.0)));
    case DataType::s32: return make(static_cast<std::int32_t>(whole(-2147483648.0, 2147483647.0)));
    case DataType::s16: return make(static_cast<std::int16_t>(whole(-32768, 32767)));
    case DataType::s8: return make(static_cast<std::int8_t>(whole(-128, 127)));
    case DataType::u8: return make(static_cast<std::uint8_t>(whole(0, 255)));
    case DataType::boolean: return make(static_cast<std::uint8_t>(value != 0));
    default: return builder.scalar(static_cast<float>(value));
  }
}

Result<ValueId> Call::emit(OpKind op, std::vector<ValueId> inputs, Attributes attributes) {
  const auto which = std::exchange(last_, std::nullopt);
  const std::string& first = node_.outputs.empty() ? node_.name : node_.outputs[0];
  const std::string name = which ? (*which < node_.outputs.size() ? node_.outputs[*which] : first)
                                 : first + "/" + std::string(to_string(op));
  return builder.emit(op, std::move(inputs), std::move(attributes), name, origin_);
}

Result<ValueId> Call::reshape(ValueId v, Shape shape_wanted) {
  return emit(OpKind::reshape, {v}, {{"shape", std::move(shape_wanted)}});
}

Result<ValueId> Call::transpose(ValueId v, Ints perm) {
  return emit(OpKind::transpose, {v}, {{"perm", std::move(perm)}});
}

Result<ValueId> Call::cast(ValueId v, DataType type) {
  if (dtype(v) == type) {
    last_.reset();
    return v;
  }
  return emit(OpKind::cast, {v}, {{"to", std::string(to_string(type))}});
}

Result<ValueId> Call::as_float(ValueId v) { return cast(v, DataType::f32); }

Result<ValueId> Call::slice(ValueId v, std::size_t axis, std::int64_t start, std::int64_t size, std::int64_t step) {
  Ints starts(rank(v), 0), sizes = shape(v), steps(rank(v), 1);
  starts[axis] = start;
  sizes[axis] = size;
  steps[axis] = step;
  return emit(OpKind::slice, {v}, {{"starts", starts}, {"sizes", sizes}, {"steps", steps}});
}

Result<ValueId> Call::concat(std::vector<ValueId> values, std::size_t axis) {
  return emit(OpKind::concat, std::move(values), {{"axis", static_cast<std::int64_t>(axis)}});
}

bool Call::result_is_read(std::size_t i) const { return i < node_.outputs.size() && session.is_read(node_.outputs[i]); }

Result<void> Call::result(ValueId v, std::size_t i) {
  if (i < node_.outputs.size()) session.bind(node_.outputs[i], v);
  return {};
}

Result<void> Call::result(Result<ValueId> v, std::size_t i) {
  if (!v) return std::move(v.error());
  return result(*v, i);
}

Result<void> Call::result_view(ValueId v, std::string_view parent, std::size_t i, bool certain) {
  const auto it = node_.arguments.find(std::string(parent));
  const auto names = it == node_.arguments.end() ? std::vector<std::string>{} : tensor_names(it->second);
  if (names.size() != 1) return problem(node_.target + " lacks its argument '" + std::string(parent) + "'");
  if (i < node_.outputs.size() && !node_.outputs[i].empty()) session.bind_view(node_.outputs[i], v, names[0], certain);
  return {};
}

Result<void> Call::emit_result(OpKind op, std::vector<ValueId> inputs, Attributes attributes) {
  return result(last().emit(op, std::move(inputs), std::move(attributes)));
}

Error Call::unsupported(std::string what) const {
  return session.unsupported(origin_, node_.target + " " + std::move(what));
}

}  // namespace xpuq::pt2
