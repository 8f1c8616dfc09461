// Every translation, by the file that holds it; the table (table.cpp) names the operators that use them.
#pragma once

#include "import/onnx/call.h"

namespace xpuq::onnx_import {

// activation.cpp
Result<Outputs> unary(Call& c);
Result<Outputs> clip(Call& c);
Result<Outputs> hard_sigmoid(Call& c);
Result<Outputs> with_alpha(Call& c);
Result<Outputs> gelu(Call& c);
Result<Outputs> selu(Call& c);
Result<Outputs> celu(Call& c);
Result<Outputs> mish(Call& c);
Result<Outputs> swish(Call& c);
Result<Outputs> softsign(Call& c);
Result<Outputs> thresholded_relu(Call& c);
Result<Outputs> shrink(Call& c);
// arithmetic.cpp
Result<Outputs> binary(Call& c);
Result<Outputs> power(Call& c);
Result<Outputs> modulo(Call& c);
Result<Outputs> chain(Call& c);
Result<Outputs> mean_of_inputs(Call& c);
Result<Outputs> exclusive_or(Call& c);
Result<Outputs> where(Call& c);
Result<Outputs> is_nan(Call& c);
Result<Outputs> is_inf(Call& c);
Result<Outputs> triangle(Call& c);
Result<Outputs> prelu(Call& c);
Result<Outputs> bit_shift(Call& c);
// cast.cpp
Result<Outputs> cast_to(Call& c);
Result<Outputs> cast_like(Call& c);
// constant.cpp
Result<Outputs> constant(Call& c);
Result<Outputs> constant_of_shape(Call& c);
Result<Outputs> range(Call& c);
Result<Outputs> shape_of(Call& c);
Result<Outputs> size_of_input(Call& c);
// control.cpp
Result<Outputs> identity(Call& c);
Result<Outputs> dropout(Call& c);
Result<Outputs> branch(Call& c);
// conv.cpp
Result<Outputs> conv(Call& c);
Result<Outputs> conv_transpose(Call& c);
// cumsum.cpp
Result<Outputs> cumulative_sum(Call& c);
// einsum.cpp
Result<Outputs> einsum(Call& c);
// gather.cpp
Result<Outputs> gather(Call& c);
Result<Outputs> gather_elements(Call& c);
Result<Outputs> gather_nd(Call& c);
// grid_sample.cpp
Result<Outputs> grid_sample(Call& c);
// integer.cpp
Result<Outputs> conv_integer(Call& c);
Result<Outputs> matmul_integer(Call& c);
// linear.cpp
Result<Outputs> gemm(Call& c);
Result<Outputs> matmul(Call& c);
// normalization.cpp
Result<Outputs> batch_normalization(Call& c);
Result<Outputs> layer_normalization(Call& c);
Result<Outputs> instance_normalization(Call& c);
Result<Outputs> group_normalization(Call& c);
Result<Outputs> rms_normalization(Call& c);
Result<Outputs> mean_variance_normalization(Call& c);
Result<Outputs> local_response_normalization(Call& c);
Result<Outputs> lp_normalization(Call& c);
// pad.cpp
Result<Outputs> pad(Call& c);
// pool.cpp
Result<Outputs> max_pool(Call& c);
Result<Outputs> average_pool(Call& c);
Result<Outputs> global_average_pool(Call& c);
Result<Outputs> global_max_pool(Call& c);
// qlinear.cpp
Result<Outputs> qlinear_conv(Call& c);
Result<Outputs> qlinear_matmul(Call& c);
Result<Outputs> qlinear_gemm(Call& c);
Result<Outputs> qlinear_binary(Call& c);
Result<Outputs> qlinear_unary(Call& c);
Result<Outputs> qlinear_average_pool(Call& c);
Result<Outputs> qlinear_global_average_pool(Call& c);
Result<Outputs> qlinear_concat(Call& c);
Result<Outputs> qlinear_softmax(Call& c);
// quantize.cpp
Result<Outputs> quantize_linear(Call& c);
Result<Outputs> dequantize_linear(Call& c);
Result<Outputs> dynamic_quantize_linear(Call& c);
// reduce.cpp
Result<Outputs> reduce(Call& c);
Result<Outputs> reduce_mean(Call& c);
Result<Outputs> reduce_l1(Call& c);
Result<Outputs> reduce_l2(Call& c);
Result<Outputs> reduce_sum_square(Call& c);
Result<Outputs> reduce_log_sum(Call& c);
Result<Outputs> reduce_log_sum_exp(Call& c);
Result<Outputs> arg_max(Call& c);
Result<Outputs> arg_min(Call& c);
// resize.cpp
Result<Outputs> upsample(Call& c);
Result<Outputs> resize(Call& c);
// scatter.cpp
Result<Outputs> scatter_elements(Call& c);
Result<Outputs> scatter_nd(Call& c);
// selection.cpp
Result<Outputs> hardmax(Call& c);
Result<Outputs> one_hot(Call& c);
Result<Outputs> eye_like(Call& c);
Result<Outputs> compress(Call& c);
Result<Outputs> non_zero(Call& c);
// shape.cpp
Result<Outputs> reshape(Call& c);
Result<Outputs> flatten(Call& c);
Result<Outputs> squeeze(Call& c);
Result<Outputs> unsqueeze(Call& c);
Result<Outputs> transpose(Call& c);
Result<Outputs> expand(Call& c);
Result<Outputs> tile(Call& c);
Result<Outputs> concat(Call& c);
Result<Outputs> depth_to_space(Call& c);
Result<Outputs> space_to_depth(Call& c);
// slice.cpp
Result<Outputs> slice(Call& c);
Result<Outputs> split(Call& c);
// softmax.cpp
Result<Outputs> softmax(Call& c);
// topk.cpp
Result<Outputs> top_k(Call& c);

}  // namespace xpuq::onnx_import
