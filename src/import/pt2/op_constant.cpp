// Operators that copy or convert a tensor, or make one from nothing.
#include <cmath>

#include "import/pt2/element_type.h"
#include "import/pt2/operators.h"

namespace xpuq::pt2::import_op {
namespace {

constexpr std::int64_t kLongestRange = std::int64_t{1} << 24;

/// A tensor of one value. Folded to a constant when it is not huge.
Result<void> of_value(Call& c, const Shape& shape, double value, DataType type) {
  const ValueId one = c.scalar(value, type);
  if (shape.empty()) return c.result(one);
  return c.emit_result(OpKind::expand, {one}, {{"shape", shape}});
}

/// The type that torch.full gives to a plain number.
Result<DataType> natural_type(Call& c, std::string_view name) {
  XPUQ_ASSIGN(const Term t, c.term(name));
  return std::holds_alternative<double>(t) ? DataType::f32
         : std::holds_alternative<bool>(t) ? DataType::boolean
                                           : DataType::s64;
}

/// fill_value, or what the name of the operator says.
Result<double> filling(Call& c) {
  if (c.has("fill_value")) return c.real("fill_value");
  return c.has("one") ? 1.0 : 0.0;
}

Result<void> undropped(Call& c, std::string_view input) {
  XPUQ_ASSIGN(const ValueId v, c.tensor(input));
  if (c.given("train")) {
    XPUQ_ASSIGN(const bool train, c.flag("train"));
    if (train) c.session.note("dropout is dropped", c.origin());
  }
  XPUQ_ASSIGN(const ValueId kept, c.last().emit(OpKind::dropout, {v}));
  return c.result_view(kept, input);
}

}  // namespace

/// The tensor itself under another name.
Result<void> alias(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  // contiguous copies what is not contiguous, which shows only when one of the two is changed in place.
  return c.result_view(v, "self", 0, !c.has("memory_format"));
}

Result<void> copy_of(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  return c.result(v);
}

Result<void> dropout(Call& c) { return undropped(c, "input"); }
/// The in-place form calls its argument otherwise.
Result<void> dropout_self(Call& c) { return undropped(c, "self"); }

Result<void> to_type(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const DataType type, c.element_type("dtype", c.dtype(v)));
  if (type == c.dtype(v)) return c.result_view(v, "self", 0, false);
  return c.result(c.last().cast(v, type));
}

Result<void> to_like(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const ValueId other, c.tensor("other"));
  if (c.dtype(v) == c.dtype(other)) return c.result_view(v, "self", 0, false);
  return c.result(c.last().cast(v, c.dtype(other)));
}

/// copy_: the source in the type and shape of the target.
Result<void> copy(Call& c) {
  XPUQ_ASSIGN(const ValueId self, c.tensor("self"));
  XPUQ_ASSIGN(const ValueId source, c.tensor("src"));
  XPUQ_ASSIGN(const ValueId v, c.cast(source, c.dtype(self)));
  if (c.shape(v) == c.shape(self)) return c.result(v);
  return c.emit_result(OpKind::expand, {v}, {{"shape", c.shape(self)}});
}

Result<void> fill(Call& c) {
  XPUQ_ASSIGN(const ValueId self, c.tensor("self"));
  XPUQ_ASSIGN(const Term value, c.term("value"));
  if (const auto* v = std::get_if<ValueId>(&value)) {
    XPUQ_ASSIGN(const ValueId one, c.cast(*v, c.dtype(self)));
    return c.emit_result(OpKind::expand, {one}, {{"shape", c.shape(self)}});
  }
  XPUQ_ASSIGN(const double number, c.real("value"));
  return of_value(c, c.shape(self), number, c.dtype(self));
}

Result<void> zero(Call& c) {
  XPUQ_ASSIGN(const ValueId self, c.tensor("self"));
  return of_value(c, c.shape(self), 0, c.dtype(self));
}

Result<void> arange(Call& c) {
  bool whole = true;
  double start = 0, step = 1;
  const auto read = [&](const char* name, double& into) -> Result<void> {
    if (!c.has(name)) return {};
    XPUQ_ASSIGN(const DataType type, natural_type(c, name));
    whole = whole && type != DataType::f32;
    XPUQ_ASSIGN(into, c.real(name));
    return {};
  };
  double end = 0;
  XPUQ_TRY(read("start", start));
  XPUQ_TRY(read("end", end));
  XPUQ_TRY(read("step", step));
  XPUQ_ASSIGN(const DataType type, c.element_type("dtype", whole ? DataType::s64 : DataType::f32));
  const double count = std::ceil((end - start) / step);
  if (!(count <= static_cast<double>(kLongestRange)))
    return c.problem("makes a range of " + std::to_string(count) + " elements");
  const auto n = static_cast<std::int64_t>(std::max(count, 0.0));
  if (type == DataType::f32) {
    Tensor t(type, {n});
    for (std::int64_t i = 0; i < n; ++i) t.data<float>()[i] = static_cast<float>(start + static_cast<double>(i) * step);
    return c.result(c.constant(std::move(t)));
  }
  if (std::fabs(start) > 9e15 || std::fabs(step) > 9e15) return c.problem("makes a range of very large numbers");
  Tensor t(DataType::s64, {n});
  for (std::int64_t i = 0; i < n; ++i)
    t.data<std::int64_t>()[i] = static_cast<std::int64_t>(start + static_cast<double>(i) * step);
  if (type == DataType::s64) return c.result(c.constant(std::move(t)));
  return c.result(c.last().cast(c.builder.constant(c.node().name + "/s64", std::move(t)), type));
}

/// full, ones, zeros, empty and their new_ forms, which take the type of another tensor.
Result<void> full(Call& c) {
  XPUQ_ASSIGN(const Shape shape, c.integers("size"));
  DataType natural = DataType::f32;
  if (c.has("self")) {
    XPUQ_ASSIGN(const ValueId self, c.tensor("self"));
    natural = c.dtype(self);
  } else if (c.has("fill_value")) {
    XPUQ_ASSIGN(natural, natural_type(c, "fill_value"));
  }
  XPUQ_ASSIGN(const DataType type, c.element_type("dtype", natural));
  XPUQ_ASSIGN(const double value, filling(c));
  return of_value(c, shape, value, type);
}

Result<void> full_like(Call& c) {
  XPUQ_ASSIGN(const ValueId self, c.tensor("self"));
  XPUQ_ASSIGN(const DataType type, c.element_type("dtype", c.dtype(self)));
  XPUQ_ASSIGN(const double value, filling(c));
  return of_value(c, c.shape(self), value, type);
}

Result<void> scalar_tensor(Call& c) {
  XPUQ_ASSIGN(const DataType type, c.element_type("dtype", DataType::f32));
  XPUQ_ASSIGN(const double value, c.real("s"));
  return of_value(c, {}, value, type);
}

}  // namespace xpuq::pt2::import_op
