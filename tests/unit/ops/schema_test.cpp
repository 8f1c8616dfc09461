// ops.def as data, and what infer() checks before any rule.
#include "rules.h"

using namespace rules;

TEST_CASE("ops: schema: every operation is found by its name") {
  REQUIRE(all_ops().size() > 70);
  for (const OpSchema& s : all_ops()) {
    CHECK(parse_op(s.name) == s.kind);
    CHECK(&schema(s.kind) == &s);
    CHECK(s.min_inputs <= s.max_inputs);
  }
  CHECK(to_string(OpKind::conv_transpose) == "conv_transpose");
  CHECK_FALSE(parse_op("Conv").has_value());
}

TEST_CASE("ops: schema: groups") {
  CHECK(is_unary(OpKind::relu));
  CHECK(is_unary(OpKind::logical_not));
  CHECK_FALSE(is_unary(OpKind::cast));
  CHECK_FALSE(is_unary(OpKind::lookup));
  CHECK(is_binary(OpKind::prelu));
  CHECK_FALSE(is_binary(OpKind::where));
}

TEST_CASE("ops: schema: what moves elements") {
  CHECK(moves_elements(OpKind::transpose, {}));
  CHECK(moves_elements(OpKind::reorder, {}));
  CHECK(moves_elements(OpKind::resize, {{"mode", std::string("nearest")}}));
  CHECK_FALSE(moves_elements(OpKind::resize, {{"mode", std::string("linear")}}));
  CHECK(moves_elements(OpKind::pad, {{"mode", std::string("constant")}, {"value", 0.0}}));
  CHECK_FALSE(moves_elements(OpKind::pad, {{"mode", std::string("constant")}, {"value", 1.0}}));
  CHECK(moves_elements(OpKind::pad, {{"mode", std::string("edge")}, {"value", 1.0}}));
  CHECK_FALSE(moves_elements(OpKind::max_pool, {}));
}

TEST_CASE("ops: infer: arity and attributes come first") {
  check({
      {OpKind::relu, {}, {}, "! relu: 0 inputs, expected 1"},
      {OpKind::linear, {}, {f32({1})}, "! linear: 1 inputs, expected 2 to 4"},
      {OpKind::softmax, {}, {f32({1})}, "! softmax: attribute 'axis' is missing"},
      {OpKind::softmax, {{"axis", 1.0}}, {f32({1})}, "! softmax: attribute 'axis' is not an integer"},
      {OpKind::transpose, {{"perm", 0}}, {f32({1})}, "! transpose: attribute 'perm' is not a list of integers"},
      {OpKind::cast, {{"to", 1}}, {f32({1})}, "! cast: attribute 'to' is not a string"},
      {OpKind::relu, {{"alpha", 1.0}}, {f32({1})}, "! relu: attribute 'alpha' is not known"},
  });
}

TEST_CASE("ops: infer: unsound input types are refused") {
  const std::int64_t huge = std::int64_t{1} << 40;
  TensorType f = q8({2});
  f.dtype = DataType::f32;
  TensorType many = q8({2});
  many.quant->scales.push_back(1);
  check({
      {OpKind::relu, {}, {f32({-1})}, "! relu: input 0: dimension -1 is not in 0..2^40"},
      {OpKind::relu, {}, {f32({huge + 1})}, "! relu: input 0: dimension 1099511627777 is not in 0..2^40"},
      {OpKind::relu,
       {},
       {f32({huge, huge})},
       "! relu: input 0: shape 1099511627776x1099511627776 has more than 2^56 elements"},
      {OpKind::relu, {}, {f32(Shape(17, 1))}, "! relu: input 0: rank 17 is more than 16"},
      {OpKind::relu,
       {},
       {f32({0, huge, huge})},
       "! relu: input 0: shape 0x1099511627776x1099511627776 has more than 2^56 elements"},
      {OpKind::dequantize,
       {{"to", std::string("f32")}},
       {f},
       "! dequantize: input 0: f32 has quantization parameters, only s8 and u8 may"},
      {OpKind::dequantize, {{"to", std::string("f32")}}, {many}, "! dequantize: input 0: 2 scales, expected 1"},
      {OpKind::dequantize,
       {{"to", std::string("f32")}},
       {q8({2}, -1)},
       "! dequantize: input 0: scale -1 is not finite and positive"},
      {OpKind::dequantize,
       {{"to", std::string("f32")}},
       {q8({2}, 1, 128)},
       "! dequantize: input 0: zero point 128 is not in -128..127"},
  });
}

TEST_CASE("ops: broadcast") {
  CHECK(broadcast({2, 1, 3}, {4, 1}) == Shape{2, 4, 3});
  CHECK(broadcast({}, {5}) == Shape{5});
  CHECK(broadcast({0, 3}, {1, 3}) == Shape{0, 3});
  CHECK(broadcast({0}, {1}) == Shape{0});
  CHECK_FALSE(broadcast({2}, {3}).has_value());
  CHECK_FALSE(broadcast({2}, {0}).has_value());
}
