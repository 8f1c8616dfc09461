// concat, reshape, flatten, transpose, slice, pad, expand, gather, reorder.
#include "run.h"

using namespace run;

namespace {
Attributes slice(Ints starts, Ints sizes, Ints steps) {
  return {{"starts", starts}, {"sizes", sizes}, {"steps", steps}};
}
Attributes pad(Ints begin, Ints end, const char* mode, double value = 0) {
  return {{"begin", begin}, {"end", end}, {"mode", std::string(mode)}, {"value", value}};
}
}  // namespace

TEST_CASE("reference: concat") {
  const Value a = count_up({2, 1, 2}), none = f32({2, 0, 2}, {}), b = f32({2, 2, 2}, {10, 20, 30, 40, 50, 60, 70, 80});
  CHECK(floats(OpKind::concat, {{"axis", std::int64_t{1}}}, {a, none, b}) ==
        Floats32{1, 2, 10, 20, 30, 40, 3, 4, 50, 60, 70, 80});
  CHECK(codes(OpKind::concat, {{"axis", std::int64_t{0}}}, {q8({1}, {1}, 1, 0), q8({2}, {2, 3}, 1, 0)}) ==
        Codes{1, 2, 3});
}

TEST_CASE("reference: reshape, flatten and reorder keep the order") {
  const Value x = count_up({2, 1, 2});
  CHECK(floats(OpKind::reshape, {{"shape", Ints{4}}}, {x}) == Floats32{1, 2, 3, 4});
  CHECK(apply(OpKind::flatten, {{"axis", std::int64_t{1}}}, {x}).shape() == Shape{2, 2});
  CHECK(floats(OpKind::reorder, {{"layout", std::string("channels_last")}}, {x}) == Floats32{1, 2, 3, 4});
}

TEST_CASE("reference: transpose") {
  CHECK(floats(OpKind::transpose, {{"perm", Ints{1, 0}}}, {count_up({2, 3})}) == Floats32{1, 4, 2, 5, 3, 6});
  CHECK(floats(OpKind::transpose, {{"perm", Ints{0, 2, 1}}}, {count_up({2, 2, 2})}) ==
        Floats32{1, 3, 2, 4, 5, 7, 6, 8});
  CHECK(floats(OpKind::transpose, {{"perm", Ints{1, 0, 2}}}, {count_up({2, 2, 2})}) ==
        Floats32{1, 2, 5, 6, 3, 4, 7, 8});
  CHECK(integers(OpKind::transpose, {{"perm", Ints{}}}, {s64({}, {5})}) == Ints{5});
}

TEST_CASE("reference: slice: steps of both signs") {
  CHECK(floats(OpKind::slice, slice({0, 3}, {2, 2}, {1, -2}), {count_up({2, 4})}) == Floats32{4, 2, 8, 6});
  CHECK(floats(OpKind::slice, slice({1, 1}, {1, 2}, {1, 1}), {count_up({2, 4})}) == Floats32{6, 7});
  CHECK(floats(OpKind::slice, slice({4}, {5}, {-1}), {count_up({5})}) == Floats32{5, 4, 3, 2, 1});
  CHECK(apply(OpKind::slice, slice({9}, {0}, {1}), {count_up({5})}).elements() == 0);
}

TEST_CASE("reference: pad") {
  const Value x = count_up({2, 2});
  CHECK(floats(OpKind::pad, pad({1, 0}, {0, 1}, "constant", 9), {x}) == Floats32{9, 9, 9, 1, 2, 9, 3, 4, 9});
  CHECK(floats(OpKind::pad, pad({2}, {2}, "reflect"), {count_up({3})}) == Floats32{3, 2, 1, 2, 3, 2, 1});
  CHECK(floats(OpKind::pad, pad({0, 1}, {1, 2}, "edge"), {x}) == Floats32{1, 1, 2, 2, 2, 3, 3, 4, 4, 4, 3, 3, 4, 4, 4});
  CHECK(codes(OpKind::pad, pad({1}, {1}, "constant"), {q8({2}, {5, 6}, 0.5f, -7)}) == Codes{-7, 5, 6, -7});
  CHECK(floats(OpKind::pad, pad({1}, {1}, "constant", 2), {f32({0}, {})}) == Floats32{2, 2});
}

TEST_CASE("reference: expand") {
  CHECK(floats(OpKind::expand, {{"shape", Ints{2, 2, 2}}}, {count_up({2, 1})}) == Floats32{1, 1, 2, 2, 1, 1, 2, 2});
  CHECK(floats(OpKind::expand, {{"shape", Ints{3}}}, {f32({}, {4})}) == Floats32{4, 4, 4});
}

TEST_CASE("reference: gather: negative indices wrap, others are errors") {
  const Value x = count_up({2, 3});
  CHECK(floats(OpKind::gather, {{"axis", std::int64_t{1}}}, {x, s64({2}, {-1, 0})}) == Floats32{3, 1, 6, 4});
  CHECK(floats(OpKind::gather, {{"axis", std::int64_t{0}}}, {x, s32({}, {1})}) == Floats32{4, 5, 6});
  for (std::int64_t bad : {std::int64_t{3}, std::int64_t{-4}, std::numeric_limits<std::int64_t>::min()}) {
    const auto got = attempt(OpKind::gather, {{"axis", std::int64_t{1}}}, {x, s64({1}, {bad})});
    REQUIRE_FALSE(got.ok());
    CHECK(got.error().text() == "E101: gather: index " + std::to_string(bad) + " is outside axis 1 of size 3");
  }
}

TEST_CASE("reference: a broken type rule is an error of evaluate") {
  const auto got = attempt(OpKind::reshape, {{"shape", Ints{5}}}, {count_up({4})});
  REQUIRE_FALSE(got.ok());
  CHECK(got.error().code == "E301");
  CHECK_THAT(got.error().what, ContainsSubstring("does not hold the 4 elements"));
}
