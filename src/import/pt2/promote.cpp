// Type promotion of PyTorch, for the types that a graph has:
// https://docs.pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc
#include <algorithm>

#include "import/pt2/call.h"

namespace xpuq::pt2 {
namespace {

bool is_float(DataType t) { return t == DataType::f32; }

/// boolean < u8, s8 < s16 < s32 < s64 < f32; u8 with s8 is s16.
DataType wider(DataType a, DataType b) {
  constexpr DataType order[] = {DataType::boolean, DataType::u8,  DataType::s8, DataType::s16,
                                DataType::s32,     DataType::s64, DataType::f32};
  if ((a == DataType::u8 && b == DataType::s8) || (a == DataType::s8 && b == DataType::u8)) return DataType::s16;
  const auto rank = [&](DataType t) { return std::find(std::begin(order), std::end(order), t) - std::begin(order); };
  return rank(a) > rank(b) ? a : b;
}

/// 0 boolean, 1 integer, 2 float: a term decides the type only when no term of higher priority has its category.
int category(DataType t) { return t == DataType::boolean ? 0 : is_float(t) ? 2 : 1; }

/// 2 tensors with axes, 1 scalars that are tensors, 0 plain numbers.
int priority(Call& c, const Term& t) {
  const auto* v = std::get_if<ValueId>(&t);
  return v ? (c.rank(*v) > 0 ? 2 : 1) : 0;
}

DataType type_of(Call& c, const Term& t) {
  if (const auto* v = std::get_if<ValueId>(&t)) return c.dtype(*v);
  return std::holds_alternative<double>(t) ? DataType::f32
         : std::holds_alternative<bool>(t) ? DataType::boolean
                                           : DataType::s64;
}

Result<ValueId> as_type(Call& c, const Term& t, DataType type) {
  if (const auto* v = std::get_if<ValueId>(&t)) return c.cast(*v, type);
  if (const auto* i = std::get_if<std::int64_t>(&t)) return c.scalar(static_cast<double>(*i), type);
  if (const auto* b = std::get_if<bool>(&t)) return c.scalar(*b, type);
  return c.scalar(std::get<double>(t), type);
}

}  // namespace

Result<std::pair<ValueId, ValueId>> promote(Call& c, const Term& a, const Term& b, bool to_float) {
  const DataType ta = type_of(c, a), tb = type_of(c, b);
  const int pa = priority(c, a), pb = priority(c, b);
  DataType type = wider(ta, tb);
  if (pa > pb && category(ta) >= category(tb)) type = ta;
  if (pb > pa && category(tb) >= category(ta)) type = tb;
  if (to_float && !is_float(type)) type = DataType::f32;
  XPUQ_ASSIGN(const ValueId x, as_type(c, a, type));
  XPUQ_ASSIGN(const ValueId y, as_type(c, b, type));
  return std::pair{x, y};
}

}  // namespace xpuq::pt2
