// What conv and linear share: the float and the int8 form, bias, post-ops and the type of dst.
#pragma once

#include "ops/post_ops.h"
#include "ops/type_rule.h"

namespace xpuq::ops {

/// True for the int8 form: s8 src and wei with quantization parameters.
bool is_int8_form(std::span<const TensorType> inputs);

/// The type of src, wei, bia and the post-ops of an operation whose dst has `dst_shape` and `channels` output channels.
///   float: src f32 or bf16, wei the same, bia f32 or the same; dst_type defaults to that of src
///   int8:  src s8 with one scale, wei s8 with one scale or one per output channel (zero points 0), bia f32;
///          dst_type defaults to f32
/// Both: dst_scale set makes dst s8; "sum" adds the last input, which has the shape of dst and is f32, bf16 or s8
/// with one scale.
Inferred infer_weighted(const Attributes& attributes, std::span<const TensorType> inputs, Shape dst_shape,
                        std::int64_t channels);

}  // namespace xpuq::ops
