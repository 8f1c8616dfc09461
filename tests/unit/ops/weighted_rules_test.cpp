// Type rules of conv, conv_transpose, linear and matmul, and the post-ops.
#include "ops/post_ops.h"
#include "rules.h"

using namespace rules;

namespace {

Attributes conv2d(Ints strides = {1, 1}, Ints begin = {0, 0}, Ints end = {0, 0}, Ints dilations = {1, 1},
                  std::int64_t groups = 1) {
  return {{"strides", strides}, {"pads_begin", begin}, {"pads_end", end}, {"dilations", dilations}, {"groups", groups}};
}
Attributes with(Attributes a, std::string_view name, AttributeValue value) { return a.set(name, std::move(value)); }

Attributes transpose2d(Ints strides, Ints pads, Ints dilations, Ints output_padding, std::int64_t groups = 1) {
  return Attributes(conv2d(strides, pads, pads, dilations, groups)).set("output_padding", output_padding);
}

}  // namespace

TEST_CASE("ops: conv: sizes") {
  const std::int64_t huge = std::int64_t{1} << 40;
  check({
      {OpKind::conv, conv2d({2, 2}, {3, 3}, {3, 3}), {f32({1, 3, 224, 224}), f32({64, 3, 7, 7})}, "f32 1x64x112x112"},
      {OpKind::conv, conv2d({2, 2}, {0, 0}, {1, 1}), {f32({1, 3, 224, 224}), f32({8, 3, 3, 3})}, "f32 1x8x112x112"},
      {OpKind::conv,
       conv2d({1, 1}, {2, 2}, {2, 2}, {2, 2}, 8),
       {f32({1, 8, 9, 9}), f32({8, 1, 3, 3}), f32({8})},
       "f32 1x8x9x9"},
      {OpKind::conv, conv2d(), {f32({0, 3, 4, 4}), f32({5, 3, 1, 1})}, "f32 0x5x4x4"},
      {OpKind::conv, conv2d(), {f32({1, 3, 0, 4}), f32({5, 3, 1, 1})}, "f32 1x5x0x4"},
      {OpKind::conv,
       conv2d(),
       {f32({1, 3, 2, 4}), f32({5, 3, 3, 3})},
       "! conv: kernel covers 3 on spatial axis 0, padded src has 2"},
      {OpKind::conv,
       conv2d(),
       {f32({1, 3, 0, 4}), f32({5, 3, 3, 3})},
       "! conv: kernel covers 3 on spatial axis 0, padded src has 0"},
      {OpKind::conv,
       conv2d(),
       {f32({1, 8, 4, 4}), f32({5, 16, 1, 1})},
       "! conv: wei has 16 input channels, src has 8 over 1 group"},
      {OpKind::conv,
       conv2d({1, 1}, {0, 0}, {0, 0}, {1, 1}, 2),
       {f32({1, 8, 4, 4}), f32({5, 4, 1, 1})},
       "! conv: wei has 5 output channels, not a multiple of 2 groups"},
      {OpKind::conv,
       conv2d({1, 1}, {0, 0}, {0, 0}, {1, 1}, 0),
       {f32({1, 8, 4, 4}), f32({5, 4, 1, 1})},
       "! conv: groups is 0"},
      {OpKind::conv,
       conv2d({0, 1}),
       {f32({1, 8, 4, 4}), f32({5, 8, 1, 1})},
       "! conv: strides has 0, which is not in 1..2^30"},
      {OpKind::conv, conv2d({1}), {f32({1, 8, 4, 4}), f32({5, 8, 1, 1})}, "! conv: strides has 1 entries, expected 2"},
      {OpKind::conv,
       conv2d({1, 1}, {-1, 0}),
       {f32({1, 8, 4, 4}), f32({5, 8, 1, 1})},
       "! conv: pads_begin has -1, which is not in 0..2^30"},
      {OpKind::conv,
       conv2d({1, 1}, {0, 0}, {0, huge}),
       {f32({1, 8, 4, 4}), f32({5, 8, 1, 1})},
       "! conv: pads_end has 1099511627776, which is not in 0..2^30"},
      {OpKind::conv,
       conv2d({1, 1}, {0, 0}, {0, 0}, {1 << 30, 1}),
       {f32({1, 1, 4, 4}), f32({1, 1, 1 << 20, 1})},
       "! conv: kernel covers 1125898833100801 on spatial axis 0, padded src has 4"},
      {OpKind::conv, conv2d(), {f32({1, 3, 4, 4}), f32({5, 3, 0, 1})}, "! conv: kernel has 0, which is not in 1..2^30"},
      {OpKind::conv, conv2d(), {f32({3, 4}), f32({5, 3})}, "! conv: src has rank 2, expected 3 to 5"},
      {OpKind::conv, conv2d(), {f32({1, 3, 4, 4}), f32({5, 3, 1})}, "! conv: wei has rank 3, src has 4"},
      {OpKind::conv, conv2d(), {f32({1, 3, 4, 4}), f32({5, 3, 1, 1}), f32({4})}, "! conv: bia has shape 4, expected 5"},
  });
}

TEST_CASE("ops: conv: forms and post-ops") {
  const Attributes a = conv2d();
  const TensorType x = q8({1, 3, 4, 4}), w = weights({5, 3, 1, 1}), fx = f32({1, 3, 4, 4}), fw = f32({5, 3, 1, 1});
  TensorType shifted = w, other_axis = weights({5, 3, 1, 1});
  shifted.quant->zero_points[1] = 1;
  other_axis.quant->axis = 1;
  other_axis.quant->scales.resize(3);
  other_axis.quant->zero_points.resize(3);
  const Attributes sum = with(a, "post_ops", Strings{"sum", "relu"});
  check({
      {OpKind::conv, a, {x, w}, "f32 1x5x4x4"},
      {OpKind::conv, a, {x, q8({5, 3, 1, 1}, 0.1f, 0), f32({5})}, "f32 1x5x4x4"},
      {OpKind::conv, with(a, "dst_type", "bf16"), {x, w}, "bf16 1x5x4x4"},
      {OpKind::conv, with(with(a, "dst_scale", 0.25), "dst_zero_point", -7), {x, w}, "s8 1x5x4x4 *0.25+-7"},
      {OpKind::conv, with(a, "dst_scale", 0.25), {fx, fw}, "s8 1x5x4x4 *0.25+0"},
      {OpKind::conv, a, {bf16({1, 3, 4, 4}), bf16({5, 3, 1, 1}), bf16({5})}, "bf16 1x5x4x4"},
      {OpKind::conv, sum, {x, w, q8({1, 5, 4, 4})}, "f32 1x5x4x4"},
      {OpKind::conv, sum, {x, w, f32({5}), bf16({1, 5, 4, 4})}, "f32 1x5x4x4"},
      {OpKind::conv, a, {x, shifted}, "! conv: wei has zero point 1, expected 0"},
      {OpKind::conv, a, {x, other_axis}, "! conv: wei is quantized along axis 1, expected 0"},
      {OpKind::conv, a, {x, fw}, "! conv: wei is f32 5x3x1x1 while src is quantized s8"},
      {OpKind::conv, a, {fx, w}, "! conv: wei is quantized s8 5x3x1x1 while src is f32"},
      {OpKind::conv, a, {fx, bf16({5, 3, 1, 1})}, "! conv: wei is bf16 5x3x1x1 while src is f32"},
      {OpKind::conv, a, {s64({1, 3, 4, 4}), fw}, "! conv: src is s64 1x3x4x4, expected f32, bf16 or quantized s8"},
      {OpKind::conv, a, {weights({1, 3, 4, 4}), w}, "! conv: src is quantized s8 1x3x4x4, expected s8 with one scale"},
      {OpKind::conv, a, {x, w, bf16({5})}, "! conv: bia is bf16 5, expected f32"},
      {OpKind::conv, a, {x, w, f32({5}), f32({1, 5, 4, 4})}, "! conv: 4 inputs without a sum post-op"},
      {OpKind::conv, sum, {x, w}, "! conv: the sum post-op has no operand"},
      {OpKind::conv, sum, {x, w, f32({1, 5, 4, 1})}, "! conv: the sum operand has shape 1x5x4x1, expected 1x5x4x4"},
      {OpKind::conv,
       sum,
       {x, w, s64({1, 5, 4, 4})},
       "! conv: the sum operand is s64 1x5x4x4, expected f32, bf16 or s8 with one scale"},
      {OpKind::conv, with(a, "post_ops", Strings{"exp"}), {x, w}, "! conv: 'exp' is no post-op"},
      {OpKind::conv,
       with(a, "post_ops", Strings{"sum", "sum"}),
       {x, w, f32({1, 5, 4, 4})},
       "! conv: more than one sum post-op"},
      {OpKind::conv,
       with(sum, "post_alpha", Floats{1}),
       {x, w, f32({1, 5, 4, 4})},
       "! conv: post_alpha has 1 entries, expected 2"},
      {OpKind::conv, with(a, "dst_type", "s32"), {x, w}, "! conv: dst_type is 's32', expected 'f32' or 'bf16'"},
      {OpKind::conv,
       with(with(a, "dst_type", "f32"), "dst_scale", 1.0),
       {x, w},
       "! conv: dst_type is 'f32' although dst_scale is set"},
      {OpKind::conv, with(a, "dst_zero_point", 1), {x, w}, "! conv: dst_zero_point is set without dst_scale"},
      {OpKind::conv, with(a, "dst_scale", 0.0), {x, w}, "! conv: output: scale 0 is not finite and positive"},
      {OpKind::conv,
       with(with(a, "dst_scale", 1.0), "dst_zero_point", std::int64_t{1} << 40),
       {x, w},
       "! conv: output: zero point 2147483647 is not in -128..127"},
  });
}

TEST_CASE("ops: conv_transpose: sizes") {
  check({
      {OpKind::conv_transpose,
       transpose2d({2, 2}, {1, 1}, {1, 1}, {1, 1}),
       {f32({1, 4, 7, 7}), f32({4, 6, 3, 3})},
       "f32 1x6x14x14"},
      {OpKind::conv_transpose,
       transpose2d({2, 2}, {0, 0}, {2, 2}, {0, 0}, 2),
       {f32({1, 4, 7, 7}), f32({4, 6, 3, 3}), f32({12})},
       "f32 1x12x17x17"},
      {OpKind::conv_transpose,
       transpose2d({1, 1}, {0, 0}, {1, 1}, {1, 0}),
       {f32({1, 4, 7, 7}), f32({4, 6, 3, 3})},
       "! conv_transpose: output_padding has 1, which is not below stride or dilation 1"},
      {OpKind::conv_transpose,
       transpose2d({1, 1}, {4, 4}, {1, 1}, {0, 0}),
       {f32({1, 4, 3, 3}), f32({4, 6, 3, 3})},
       "! conv_transpose: dst would have -3 elements on spatial axis 0"},
      {OpKind::conv_transpose,
       transpose2d({1, 1}, {0, 0}, {1, 1}, {0, 0}),
       {f32({1, 4, 3, 3}), f32({3, 6, 3, 3})},
       "! conv_transpose: wei has 3 input channels, src has 4"},
      {OpKind::conv_transpose,
       transpose2d({1 << 30, 1}, {1 << 30, 0}, {1, 1}, {0, 0}),
       {f32({1, 1, std::int64_t{1} << 40, 1}), f32({1, 1, 1, 1})},
       "! conv_transpose: output: dimension 1125897759358977 is not in 0..2^40"},
  });
}

TEST_CASE("ops: linear and matmul") {
  check({
      {OpKind::linear, {}, {f32({2, 197, 768}), f32({10, 768}), f32({10})}, "f32 2x197x10"},
      {OpKind::linear, {}, {f32({768}), f32({10, 768})}, "f32 10"},
      {OpKind::linear, {}, {q8({2, 8}), weights({4, 8})}, "f32 2x4"},
      {OpKind::linear, {}, {f32({2, 7}), f32({4, 8})}, "! linear: wei has 8 input features, src has 7"},
      {OpKind::linear, {}, {f32({}), f32({4, 8})}, "! linear: src is a scalar"},
      {OpKind::linear, {}, {f32({8}), f32({4, 8, 1})}, "! linear: wei has rank 3, expected 2"},
      {OpKind::matmul, {}, {f32({2, 1, 3, 4}), f32({5, 4, 6})}, "f32 2x5x3x6"},
      {OpKind::matmul, {}, {f32({3, 4}), f32({5, 6})}, "! matmul: inner sizes differ: 3x4 and 5x6"},
      {OpKind::matmul, {}, {f32({4}), f32({4, 6})}, "! matmul: inputs have rank 1 and 2, expected at least 2"},
      {OpKind::matmul, {}, {f32({2, 3, 4}), f32({3, 4, 6})}, "! matmul: batches of 2x3x4 and 3x4x6 do not broadcast"},
  });
}

TEST_CASE("ops: post-ops: there and back") {
  Attributes a;
  set_post_ops(a, {{"sum"}, {"clip", 0, 6}});
  CHECK(to_string(a) == "{post_alpha=[0.0, 0.0], post_beta=[0.0, 6.0], post_ops=[\"sum\", \"clip\"]}");
  CHECK(post_ops(a) == std::vector<PostOp>{{"sum", 0, 0}, {"clip", 0, 6}});
  set_post_ops(a, {{"relu"}});
  CHECK(to_string(a) == "{post_ops=[\"relu\"]}");
  set_post_ops(a, {});
  CHECK(a == Attributes{});

  const std::vector<std::pair<OpKind, Attributes>> unary{
      {OpKind::relu, {}},
      {OpKind::clip, {{"min", -1.0}, {"max", 2.0}}},
      {OpKind::hardswish, {}},
      {OpKind::silu, {}},
      {OpKind::gelu, {{"approximate", std::string("none")}}},
      {OpKind::gelu, {{"approximate", std::string("tanh")}}},
      {OpKind::hardsigmoid, {{"alpha", 0.2}, {"beta", 0.5}}},
      {OpKind::sigmoid, {}},
      {OpKind::tanh, {}},
      {OpKind::leaky_relu, {{"alpha", 0.01}}},
  };
  for (const auto& [kind, attributes] : unary) {
    const auto op = as_post_op(kind, attributes);
    REQUIRE(op.has_value());
    CHECK(as_unary(*op) == std::pair{kind, attributes});
  }
  CHECK_FALSE(as_post_op(OpKind::exp, {}).has_value());
}

TEST_CASE("ops: post-ops: where the inputs stand") {
  const Attributes none, sum{{"post_ops", Strings{"relu", "sum"}}};
  const auto text = [](const WeightedInputs& at) { return std::to_string(at.bia) + " " + std::to_string(at.other); };
  CHECK(text(weighted_inputs(none, 2)) == "-1 -1");
  CHECK(text(weighted_inputs(none, 3)) == "2 -1");
  CHECK(text(weighted_inputs(sum, 3)) == "-1 2");
  CHECK(text(weighted_inputs(sum, 4)) == "2 3");
}
