#include "import/onnx/table.h"

#include <algorithm>
#include <array>

#include "import/onnx/operators.h"

namespace xpuq::onnx_import {
namespace {

constexpr int kMany = 1 << 30;
constexpr const char* kWindow = "auto_pad:s dilations:I group:i kernel_shape:I pads:I strides:I";
constexpr const char* kBinary = "axis:i broadcast:i";
constexpr const char* kScatter = "axis:i reduction:s";
constexpr const char* kReduce = "axes:I keepdims:i noop_with_empty_axes:i";
constexpr const char* kArg = "axis:i keepdims:i select_last_index:i";

// Sorted by name. Attributes are those of every opset from 6 on; which are current is the translation's business.
// consumed_inputs and the like are older and refused.
constexpr std::array kOperators = std::to_array<Operator>({
    {"Abs", 1, 1, "", unary, OpKind::abs},
    {"Acos", 1, 1, "", unary, OpKind::acos},
    {"Acosh", 1, 1, "", unary, OpKind::acosh},
    {"Add", 2, 2, kBinary, binary, OpKind::add},
    {"And", 2, 2, kBinary, binary, OpKind::logical_and},
    {"ArgMax", 1, 1, kArg, arg_max},
    {"ArgMin", 1, 1, kArg, arg_min, OpKind::neg},
    {"Asin", 1, 1, "", unary, OpKind::asin},
    {"Asinh", 1, 1, "", unary, OpKind::asinh},
    {"Atan", 1, 1, "", unary, OpKind::atan},
    {"Atanh", 1, 1, "", unary, OpKind::atanh},
    {"AveragePool", 1, 1, "auto_pad:s ceil_mode:i count_include_pad:i dilations:I kernel_shape:I! pads:I strides:I",
     average_pool},
    {"BatchNormalization", 5, 5, "epsilon:f is_test:i momentum:f spatial:i training_mode:i", batch_normalization},
    {"BitShift", 2, 2, "direction:s!", bit_shift},
    {"Cast", 1, 1, "to:i! saturate:i round_mode:s", cast_to},
    {"CastLike", 2, 2, "saturate:i round_mode:s", cast_like},
    {"Ceil", 1, 1, "", unary, OpKind::ceil},
    {"Celu", 1, 1, "alpha:f", celu},
    {"Clip", 1, 3, "min:f max:f", clip},
    {"Compress", 2, 2, "axis:i", compress},
    {"Concat", 1, kMany, "axis:i!", concat},
    {"Constant", 0, 0,
     "value:t sparse_value:p value_float:f value_floats:F value_int:i value_ints:I value_string:s value_strings:S",
     constant},
    {"ConstantOfShape", 1, 1, "value:t", constant_of_shape},
    {"Conv", 2, 3, kWindow, conv},
    {"ConvInteger", 2, 4, kWindow, conv_integer},
    {"ConvTranspose", 2, 3,
     "auto_pad:s dilations:I group:i kernel_shape:I output_padding:I output_shape:I pads:I strides:I", conv_transpose},
    {"Cos", 1, 1, "", unary, OpKind::cos},
    {"Cosh", 1, 1, "", unary, OpKind::cosh},
    {"CumSum", 2, 2, "exclusive:i reverse:i", cumulative_sum},
    {"DepthToSpace", 1, 1, "blocksize:i! mode:s", depth_to_space},
    {"DequantizeLinear", 2, 3, "axis:i block_size:i output_dtype:i", dequantize_linear},
    {"Div", 2, 2, kBinary, binary, OpKind::div},
    {"Dropout", 1, 3, "ratio:f seed:i", dropout},
    {"DynamicQuantizeLinear", 1, 1, "", dynamic_quantize_linear},
    {"Einsum", 1, kMany, "equation:s!", einsum},
    {"Elu", 1, 1, "alpha:f", with_alpha, OpKind::elu},
    {"Equal", 2, 2, kBinary, binary, OpKind::equal},
    {"Erf", 1, 1, "", unary, OpKind::erf},
    {"Exp", 1, 1, "", unary, OpKind::exp},
    {"Expand", 2, 2, "", expand},
    {"EyeLike", 1, 1, "dtype:i k:i", eye_like},
    {"Flatten", 1, 1, "axis:i", flatten},
    {"Floor", 1, 1, "", unary, OpKind::floor},
    {"Gather", 2, 2, "axis:i", gather},
    {"GatherElements", 2, 2, "axis:i", gather_elements},
    {"GatherND", 2, 2, "batch_dims:i", gather_nd},
    {"Gelu", 1, 1, "approximate:s", gelu},
    {"Gemm", 2, 3, "alpha:f beta:f broadcast:i transA:i transB:i", gemm},
    {"GlobalAveragePool", 1, 1, "", global_average_pool},
    {"GlobalMaxPool", 1, 1, "", global_max_pool},
    {"Greater", 2, 2, kBinary, binary, OpKind::greater},
    {"GreaterOrEqual", 2, 2, "", binary, OpKind::greater_equal},
    {"GridSample", 2, 2, "align_corners:i mode:s padding_mode:s", grid_sample},
    {"GroupNormalization", 3, 3, "epsilon:f num_groups:i! stash_type:i", group_normalization},
    {"HardSigmoid", 1, 1, "alpha:f beta:f", hard_sigmoid},
    {"HardSwish", 1, 1, "", unary, OpKind::hardswish},
    {"Hardmax", 1, 1, "axis:i", hardmax},
    {"Identity", 1, 1, "", identity},
    {"If", 1, 1, "then_branch:g! else_branch:g!", branch},
    {"InstanceNormalization", 3, 3, "epsilon:f", instance_normalization},
    {"IsInf", 1, 1, "detect_negative:i detect_positive:i", is_inf},
    {"IsNaN", 1, 1, "", is_nan},
    {"LRN", 1, 1, "alpha:f beta:f bias:f size:i!", local_response_normalization},
    {"LayerNormalization", 2, 3, "axis:i epsilon:f stash_type:i", layer_normalization},
    {"LeakyRelu", 1, 1, "alpha:f", with_alpha, OpKind::leaky_relu},
    {"Less", 2, 2, kBinary, binary, OpKind::less},
    {"LessOrEqual", 2, 2, "", binary, OpKind::less_equal},
    {"Log", 1, 1, "", unary, OpKind::log},
    {"LogSoftmax", 1, 1, "axis:i", softmax, OpKind::log_softmax},
    {"LpNormalization", 1, 1, "axis:i p:i", lp_normalization},
    {"MatMul", 2, 2, "", matmul},
    {"MatMulInteger", 2, 4, "", matmul_integer},
    {"Max", 1, kMany, "", chain, OpKind::maximum},
    {"MaxPool", 1, 1, "auto_pad:s ceil_mode:i dilations:I kernel_shape:I! pads:I storage_order:i strides:I", max_pool},
    {"Mean", 1, kMany, "", mean_of_inputs},
    {"MeanVarianceNormalization", 1, 1, "axes:I", mean_variance_normalization},
    {"Min", 1, kMany, "", chain, OpKind::minimum},
    {"Mish", 1, 1, "", mish},
    {"Mod", 2, 2, "fmod:i", modulo},
    {"Mul", 2, 2, kBinary, binary, OpKind::mul},
    {"Neg", 1, 1, "", unary, OpKind::neg},
    {"NonZero", 1, 1, "", non_zero},
    {"Not", 1, 1, "", unary, OpKind::logical_not},
    {"OneHot", 3, 3, "axis:i", one_hot},
    {"Or", 2, 2, kBinary, binary, OpKind::logical_or},
    {"PRelu", 2, 2, "", prelu},
    {"Pad", 1, 4, "mode:s pads:I value:f", pad},
    {"Pow", 2, 2, kBinary, power},
    {"QLinearConv", 8, 9, kWindow, qlinear_conv},
    {"QLinearMatMul", 8, 8, "", qlinear_matmul},
    {"QuantizeLinear", 2, 3, "axis:i block_size:i output_dtype:i precision:i saturate:i", quantize_linear},
    {"RMSNormalization", 2, 2, "axis:i epsilon:f stash_type:i", rms_normalization},
    {"Range", 3, 3, "stash_type:i", range},
    {"Reciprocal", 1, 1, "", unary, OpKind::reciprocal},
    {"ReduceL1", 1, 2, kReduce, reduce_l1},
    {"ReduceL2", 1, 2, kReduce, reduce_l2},
    {"ReduceLogSum", 1, 2, kReduce, reduce_log_sum},
    {"ReduceLogSumExp", 1, 2, kReduce, reduce_log_sum_exp},
    {"ReduceMax", 1, 2, kReduce, reduce, OpKind::reduce_max},
    {"ReduceMean", 1, 2, kReduce, reduce_mean},
    {"ReduceMin", 1, 2, kReduce, reduce, OpKind::reduce_min},
    {"ReduceProd", 1, 2, kReduce, reduce, OpKind::reduce_prod},
    {"ReduceSum", 1, 2, kReduce, reduce, OpKind::reduce_sum},
    {"ReduceSumSquare", 1, 2, kReduce, reduce_sum_square},
    {"Relu", 1, 1, "", unary, OpKind::relu},
    {"Reshape", 2, 2, "allowzero:i", reshape},
    {"Resize", 1, 4,
     "antialias:i axes:I coordinate_transformation_mode:s cubic_coeff_a:f exclude_outside:i "
     "extrapolation_value:f keep_aspect_ratio_policy:s mode:s nearest_mode:s",
     resize},
    {"Round", 1, 1, "", unary, OpKind::round},
    {"Scatter", 3, 3, "axis:i", scatter_elements},
    {"ScatterElements", 3, 3, kScatter, scatter_elements},
    {"ScatterND", 3, 3, "reduction:s", scatter_nd},
    {"Selu", 1, 1, "alpha:f gamma:f", selu},
    {"Shape", 1, 1, "start:i end:i", shape_of},
    {"Shrink", 1, 1, "bias:f lambd:f", shrink},
    {"Sigmoid", 1, 1, "", unary, OpKind::sigmoid},
    {"Sign", 1, 1, "", unary, OpKind::sign},
    {"Sin", 1, 1, "", unary, OpKind::sin},
    {"Sinh", 1, 1, "", unary, OpKind::sinh},
    {"Size", 1, 1, "", size_of_input},
    {"Slice", 1, 5, "starts:I ends:I axes:I", slice},
    {"Softmax", 1, 1, "axis:i", softmax, OpKind::softmax},
    {"Softplus", 1, 1, "", unary, OpKind::softplus},
    {"Softsign", 1, 1, "", softsign},
    {"SpaceToDepth", 1, 1, "blocksize:i!", space_to_depth},
    {"Split", 1, 2, "axis:i num_outputs:i split:I", split},
    {"Sqrt", 1, 1, "", unary, OpKind::sqrt},
    {"Squeeze", 1, 2, "axes:I", squeeze},
    {"Sub", 2, 2, kBinary, binary, OpKind::sub},
    {"Sum", 1, kMany, "", chain, OpKind::add},
    {"Swish", 1, 1, "alpha:f", swish},
    {"Tan", 1, 1, "", unary, OpKind::tan},
    {"Tanh", 1, 1, "", unary, OpKind::tanh},
    {"ThresholdedRelu", 1, 1, "alpha:f", thresholded_relu},
    {"Tile", 2, 2, "", tile},
    {"TopK", 1, 2, "axis:i k:i largest:i sorted:i", top_k},
    {"Transpose", 1, 1, "perm:I", transpose},
    {"Trilu", 1, 2, "upper:i", triangle},
    {"Unsqueeze", 1, 2, "axes:I", unsqueeze},
    {"Upsample", 1, 2, "mode:s scales:F", upsample},
    {"Where", 3, 3, "", where},
    {"Xor", 2, 2, kBinary, exclusive_or},
    // What ONNX Runtime's QOperator format adds.
    {"com.microsoft.QGemm", 6, 9, "alpha:f transA:i transB:i", qlinear_gemm},
    {"com.microsoft.QLinearAdd", 7, 8, "", qlinear_binary, OpKind::add},
    {"com.microsoft.QLinearConcat", 5, kMany, "axis:i!", qlinear_concat},
    {"com.microsoft.QLinearGlobalAveragePool", 4, 5, "channels_last:i", qlinear_global_average_pool},
    {"com.microsoft.QLinearLeakyRelu", 4, 5, "alpha:f", qlinear_unary, OpKind::leaky_relu},
    {"com.microsoft.QLinearMul", 7, 8, "", qlinear_binary, OpKind::mul},
    {"com.microsoft.QLinearSigmoid", 4, 5, "", qlinear_unary, OpKind::sigmoid},
});

bool before(const Operator& a, std::string_view name) { return std::string_view(a.name) < name; }

static_assert(std::is_sorted(kOperators.begin(), kOperators.end(),
                             [](const Operator& a, const Operator& b) { return std::string_view(a.name) < b.name; }));

}  // namespace

std::span<const Operator> all_operators() { return kOperators; }

const Operator* find_operator(std::string_view name) {
  const auto it = std::lower_bound(kOperators.begin(), kOperators.end(), name, before);
  return it != kOperators.end() && it->name == name ? &*it : nullptr;
}

}  // namespace xpuq::onnx_import
