// cast; rules in ops/cast.cpp.
#include "reference/element.h"
#include "reference/groups.h"

namespace xpuq::reference {
namespace {

template <class To, class From>
To convert(From stored) {
  const Compute<From> v = stored;
  if constexpr (std::is_same_v<To, Boolean>) return Boolean(v != 0);
  else if constexpr (kIsFloat<To>) return To(static_cast<Compute<To>>(v));
  else if constexpr (kIsFloat<From>) return saturate<To>(v);
  else return static_cast<To>(v);
}

}  // namespace

Result<void> run_cast(const OpCall& call) {
  const Operand& src = call.inputs[0];
  const MutableOperand& dst = call.outputs[0];
  const std::int64_t count = src.type->elements();
  for_any_type(src.type->dtype, [&]<class From>() {
    for_any_type(dst.type->dtype, [&]<class To>() {
      const From* x = elements<From>(src);
      To* y = elements<To>(dst);
      for (std::int64_t i = 0; i < count; ++i) y[i] = convert<To>(x[i]);
    });
  });
  return {};
}

}  // namespace xpuq::reference
