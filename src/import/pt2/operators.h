// The table of operators: target, what imports it, and its schema with defaults (arguments equal to the default are
// omitted in the file). One line per overload in operators.def.
#pragma once

#include <string_view>

#include "import/pt2/call.h"

namespace xpuq::pt2 {

using Handler = Result<void> (*)(Call&);

struct Operator {
  std::string_view target;     ///< "aten.conv2d.default"
  Handler handler;
  std::string_view arguments;  ///< "input weight bias=none stride=[1]"
  OpKind kind;                 ///< for handlers that serve several operations
  bool arranges;               ///< only moves elements, or does nothing
};

/// The operator of a target, or null. In-place forms ("aten.relu_.default") are found under the ordinary name.
const Operator* find_operator(std::string_view target);
/// True for "aten.relu_.default" and the like.
bool is_in_place(std::string_view target);
/// Every target in the table, for --help operators.
std::vector<std::string_view> supported_targets();

#define XPUQ_PT2_HANDLERS(X) \
  X(conv) X(convolution) X(conv_transpose) X(linear) X(addmm) X(matmul) X(baddbmm) X(batch_norm) X(layer_norm) \
  X(group_norm) X(instance_norm) X(rms_norm) X(unary) X(float_unary) X(clamp) X(clamp_tensor) X(relu6) X(gelu) \
  X(leaky_relu) X(elu) X(hardsigmoid) X(prelu) X(softplus) X(rsqrt) X(square) X(mish) X(glu) X(logical_not) \
  X(add) X(rsub) X(arithmetic) X(divide) X(power) X(extremum) X(remainder) X(fmod) X(compare) X(not_equal) \
  X(logical) X(where) X(masked_fill) X(softmax) X(safe_softmax) X(max_pool) X(avg_pool) X(adaptive_avg_pool) \
  X(mean) X(reduce) X(reduce_dim) X(any_or_all) X(log1p) X(expm1) X(is_nan) X(scatter) X(argmax) X(variance) \
  X(vector_norm) X(concat) X(stack) X(view) X(view_as) X(flatten) X(unflatten) X(permute) X(swap_axes) \
  X(move_axes) X(reverse_axes) X(squeeze) X(unsqueeze) X(expand) X(expand_as) X(repeat) X(slice) X(select) \
  X(narrow) X(split) X(split_with_sizes) X(chunk) X(unbind) X(pad) X(roll) X(flip) X(embedding) X(index_select) \
  X(index) X(triangle) X(upsample) X(upsample_vec) X(pixel_shuffle) X(pixel_unshuffle) X(channel_shuffle) \
  X(attention) X(alias) X(copy_of) X(dropout) X(dropout_self) X(to_type) X(to_like) X(copy) X(fill) X(zero) \
  X(arange) X(full) X(full_like) X(scalar_tensor) X(quantize_per_tensor) X(dequantize_per_tensor) \
  X(quantize_per_channel) X(dequantize_per_channel) X(gather_elements) X(scatter_elements) X(cumsum) X(topk)

#define XPUQ_DECLARE(name) Result<void> name(Call& c);
namespace import_op {
XPUQ_PT2_HANDLERS(XPUQ_DECLARE)
}
#undef XPUQ_DECLARE

}  // namespace xpuq::pt2
