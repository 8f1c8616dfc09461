// where: condition ? x : y.
#include "reference/element.h"
#include "reference/groups.h"
#include "reference/rows.h"

namespace xpuq::reference {
namespace {

template <class T>
void select(const OpCall& call) {
  const Shape& shape = call.outputs[0].type->shape;
  const auto strides = [&](std::size_t i) { return broadcast_strides(call.inputs[i].type->shape, shape); };
  for_each_row<4>(shape, {strides(0), strides(1), strides(2), row_major_strides(shape)},
                  [&](const auto& at, const auto& step, std::int64_t count) {
                    const Boolean* c = elements<Boolean>(call.inputs[0]) + at[0];
                    const T* x = elements<T>(call.inputs[1]) + at[1];
                    const T* y = elements<T>(call.inputs[2]) + at[2];
                    T* z = elements<T>(call.outputs[0]) + at[3];
                    for (std::int64_t i = 0; i < count; ++i)
                      z[i * step[3]] = c[i * step[0]] ? x[i * step[1]] : y[i * step[2]];
                  });
}

}  // namespace

Result<void> run_where(const OpCall& call) {
  for_any_type(call.outputs[0].type->dtype, [&]<class T>() { select<T>(call); });
  return {};
}

}  // namespace xpuq::reference
