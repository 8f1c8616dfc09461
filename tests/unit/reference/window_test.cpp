// Pools and resize; float numbers agree with torch 2.13.
#include <limits>

#include "run.h"

using namespace run;

namespace {

Attributes pool(Ints kernel, Ints strides, Ints pads, bool ceil_mode) {
  return {{"kernel", kernel},
          {"strides", strides},
          {"pads_begin", pads},
          {"pads_end", pads},
          {"ceil_mode", std::int64_t{ceil_mode}}};
}
Attributes max_pool(Ints kernel, Ints strides, Ints pads, bool ceil_mode = false, Ints dilations = {}) {
  if (dilations.empty()) dilations.assign(kernel.size(), 1);
  return pool(kernel, strides, pads, ceil_mode).set("dilations", dilations);
}
Attributes avg_pool(Ints kernel, Ints strides, Ints pads, bool ceil_mode, bool include_pad) {
  return pool(kernel, strides, pads, ceil_mode).set("count_include_pad", std::int64_t{include_pad});
}
Attributes resize(const char* mode, const char* coordinates, Ints sizes, Floats scales, const char* nearest = "floor") {
  return {{"mode", std::string(mode)},
          {"coordinates", std::string(coordinates)},
          {"nearest_mode", std::string(nearest)},
          {"sizes", sizes},
          {"scales", scales}};
}

}  // namespace

TEST_CASE("reference: max_pool") {
  const Value x = count_up({1, 1, 5, 5});
  CHECK(floats(OpKind::max_pool, max_pool({2, 2}, {2, 2}, {0, 0}, true), {x}) ==
        Floats32{7, 9, 10, 17, 19, 20, 22, 24, 25});
  CHECK(floats(OpKind::max_pool, max_pool({2, 2}, {2, 2}, {0, 0}), {x}) == Floats32{7, 9, 17, 19});
  CHECK(floats(OpKind::max_pool, max_pool({2, 2}, {1, 1}, {0, 0}, false, {4, 3}), {x}) == Floats32{24, 25});
  // Padding never wins.
  CHECK(floats(OpKind::max_pool, max_pool({2}, {2}, {1}), {f32({1, 1, 2}, {-5, -7})}) == Floats32{-5, -7});
  CHECK(codes(OpKind::max_pool, max_pool({2}, {2}, {1}), {q8({1, 1, 2}, {-5, -128}, 1, 100)}) == Codes{-5, -128});
  CHECK(floats(OpKind::max_pool, max_pool({4}, {3}, {1}, true), {count_up({1, 1, 6})}) == Floats32{3, 6, 6});
}

TEST_CASE("reference: avg_pool: padding, ceil_mode and divisor") {
  const Value x = count_up({1, 1, 5, 5}), line = count_up({1, 1, 6});
  CHECK(floats(OpKind::avg_pool, avg_pool({2, 2}, {2, 2}, {0, 0}, true, true), {x}) ==
        Floats32{4, 6, 7.5f, 14, 16, 17.5f, 21.5f, 23.5f, 25});
  CHECK(floats(OpKind::avg_pool, avg_pool({3, 3}, {2, 2}, {1, 1}, false, false), {x}) ==
        Floats32{4, 5.5f, 7, 11.5f, 13, 14.5f, 19, 20.5f, 22});
  CHECK(floats(OpKind::avg_pool, avg_pool({3, 3}, {2, 2}, {1, 1}, false, true).set("divisor_override", std::int64_t{2}),
               {x}) == Floats32{8, 16.5f, 14, 34.5f, 58.5f, 43.5f, 38, 61.5f, 44});
  // The last window holds 6, one pad, and two places that only ceil_mode made and that do not count.
  CHECK(floats(OpKind::avg_pool, avg_pool({4}, {3}, {1}, true, true), {line}) == Floats32{1.5f, 4.5f, 3});
  CHECK(floats(OpKind::avg_pool, avg_pool({4}, {3}, {1}, true, false), {line}) == Floats32{2, 4.5f, 6});
}

TEST_CASE("reference: avg_pool on codes: round half to even of the mean, then the zero point") {
  // (q - 3): 2, 3 | 5, 6 | -4, 1
  const Value x = q8({1, 1, 6}, {5, 6, 8, 9, -1, 4}, 0.1f, 3);
  CHECK(codes(OpKind::avg_pool, avg_pool({2}, {2}, {0}, false, true), {x}) == Codes{5, 9, 1});
  // A pad is real zero: (0 + 2) / 2.
  CHECK(codes(OpKind::avg_pool, avg_pool({2}, {7}, {1}, false, true), {x})[0] == 4);
  CHECK(codes(OpKind::adaptive_avg_pool, {{"output_size", Ints{1}}}, {x}) == Codes{5});
}

TEST_CASE("reference: adaptive_avg_pool: overlapping windows") {
  CHECK(floats(OpKind::adaptive_avg_pool, {{"output_size", Ints{3}}}, {count_up({1, 1, 7})}) == Floats32{2, 4, 6});
  CHECK(floats(OpKind::adaptive_avg_pool, {{"output_size", Ints{1, 2}}}, {count_up({1, 1, 2, 2})}) == Floats32{2, 3});
  CHECK(floats(OpKind::adaptive_avg_pool, {{"output_size", Ints{3}}}, {count_up({1, 1, 2})}) == Floats32{1, 1.5f, 2});
}

TEST_CASE("reference: resize: torch's interpolate") {
  const Value x = count_up({1, 1, 2, 2});
  CHECK(floats(OpKind::resize, resize("linear", "half_pixel", {1, 1, 3, 4}, {1, 1, 1.5, 2}), {x}) ==
        Floats32{1, 1.25f, 1.75f, 2, 2, 2.25f, 2.75f, 3, 3, 3.25f, 3.75f, 4});
  CHECK(floats(OpKind::resize, resize("linear", "align_corners", {1, 1, 3, 3}, {1, 1, 1.5, 1.5}), {x}) ==
        Floats32{1, 1.5f, 2, 2, 2.5f, 3, 3, 3.5f, 4});
  CHECK(floats(OpKind::resize, resize("cubic", "half_pixel", {1, 1, 1, 8}, {1, 1, 1, 2}),
               {f32({1, 1, 1, 4}, {1, 2, 4, 3})}) ==
        Floats32{0.89453125f, 1.15625f, 1.5625f, 2.59375f, 3.6875f, 3.984375f, 3.296875f, 2.89453125f});
  CHECK(floats(OpKind::resize, resize("nearest", "asymmetric", {1, 1, 8}, {1, 1, 1.6}), {count_up({1, 1, 5})}) ==
        Floats32{1, 1, 2, 2, 3, 4, 4, 5});
}

TEST_CASE("reference: resize: nearest modes and coordinates of ONNX") {
  const Value x = count_up({4});  // to 2: half_pixel 0.5, 2.5
  const auto to2 = [&](const char* coordinates, const char* nearest) {
    return floats(OpKind::resize, resize("nearest", coordinates, {2}, {0.5}, nearest), {x});
  };
  CHECK(to2("half_pixel", "floor") == Floats32{1, 3});
  CHECK(to2("half_pixel", "ceil") == Floats32{2, 4});
  CHECK(to2("half_pixel", "round_prefer_floor") == Floats32{1, 3});
  CHECK(to2("half_pixel", "round_prefer_ceil") == Floats32{2, 4});
  CHECK(to2("asymmetric", "floor") == Floats32{1, 3});
  CHECK(to2("align_corners", "floor") == Floats32{1, 4});
  const auto to1 = [&](const char* coordinates) {
    return floats(OpKind::resize, resize("linear", coordinates, {1}, {0.25}), {x});
  };
  CHECK(to1("half_pixel") == Floats32{2.5f});
  CHECK(to1("pytorch_half_pixel") == Floats32{1});
  CHECK(to1("align_corners") == Floats32{1});
  // 4 * 0.7 = 2.8 became 2 elements: the picture stays centred, both ends cut alike.
  CHECK(floats(OpKind::resize, resize("linear", "half_pixel_symmetric", {2}, {0.75}), {f32({3}, {1, 2, 3})}).size() ==
        2);
  check_near(floats(OpKind::resize, resize("linear", "half_pixel_symmetric", {2}, {0.7}), {x}),
             {1.78571429f, 3.21428571f}, 1e-6);
}

TEST_CASE("reference: resize: equal axes are copied, codes move unchanged, wild scales stay inside") {
  CHECK(codes(OpKind::resize, resize("nearest", "asymmetric", {2, 4}, {1, 2}), {q8({2, 2}, {1, 2, 3, 4}, 1, 0)}) ==
        Codes{1, 1, 2, 2, 3, 3, 4, 4});
  CHECK(floats(OpKind::resize, resize("linear", "half_pixel_symmetric", {3}, {1e-42}), {count_up({2})}).size() == 3);
  CHECK(floats(OpKind::resize, resize("cubic", "asymmetric", {3}, {1e-30}), {count_up({2})}) == Floats32{1, 2, 2});
  CHECK(floats(OpKind::resize, resize("nearest", "asymmetric", {3}, {1e30}), {count_up({2})}) == Floats32{1, 1, 1});
}
