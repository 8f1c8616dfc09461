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

/// How the second operand of a "sum" post-op comes in: it is what dst holds (then it has the type of dst), or, where the
/// types differ, an operand of its own. Only a GPU's primitives are quick with the latter.
enum class SumForm { none, in_dst, operand, impossible };
SumForm sum_form(const StepContext& context, bool is_gpu);

/// All post-ops of a conv or linear; false when one has no counterpart.
bool append_post_ops(const StepContext& context, SumForm sum, dnnl::post_ops& ops);
/// The second operand, where it is one of its own, under the dimensions of dst: a linear's leading axes are one.
dnnl::memory::desc sum_operand(const StepContext& context);
/// Number of the "sum" among the post-ops.
int sum_index(const StepContext& context);

}  // namespace xpuq::onednn
