// Type rules of the operations that move elements, and of quantize and dequantize.
#include <limits>

#include "rules.h"

using namespace rules;

namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

Attributes slice(Ints starts, Ints sizes, Ints steps) {
  return {{"starts", starts}, {"sizes", sizes}, {"steps", steps}};
}
Attributes pad(Ints begin, Ints end, const char* mode, double value = 0) {
  return {{"begin", begin}, {"end", end}, {"mode", std::string(mode)}, {"value", value}};
}
Attributes resize(const char* mode, Ints sizes, Floats scales) {
  return {{"mode", std::string(mode)},
          {"coordinates", std::string("asymmetric")},
          {"nearest_mode", std::string("floor")},
          {"sizes", sizes},
          {"scales", scales}};
}

}  // namespace

TEST_CASE("ops: concat, reshape, flatten, transpose, expand, gather") {
  check({
      {OpKind::concat, {{"axis", 1}}, {f32({1, 2}), f32({1, 0}), f32({1, 3})}, "f32 1x5"},
      {OpKind::concat, {{"axis", 0}}, {q8({1, 2}), q8({3, 2})}, "s8 4x2 *0.50+3"},
      {OpKind::concat,
       {{"axis", 0}},
       {q8({1, 2}), q8({1, 2}, 0.5f, 4)},
       "! concat: input 1 has another scale or zero point than input 0"},
      {OpKind::concat, {{"axis", 0}}, {f32({1, 2}), f32({1, 3})}, "! concat: input 1 has shape 1x3, input 0 1x2"},
      {OpKind::concat, {{"axis", 0}}, {f32({1}), s64({1})}, "! concat: input 1 is s64, input 0 is f32"},
      {OpKind::concat, {{"axis", 0}}, {f32({})}, "! concat: axis 0 is not below rank 0"},
      {OpKind::reshape, {{"shape", Ints{6, 1}}}, {q8({2, 3})}, "s8 6x1 *0.50+3"},
      {OpKind::reshape, {{"shape", Ints{}}}, {f32({1})}, "f32 scalar"},
      {OpKind::reshape, {{"shape", Ints{-1}}}, {f32({4})}, "! reshape: shape -1 does not hold the 4 elements of 4"},
      {OpKind::reshape,
       {{"shape", Ints{kMost, kMost}}},
       {f32({4})},
       "! reshape: shape 9223372036854775807x9223372036854775807 does not hold the 4 elements of 4"},
      {OpKind::reshape, {{"shape", Ints{2, 3}}}, {weights({6})}, "! reshape: src is quantized per channel"},
      {OpKind::flatten, {{"axis", 1}}, {f32({2, 3, 4})}, "f32 2x12"},
      {OpKind::flatten, {{"axis", 0}}, {f32({2, 3, 4})}, "f32 1x24"},
      {OpKind::flatten, {{"axis", 3}}, {f32({2, 3, 4})}, "f32 24x1"},
      {OpKind::flatten, {{"axis", 4}}, {f32({2, 3, 4})}, "! flatten: axis 4 is above rank 3"},
      {OpKind::flatten, {{"axis", 1}}, {f32({0, 3, 4})}, "f32 0x12"},
      {OpKind::transpose, {{"perm", Ints{0, 2, 3, 1}}}, {q8({1, 2, 3, 4})}, "s8 1x3x4x2 *0.50+3"},
      {OpKind::transpose,
       {{"perm", Ints{0, 0}}},
       {f32({1, 2})},
       "! transpose: perm is not a permutation of the 2 axes"},
      {OpKind::transpose, {{"perm", Ints{0}}}, {f32({1, 2})}, "! transpose: perm has 1 entries, src has rank 2"},
      {OpKind::expand, {{"shape", Ints{2, 3}}}, {f32({3})}, "f32 2x3"},
      {OpKind::expand, {{"shape", Ints{1, 3}}}, {f32({2, 3})}, "! expand: src 2x3 does not broadcast to 1x3"},
      {OpKind::expand, {{"shape", Ints{-1}}}, {f32({1})}, "! expand: output: dimension -1 is not in 0..2^40"},
      {OpKind::gather, {{"axis", 1}}, {q8({2, 5, 3}), s64({4, 6})}, "s8 2x4x6x3 *0.50+3"},
      {OpKind::gather, {{"axis", 0}}, {f32({5, 3}), type(DataType::s32, {})}, "f32 3"},
      {OpKind::gather, {{"axis", 0}}, {f32({5}), f32({1})}, "! gather: indices are f32, expected s64 or s32"},
      {OpKind::gather, {{"axis", 1}}, {f32({5}), s64({1})}, "! gather: axis 1 is not below rank 1"},
      {OpKind::reorder, {{"layout", std::string("channels_last")}}, {q8({1, 2, 3, 4})}, "s8 1x2x3x4 *0.50+3"},
      {OpKind::reorder,
       {{"layout", std::string("channels_last")}},
       {f32({1, 2})},
       "! reorder: src has rank 2, channels_last has 3 to 5"},
  });
}

TEST_CASE("ops: slice and pad") {
  check({
      {OpKind::slice, slice({0, 4}, {2, 3}, {1, -2}), {f32({2, 5})}, "f32 2x3"},
      {OpKind::slice, slice({5}, {0}, {1}), {f32({5})}, "f32 0"},
      {OpKind::slice, slice({4}, {1}, {kLeast}), {f32({5})}, "f32 1"},
      {OpKind::slice,
       slice({4}, {2}, {kLeast}),
       {f32({5})},
       "! slice: 2 elements from 4 in steps of -9223372036854775808 leave axis 0 of size 5"},
      {OpKind::slice,
       slice({1}, {3}, {2}),
       {f32({5})},
       "! slice: 3 elements from 1 in steps of 2 leave axis 0 of size 5"},
      {OpKind::slice,
       slice({0}, {kMost}, {kMost}),
       {f32({5})},
       "! slice: 9223372036854775807 elements from 0 in steps of 9223372036854775807 leave axis 0 of size 5"},
      {OpKind::slice,
       slice({-1}, {1}, {1}),
       {f32({5})},
       "! slice: 1 elements from -1 in steps of 1 leave axis 0 of size 5"},
      {OpKind::slice,
       slice({0}, {-1}, {1}),
       {f32({5})},
       "! slice: -1 elements from 0 in steps of 1 leave axis 0 of size 5"},
      {OpKind::slice, slice({0}, {1}, {0}), {f32({5})}, "! slice: step 0 on axis 0"},
      {OpKind::slice,
       slice({0}, {1}, {}),
       {f32({5})},
       "! slice: starts, sizes and steps have 1, 1 and 0 entries, src has rank 1"},
      {OpKind::pad, pad({1, 0}, {0, 2}, "constant", 5), {f32({2, 3})}, "f32 3x5"},
      {OpKind::pad, pad({1}, {1}, "constant"), {q8({2})}, "s8 4 *0.50+3"},
      {OpKind::pad,
       pad({1}, {1}, "constant", 1),
       {q8({2})},
       "! pad: src is quantized and the constant is 1, expected 0"},
      {OpKind::pad, pad({2}, {2}, "reflect"), {f32({3})}, "f32 7"},
      {OpKind::pad, pad({3}, {0}, "reflect"), {f32({3})}, "! pad: axis 0 of size 3 is too short to mirror 3, 0"},
      {OpKind::pad, pad({0}, {0}, "reflect"), {f32({0})}, "f32 0"},
      {OpKind::pad, pad({1}, {0}, "edge"), {f32({0})}, "! pad: axis 0 is empty and has no edge"},
      {OpKind::pad, pad({-1}, {0}, "edge"), {f32({3})}, "! pad: padding -1, 0 of axis 0 is not in 0..2^40"},
      {OpKind::pad,
       pad({kMost}, {kMost}, "edge"),
       {f32({3})},
       "! pad: padding 9223372036854775807, 9223372036854775807 of axis 0 is not in 0..2^40"},
      {OpKind::pad,
       pad({1}, {0}, "wrap"),
       {f32({3})},
       "! pad: mode is 'wrap', expected 'constant', 'reflect' or 'edge'"},
  });
}

TEST_CASE("ops: resize") {
  check({
      {OpKind::resize, resize("nearest", {1, 2, 6}, {1, 1, 2}), {q8({1, 2, 3})}, "s8 1x2x6 *0.50+3"},
      {OpKind::resize, resize("linear", {1, 2, 6}, {1, 1, 2}), {f32({1, 2, 3})}, "f32 1x2x6"},
      {OpKind::resize,
       resize("linear", {1, 2, 6}, {1, 1, 2}),
       {q8({1, 2, 3})},
       "! resize: src is quantized s8 1x2x3, expected f32 or bf16"},
      {OpKind::resize, resize("area", {3}, {1}), {f32({3})}, "! resize: mode is 'area', which is not known"},
      {OpKind::resize, resize("nearest", {3}, {0}), {f32({3})}, "! resize: scale 0 is not finite and positive"},
      {OpKind::resize, resize("nearest", {3}, {1e-60}), {f32({3})}, "! resize: scale 1e-60 is not finite and positive"},
      {OpKind::resize,
       resize("nearest", {3}, {}),
       {f32({3})},
       "! resize: sizes and scales have 1 and 0 entries, src has rank 1"},
      {OpKind::resize, resize("nearest", {-3}, {1}), {f32({3})}, "! resize: size -3 is negative"},
      {OpKind::resize, resize("nearest", {3}, {1}), {f32({0})}, "! resize: axis 0 of src is empty"},
  });
}

TEST_CASE("ops: quantize, dequantize, observe") {
  const Attributes one{{"scales", Floats{0.5}}, {"zero_points", Ints{3}}, {"type", std::string("s8")}};
  const Attributes unsigned_one{{"scales", Floats{0.5}}, {"zero_points", Ints{200}}, {"type", std::string("u8")}};
  const Attributes two{
      {"scales", Floats{0.5, 1}}, {"zero_points", Ints{0, 0}}, {"axis", 0}, {"type", std::string("s8")}};
  check({
      {OpKind::quantize, one, {bf16({2, 3})}, "s8 2x3 *0.50+3"},
      {OpKind::quantize, unsigned_one, {f32({2})}, "u8 2 *0.50+200"},
      {OpKind::quantize, two, {f32({2, 3})}, "s8 2x3 axis 0"},
      {OpKind::quantize, two, {f32({3, 3})}, "! quantize: 2 scales, expected 3"},
      {OpKind::quantize, two, {f32({})}, "! quantize: axis 0 is not below rank 0"},
      {OpKind::quantize, one, {s64({2})}, "! quantize: src is s64 2, expected f32 or bf16"},
      {OpKind::quantize,
       Attributes(one).set("zero_points", Ints{kLeast}),
       {f32({2})},
       "! quantize: zero point -2147483648 is not in -128..127"},
      {OpKind::quantize,
       Attributes(one).set("scales", Floats{1e60}),
       {f32({2})},
       "! quantize: scale inf is not finite and positive"},
      {OpKind::quantize,
       Attributes(one).set("type", "s32"),
       {f32({2})},
       "! quantize: type is 's32', expected 's8' or 'u8'"},
      {OpKind::dequantize, {{"to", std::string("bf16")}}, {weights({2, 3})}, "bf16 2x3"},
      {OpKind::dequantize,
       {{"to", std::string("f32")}},
       {type(DataType::s8, {2})},
       "! dequantize: src is s8 2, which is not quantized"},
      {OpKind::observe, {{"index", 4}}, {f32({2})}, ""},
      {OpKind::observe, {{"index", -4}}, {f32({2})}, "! observe: index is -4"},
  });
}
