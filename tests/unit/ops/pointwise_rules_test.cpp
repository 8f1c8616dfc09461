// Type rules of unary, binary, where, cast, lookup, normalizations, softmax, reductions and pools.
#include <cmath>

#include "rules.h"

using namespace rules;

namespace {

Attributes pool(Ints kernel, Ints strides, Ints pads, std::int64_t ceil_mode = 0) {
  return {{"kernel", kernel}, {"strides", strides}, {"pads_begin", pads}, {"pads_end", pads}, {"ceil_mode", ceil_mode}};
}
Attributes max_pool(Ints kernel, Ints strides, Ints pads, std::int64_t ceil_mode = 0) {
  return pool(kernel, strides, pads, ceil_mode).set("dilations", Ints(kernel.size(), 1));
}
Attributes avg_pool(Ints kernel, Ints strides, Ints pads, std::int64_t ceil_mode = 0) {
  return pool(kernel, strides, pads, ceil_mode).set("count_include_pad", std::int64_t{1});
}
Attributes axes(Ints list, std::int64_t keepdims) { return {{"axes", list}, {"keepdims", keepdims}}; }

}  // namespace

TEST_CASE("ops: unary rules") {
  check({
      {OpKind::relu, {}, {bf16({2, 3})}, "bf16 2x3"},
      {OpKind::neg, {}, {s64({2})}, "s64 2"},
      {OpKind::exp, {}, {type(DataType::f64, {})}, "f64 scalar"},
      {OpKind::exp, {}, {s64({2})}, "! exp: src is s64, expected a float type"},
      {OpKind::relu, {}, {boolean({2})}, "! relu: src is boolean, expected a float type"},
      {OpKind::relu, {}, {q8({2})}, "! relu: src is quantized; dequantize it first"},
      {OpKind::logical_not, {}, {boolean({2})}, "boolean 2"},
      {OpKind::logical_not, {}, {f32({2})}, "! logical_not: src is f32, expected boolean"},
      {OpKind::gelu,
       {{"approximate", std::string("fast")}},
       {f32({2})},
       "! gelu: approximate is 'fast', expected 'none' or 'tanh'"},
      {OpKind::clip, {{"min", std::nan("")}, {"max", 1.0}}, {f32({2})}, "! clip: attribute 'min' is NaN"},
      {OpKind::clip, {{"min", 0.0}, {"max", HUGE_VAL}}, {f32({2})}, "f32 2"},
  });
}

TEST_CASE("ops: binary, where, cast and lookup rules") {
  check({
      {OpKind::add, {}, {f32({2, 1}), f32({3})}, "f32 2x3"},
      {OpKind::less, {}, {s64({2}), s64({})}, "boolean 2"},
      {OpKind::equal, {}, {boolean({2}), boolean({2})}, "boolean 2"},
      {OpKind::logical_or, {}, {boolean({2}), boolean({1})}, "boolean 2"},
      {OpKind::add, {}, {f32({2}), bf16({2})}, "! add: inputs are f32 and bf16"},
      {OpKind::add, {}, {boolean({2}), boolean({2})}, "! add: not defined for boolean"},
      {OpKind::mod, {}, {f32({2}), f32({2})}, "f32 2"},
      {OpKind::fmod, {}, {boolean({2}), boolean({2})}, "! fmod: not defined for boolean"},
      {OpKind::logical_and, {}, {s64({2}), s64({2})}, "! logical_and: not defined for s64"},
      {OpKind::add, {}, {f32({2}), f32({3})}, "! add: shapes 2 and 3 do not broadcast"},
      {OpKind::mul, {}, {f32({2}), q8({2})}, "! mul: input 1 is quantized; dequantize it first"},
      {OpKind::prelu, {}, {f32({2, 3}), f32({3})}, "f32 2x3"},
      {OpKind::prelu, {}, {f32({3}), f32({2, 3})}, "! prelu: slope 2x3 does not broadcast to src 3"},
      {OpKind::where, {}, {boolean({2, 1}), f32({3}), f32({})}, "f32 2x3"},
      {OpKind::where, {}, {f32({2}), f32({2}), f32({2})}, "! where: condition is f32, expected boolean"},
      {OpKind::where, {}, {boolean({2}), f32({2}), s64({2})}, "! where: inputs are f32 and s64"},
      {OpKind::where, {}, {boolean({4}), f32({2}), f32({2})}, "! where: shapes 4, 2 and 2 do not broadcast"},
      {OpKind::cast, {{"to", std::string("boolean")}}, {f32({2})}, "boolean 2"},
      {OpKind::cast, {{"to", std::string("int8")}}, {f32({2})}, "! cast: to is 'int8', which is no type"},
      {OpKind::cast, {{"to", std::string("f32")}}, {q8({2})}, "! cast: src is quantized; dequantize it first"},
      {OpKind::lookup,
       {{"dst_scale", 0.5}, {"dst_zero_point", 1}},
       {q8({2, 3}), type(DataType::s8, {256})},
       "s8 2x3 *0.50+1"},
      {OpKind::lookup,
       {{"dst_scale", 0.5}, {"dst_zero_point", 1}},
       {q8({2, 3}), type(DataType::s8, {255})},
       "! lookup: table is s8 255, expected s8 256"},
  });
}

TEST_CASE("ops: normalization, softmax and reduction rules") {
  const Attributes eps{{"eps", 1e-5}};
  const auto c = f32({3});
  check({
      {OpKind::batchnorm, eps, {f32({2, 3, 4, 4}), c, c, c, c}, "f32 2x3x4x4"},
      {OpKind::batchnorm, eps, {f32({2, 3}), c, c, c, f32({2})}, "! batchnorm: input 4 has shape 2, expected 3"},
      {OpKind::batchnorm, {{"eps", -1.0}}, {f32({2, 3}), c, c, c, c}, "! batchnorm: eps is -1"},
      {OpKind::layer_norm, {{"axis", 1}, {"eps", 1e-5}}, {bf16({2, 3, 4}), f32({3, 4})}, "bf16 2x3x4"},
      {OpKind::layer_norm,
       {{"axis", 2}, {"eps", 1e-5}},
       {f32({2, 3, 4}), f32({3, 4})},
       "! layer_norm: input 1 has shape 3x4, expected 4"},
      {OpKind::layer_norm, {{"axis", -1}, {"eps", 1e-5}}, {f32({2, 3})}, "! layer_norm: axis -1 is not below rank 2"},
      {OpKind::group_norm,
       {{"groups", 2}, {"eps", 1e-5}},
       {f32({2, 3}), c, c},
       "! group_norm: 3 channels do not divide into 2 groups"},
      {OpKind::softmax, {{"axis", 2}}, {f32({2, 3})}, "! softmax: axis 2 is not below rank 2"},
      {OpKind::softmax, {{"axis", -1}}, {f32({2, 3})}, "! softmax: axis -1 is not below rank 2"},
      {OpKind::reduce_mean, axes({2, 3}, 0), {f32({2, 3, 4, 5})}, "f32 2x3"},
      {OpKind::reduce_mean, axes({2, 3}, 1), {f32({2, 3, 4, 5})}, "f32 2x3x1x1"},
      {OpKind::reduce_sum, axes({0}, 0), {s64({5})}, "s64 scalar"},
      {OpKind::reduce_mean, axes({0}, 0), {s64({5})}, "! reduce_mean: not defined for s64"},
      {OpKind::reduce_sum, axes({}, 0), {f32({5})}, "! reduce_sum: axes is empty"},
      {OpKind::reduce_sum, axes({1, 0}, 0), {f32({5, 5})}, "! reduce_sum: axes are not sorted and unique"},
      {OpKind::reduce_sum, axes({0, 0}, 0), {f32({5, 5})}, "! reduce_sum: axes are not sorted and unique"},
      {OpKind::reduce_sum, axes({2}, 0), {f32({5, 5})}, "! reduce_sum: axis 2 is not below rank 2"},
      {OpKind::reduce_sum, axes({0}, 0), {f32({0, 5})}, "f32 5"},
      {OpKind::reduce_max, axes({0}, 0), {f32({0, 5})}, "! reduce_max: a reduced axis of 0x5 is empty"},
      {OpKind::reduce_max, axes({1}, 0), {f32({0, 5})}, "f32 0"},
      {OpKind::argmax, {{"axis", 1}, {"keepdims", 1}}, {f32({2, 3})}, "s64 2x1"},
  });
}

TEST_CASE("ops: pool rules") {
  check({
      {OpKind::max_pool, max_pool({3, 3}, {2, 2}, {1, 1}), {f32({1, 8, 112, 112})}, "f32 1x8x56x56"},
      {OpKind::max_pool, max_pool({3, 3}, {2, 2}, {0, 0}, 1), {q8({1, 8, 112, 112})}, "s8 1x8x56x56 *0.50+3"},
      // The last window would start in the right padding: (3 - 1) * 2 >= 3 + 1.
      {OpKind::max_pool, max_pool({2}, {2}, {1}, 1), {f32({1, 1, 3})}, "f32 1x1x2"},
      {OpKind::avg_pool, avg_pool({4}, {3}, {1}, 1), {f32({1, 1, 6})}, "f32 1x1x3"},
      {OpKind::avg_pool, avg_pool({2, 2, 2}, {2, 2, 2}, {0, 0, 0}), {f32({1, 1, 4, 4, 4})}, "f32 1x1x2x2x2"},
      {OpKind::max_pool,
       max_pool({3, 3}, {2, 2}, {3, 1}),
       {f32({1, 8, 9, 9})},
       "! max_pool: padding 3 is not smaller than the window 3"},
      {OpKind::max_pool,
       max_pool({3, 3}, {2, 2}, {0, 0}),
       {f32({1, 8, 2, 9})},
       "! max_pool: kernel covers 3 on spatial axis 0, padded src has 2"},
      {OpKind::max_pool, max_pool({2}, {1}, {1}), {f32({1, 8, 0})}, "! max_pool: spatial axis 0 of src is empty"},
      {OpKind::max_pool, max_pool({2}, {1}, {0}), {f32({0, 8, 4})}, "f32 0x8x3"},
      {OpKind::max_pool, max_pool({2}, {1}, {0}), {f32({1, 8, 4, 4})}, "! max_pool: src has rank 4, expected 3"},
      {OpKind::max_pool, max_pool({}, {}, {}), {f32({1, 8})}, "! max_pool: 0 spatial axes, expected 1 to 3"},
      {OpKind::max_pool,
       max_pool({2}, {1}, {0}),
       {s64({1, 8, 4})},
       "! max_pool: src is s64 1x8x4, expected f32, bf16 or s8 with one scale"},
      {OpKind::avg_pool,
       avg_pool({2}, {1}, {0}).set("divisor_override", std::int64_t{0}),
       {f32({1, 8, 4})},
       "! avg_pool: divisor_override is 0"},
      {OpKind::avg_pool,
       avg_pool({1 << 30, 1 << 30}, {1, 1}, {(1 << 30) - 1, (1 << 30) - 1}),
       {f32({1, 8, 4, 4})},
       "! avg_pool: kernel is too large"},
      {OpKind::adaptive_avg_pool, {{"output_size", Ints{1, 1}}}, {q8({1, 8, 7, 7})}, "s8 1x8x1x1 *0.50+3"},
      {OpKind::adaptive_avg_pool,
       {{"output_size", Ints{1}}},
       {f32({1, 8, 0})},
       "! adaptive_avg_pool: spatial axis 0 of src is empty"},
      {OpKind::adaptive_avg_pool,
       {{"output_size", Ints{-1}}},
       {f32({1, 8, 2})},
       "! adaptive_avg_pool: output_size has -1"},
  });
}
