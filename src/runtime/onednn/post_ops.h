// Post-ops of a plan as oneDNN's.
#pragma once

#include <optional>

#include "ops/post_ops.h"
#include "runtime/onednn/memory.h"

namespace xpuq::onednn {

/// Algorithm and parameters of a unary operation or post-op; empty when oneDNN has none that means the same.
struct Eltwise {
  dnnl::algorithm algorithm;
  float alpha = 0;
  float beta = 0;
};
std::optional<Eltwise> as_eltwise(OpKind kind, const Attributes& attributes);

/// All post-ops of a conv or linear; false when one has no counterpart. "sum" takes the accumulator in dst.
bool append_post_ops(const StepContext& context, dnnl::post_ops& ops);
/// True when a sum, if any, can work in place: its operand has the type of dst.
bool sum_fits_dst(const StepContext& context);

}  // namespace xpuq::onednn
