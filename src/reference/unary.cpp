// Pointwise operations of one input; formulas in reference/unary_function.h.
#include "reference/element.h"
#include "reference/groups.h"
#include "reference/unary_function.h"

namespace xpuq::reference {

Result<void> run_unary(const OpCall& call) {
  const Operand& src = call.inputs[0];
  const MutableOperand& dst = call.outputs[0];
  const std::int64_t count = src.type->elements();
  const UnaryFunction f(call.kind, *call.attributes);
  if (call.kind == OpKind::logical_not) {
    for (std::int64_t i = 0; i < count; ++i) elements<Boolean>(dst)[i] = Boolean(!elements<Boolean>(src)[i]);
    return {};
  }
  for_number_type(src.type->dtype, [&]<class T>() {
    const T* x = elements<T>(src);
    T* y = elements<T>(dst);
    for (std::int64_t i = 0; i < count; ++i) {
      if constexpr (kIsFloat<T>) y[i] = T(f.of_float(Compute<T>(x[i])));
      else y[i] = f.of_integer(x[i]);
    }
  });
  return {};
}

}  // namespace xpuq::reference
