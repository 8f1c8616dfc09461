// What is computed on an accumulator of conv or linear before it is stored (oneDNN's post-ops), kept in the
// attributes `post_ops`, `post_alpha`, `post_beta` of the operation.
//   v = acc * (src_scale * wei_scale[oc]) + bia[oc]        float forms: v = conv(src, wei) + bia[oc]
//   then in order: "sum": v += other (dequantized when s8); or a unary: relu, clip(alpha, beta), hardswish,
//   silu, gelu (alpha 0: erf, 1: tanh), hardsigmoid(alpha, beta), sigmoid, tanh, leaky_relu(alpha)
//   dst: s8 = clamp(rne(v * (1/dst_scale) + dst_zero_point)) when dst_scale is set, else v in dst_type (f32 or bf16).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ops/attributes.h"
#include "ops/op.h"

namespace xpuq {

struct PostOp {
  std::string kind;
  double alpha = 0;
  double beta = 0;
  bool operator==(const PostOp&) const = default;
};

std::vector<PostOp> post_ops(const Attributes& attributes);
void set_post_ops(Attributes& attributes, const std::vector<PostOp>& ops);

/// Where the inputs of a conv or linear stand; -1 for those that it has not.
struct WeightedInputs {
  int src = 0;
  int wei = 1;
  int bia = -1;
  int other = -1;  ///< second operand of the "sum" post-op; always the last input
};
WeightedInputs weighted_inputs(const Attributes& attributes, std::size_t input_count);

/// The post-op that equals a unary operation, if there is one.
std::optional<PostOp> as_post_op(OpKind kind, const Attributes& attributes);
/// The way back: kind and attributes of the unary operation that a post-op (other than "sum") stands for.
std::pair<OpKind, Attributes> as_unary(const PostOp& post_op);

}  // namespace xpuq
