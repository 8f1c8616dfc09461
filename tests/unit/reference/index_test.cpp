// gather_elements, gather_nd, scatter, topk, cumsum, codes: small cases worked out by hand.
#include <limits>

#include "run.h"

using namespace run;

TEST_CASE("reference: gather_elements and gather_nd") {
  const Value x = count_up({2, 3});
  CHECK(floats(OpKind::gather_elements, {{"axis", 1}}, {x, s64({2, 2}, {-1, 0, 1, 1})}) == Floats32{3, 1, 5, 5});
  CHECK(floats(OpKind::gather_elements, {{"axis", 0}}, {x, s64({1, 3}, {1, 0, 1})}) == Floats32{4, 2, 6});
  CHECK(floats(OpKind::gather_nd, {{"batch_dims", 0}}, {x, s64({2, 2}, {0, -1, 1, 0})}) == Floats32{3, 4});
  CHECK(floats(OpKind::gather_nd, {{"batch_dims", 0}}, {x, s32({1, 1}, {1})}) == Floats32{4, 5, 6});
  CHECK(floats(OpKind::gather_nd, {{"batch_dims", 1}}, {x, s64({2, 1}, {2, 0})}) == Floats32{3, 4});
  CHECK_FALSE(attempt(OpKind::gather_elements, {{"axis", 1}}, {x, s64({2, 1}, {3, 0})}).ok());
  CHECK_FALSE(attempt(OpKind::gather_nd, {{"batch_dims", 0}}, {x, s64({1, 1}, {-3})}).ok());
}

TEST_CASE("reference: scatter: of several updates the last wins, or all are combined") {
  const Value data = count_up({1, 4});
  const auto place = s64({1, 3}, {3, 0, -1});
  const auto updates = f32({1, 3}, {10, 20, 30});
  const auto scatter = [&](const char* how) {
    return floats(OpKind::scatter_elements, {{"axis", 1}, {"reduction", how}}, {data, place, updates});
  };
  CHECK(scatter("none") == Floats32{20, 2, 3, 30});
  CHECK(scatter("add") == Floats32{21, 2, 3, 44});
  CHECK(scatter("mul") == Floats32{20, 2, 3, 1200});
  CHECK(scatter("min") == Floats32{1, 2, 3, 4});
  CHECK(scatter("max") == Floats32{20, 2, 3, 30});
  CHECK(floats(OpKind::scatter_nd, {{"reduction", "none"}}, {count_up({2, 2}), s64({1, 1}, {-1}), f32({1, 2}, {7, 8})}) ==
        Floats32{1, 2, 7, 8});
  CHECK_FALSE(attempt(OpKind::scatter_nd, {{"reduction", "none"}}, {data, s64({1, 2}, {0, 4}), f32({1}, {1})}).ok());
}

TEST_CASE("reference: topk: of equal elements the first comes first, NaN is the largest") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Value x = f32({6}, {2, 5, nan, 5, -1, 2});
  const auto top = [&](std::int64_t k, std::int64_t largest) {
    return integers(OpKind::topk, {{"axis", 0}, {"k", k}, {"largest", largest}}, {x});
  };
  CHECK(top(4, 1) == Ints{2, 1, 3, 0});
  CHECK(top(6, 0) == Ints{4, 0, 5, 1, 3, 2});
  CHECK(integers(OpKind::topk, {{"axis", 0}, {"k", 1}, {"largest", 1}}, {count_up({2, 3})}) == Ints{1, 1, 1});
}

TEST_CASE("reference: cumsum") {
  const auto sum = [](std::int64_t axis, std::int64_t exclusive, std::int64_t reverse) {
    return floats(OpKind::cumsum, {{"axis", axis}, {"exclusive", exclusive}, {"reverse", reverse}}, {count_up({2, 3})});
  };
  CHECK(sum(1, 0, 0) == Floats32{1, 3, 6, 4, 9, 15});
  CHECK(sum(0, 0, 0) == Floats32{1, 2, 3, 5, 7, 9});
  CHECK(sum(1, 1, 0) == Floats32{0, 1, 3, 0, 4, 9});
  CHECK(sum(1, 0, 1) == Floats32{6, 5, 3, 15, 11, 6});
  CHECK(sum(1, 1, 1) == Floats32{5, 3, 0, 11, 6, 0});
}

TEST_CASE("reference: codes move by 128 between u8 and s8") {
  const Value q = q8({3}, {-128, 0, 127}, 0.5f, 3);
  const Tensor bytes = apply(OpKind::to_codes, {{"to", "u8"}}, {q});
  CHECK(bytes.dtype() == DataType::u8);
  CHECK(bytes.span<std::uint8_t>()[0] == 0);
  CHECK(bytes.span<std::uint8_t>()[1] == 128);
  CHECK(bytes.span<std::uint8_t>()[2] == 255);
  const Value plain = value<std::uint8_t>(DataType::u8, {3}, {0, 128, 255});
  CHECK(codes(OpKind::from_codes, {{"scales", Floats{0.5}}, {"zero_points", Ints{3}}}, {plain}) == Codes{-128, 0, 127});
  CHECK(codes(OpKind::from_codes, {{"scales", Floats{0.5}}, {"zero_points", Ints{3}}}, {s8({2}, {-128, 5})}) ==
        Codes{-128, 5});
}
