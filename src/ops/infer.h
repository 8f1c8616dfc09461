// One type rule per group of ops.def: Inferred infer_<group>(kind, attributes, inputs), defined in ops/<group>.cpp.
// infer() has checked before: arity, attribute names and kinds, and that every input type is sound by itself. A rule
// names a problem without the operation; infer() puts it in front.
#pragma once

#include <span>

#include "ops/op.h"

namespace xpuq::ops {

// A group with several operations is declared several times, which C++ allows.
#define XPUQ_OP(name, least, most, outputs, group, attribute_list) \
  Inferred infer_##group(OpKind kind, const Attributes& attributes, std::span<const TensorType> inputs);
#include "ops/ops.def"
#undef XPUQ_OP

}  // namespace xpuq::ops
