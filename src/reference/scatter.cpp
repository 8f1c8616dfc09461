// scatter_elements, scatter_nd (ops/scatter.cpp): a copy of data, then update after update in row-major order.
#include <cstring>

#include "reference/indices.h"
#include "reference/rows.h"

namespace xpuq::reference {
namespace {

template <class T>
T combine(T old, T update, const std::string& reduction) {
  using C = Compute<T>;
  const C a = old, b = update;
  if constexpr (std::is_same_v<T, Boolean>) return update;  // the rule allows them "none" only
  else if constexpr (kIsFloat<T>) {
    if (reduction == "add") return T(static_cast<C>(a + b));
    if (reduction == "mul") return T(static_cast<C>(a * b));
  } else {
    if (reduction == "add") return static_cast<T>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
    if (reduction == "mul") return static_cast<T>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
  }
  // NaN wins on either side, as in minimum and maximum.
  if (reduction == "min") return a < b || a != a ? old : update;
  if (reduction == "max") return a > b || a != a ? old : update;
  return update;
}

template <class T>
void update_block(const OpCall& call, std::int64_t to, std::int64_t from, std::int64_t count) {
  const std::string& reduction = call.attributes->get_string("reduction");
  T* dst = elements<T>(call.outputs[0]) + to;
  const T* updates = elements<T>(call.inputs[2]) + from;
  for (std::int64_t i = 0; i < count; ++i) dst[i] = combine(dst[i], updates[i], reduction);
}

template <class T>
Result<void> scatter_elements(const OpCall& call) {
  const Shape& data = call.inputs[0].type->shape;
  const Shape& shape = call.inputs[1].type->shape;
  const auto axis = static_cast<std::size_t>(call.attributes->get_int("axis", 0));
  const Strides strides = row_major_strides(data);
  const std::int64_t count = call.inputs[1].type->elements();
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t given = index_at(call.inputs[1], i);
    const std::int64_t index = wrapped(given, data[axis]);
    if (index < 0) return outside_error(call, given, axis, data[axis]);
    std::int64_t at = index * strides[axis];
    for (std::int64_t rest = i, a = static_cast<std::int64_t>(shape.size()) - 1; a >= 0; --a) {
      const auto k = static_cast<std::size_t>(a);
      if (k != axis) at += rest % shape[k] * strides[k];
      rest /= shape[k];
    }
    update_block<T>(call, at, i, 1);
  }
  return {};
}

template <class T>
Result<void> scatter_nd(const OpCall& call) {
  const Shape& data = call.inputs[0].type->shape;
  const std::int64_t depth = call.inputs[1].type->shape.back();
  const Strides strides = row_major_strides(data);
  std::int64_t block = 1;
  for (std::size_t i = static_cast<std::size_t>(depth); i < data.size(); ++i) block *= data[i];
  const std::int64_t positions = call.inputs[1].type->elements() / depth;
  for (std::int64_t p = 0; p < positions; ++p) {
    std::int64_t at = 0;
    for (std::int64_t k = 0; k < depth; ++k) {
      const auto axis = static_cast<std::size_t>(k);
      const std::int64_t given = index_at(call.inputs[1], p * depth + k);
      const std::int64_t index = wrapped(given, data[axis]);
      if (index < 0) return outside_error(call, given, axis, data[axis]);
      at += index * strides[axis];
    }
    update_block<T>(call, at, p * block, block);
  }
  return {};
}

}  // namespace

Result<void> run_scatter(const OpCall& call) {
  std::memcpy(call.outputs[0].bytes, call.inputs[0].bytes, call.outputs[0].type->bytes());
  Result<void> done;
  for_any_type(call.outputs[0].type->dtype, [&]<class T>() {
    done = call.kind == OpKind::scatter_elements ? scatter_elements<T>(call) : scatter_nd<T>(call);
  });
  return done;
}

}  // namespace xpuq::reference
