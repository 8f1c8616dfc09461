// Operators that pick or place elements by index, run along an axis, or put elements in order.
#include "import/pt2/operators.h"

namespace xpuq::pt2::import_op {

Result<void> gather_elements(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const std::size_t axis, c.axis("dim", c.rank(v)));
  XPUQ_ASSIGN(const ValueId index, c.tensor("index"));
  return c.emit_result(OpKind::gather_elements, {v, index}, {{"axis", static_cast<std::int64_t>(axis)}});
}

/// scatter of a tensor or of one number, scatter_add.
Result<void> scatter_elements(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const std::size_t axis, c.axis("dim", c.rank(v)));
  XPUQ_ASSIGN(const ValueId index, c.tensor("index"));
  ValueId src = ValueId::none;
  if (c.has("value")) {
    XPUQ_ASSIGN(const double number, c.real("value"));
    XPUQ_ASSIGN(src, c.emit(OpKind::expand, {c.scalar(number, c.dtype(v))}, {{"shape", c.shape(index)}}));
  } else {
    XPUQ_ASSIGN(src, c.tensor("src"));
    if (c.shape(src) != c.shape(index)) return c.unsupported("scatters a part of its source");
  }
  return c.emit_result(OpKind::scatter_elements, {v, index, src},
                       {{"axis", static_cast<std::int64_t>(axis)}, {"reduction", std::string(c.has("adds") ? "add" : "none")}});
}

/// Sums of integers and booleans are s64.
Result<void> cumsum(Call& c) {
  XPUQ_ASSIGN(ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const std::size_t axis, c.axis("dim", c.rank(v)));
  const DataType natural = c.dtype(v) == DataType::f32 ? DataType::f32 : DataType::s64;
  XPUQ_ASSIGN(const DataType type, c.element_type("dtype", natural));
  XPUQ_ASSIGN(v, c.cast(v, type));
  return c.emit_result(OpKind::cumsum, {v},
                       {{"axis", static_cast<std::int64_t>(axis)}, {"exclusive", std::int64_t{0}}, {"reverse", std::int64_t{0}}});
}

/// topk; sort and argsort are the topk of a whole axis.
Result<void> topk(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const std::size_t axis, c.axis("dim", c.rank(v)));
  std::int64_t k = c.rank(v) == 0 ? 1 : c.shape(v)[axis];
  bool largest = false;
  if (c.has("k")) {
    XPUQ_ASSIGN(k, c.integer("k"));
    XPUQ_ASSIGN(largest, c.flag("largest"));
  } else {
    XPUQ_ASSIGN(largest, c.flag("descending"));
  }
  const Attributes how{{"axis", static_cast<std::int64_t>(axis)}, {"k", k}, {"largest", std::int64_t{largest}}};
  if (c.has("places_only")) return c.emit_result(OpKind::topk, {v}, how);
  XPUQ_ASSIGN(const ValueId places, c.last(1).emit(OpKind::topk, {v}, how));
  XPUQ_ASSIGN(const ValueId values, c.last(0).emit(OpKind::gather_elements, {v, places}, {{"axis", static_cast<std::int64_t>(axis)}}));
  XPUQ_TRY(c.result(values, 0));
  return c.result(places, 1);
}

}  // namespace xpuq::pt2::import_op
