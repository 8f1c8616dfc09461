#include <cmath>
#include <limits>

#include "device_check.h"

using namespace xpuq;
using namespace xpuq::test;

namespace {

/// The bound of each function against the C library's, in units in the last place.
struct Bound {
  OpKind op;
  int ulps;
};
const Bound kBounds[] = {{OpKind::exp, 1},  {OpKind::log, 1},   {OpKind::erf, 1},   {OpKind::tanh, 2},  {OpKind::sin, 1},
                         {OpKind::cos, 1},  {OpKind::tan, 2},   {OpKind::asin, 2},  {OpKind::acos, 2},  {OpKind::atan, 2},
                         {OpKind::sinh, 3}, {OpKind::cosh, 3},  {OpKind::asinh, 4}, {OpKind::acosh, 4}, {OpKind::atanh, 4},
                         {OpKind::elu, 2},  {OpKind::softplus, 2}, {OpKind::silu, 2}, {OpKind::sigmoid, 2},
                         {OpKind::sqrt, 0}, {OpKind::reciprocal, 0}, {OpKind::relu, 0}, {OpKind::hardswish, 0}, {OpKind::abs, 0},
                         {OpKind::neg, 0},  {OpKind::floor, 0}, {OpKind::ceil, 0},  {OpKind::round, 0}, {OpKind::sign, 0}};

/// Numbers of all sizes, and those where something happens.
void spread(SamplePlan& s, Tensor& t) {
  const float inf = std::numeric_limits<float>::infinity();
  const float special[] = {0.0f, -0.0f, inf, -inf, std::nanf(""), 1.0f, -1.0f, 0.5f, -0.5f, 1e-40f, -1e-40f, 88.7f, -88.7f, -103.9f, 3.4e38f, -3.4e38f, 0.375f, 2.5f, -2.5f, 1.5f};
  std::size_t i = 0;
  for (auto& v : t.span<float>()) {
    const float x = std::exp2(static_cast<float>(s.pick(-1000, 400)) / 50.0f) * (s.pick(0, 1) ? 1.0f : -1.0f);
    v = i < std::size(special) ? special[i] : s.pick(0, 9) ? x : x * 0x1p60f;
    ++i;
  }
}

Attributes attributes_of(OpKind op) { return op == OpKind::elu ? Attributes{{"alpha", 1.25}} : Attributes{}; }

}  // namespace

TEST_CASE("functions of floats keep their bounds") {
  Device* d = device_or_skip();
  if (d == nullptr) return;
  Comparison all;
  for (const Bound& b : kBounds) {
    SamplePlan s(static_cast<std::uint32_t>(b.op));
    const auto x = s.value(DataType::f32, {20003});
    spread(s, s.elements(x));
    s.step(b.op, attributes_of(b.op), {x});
    all.add(std::string(to_string(b.op)), std::move(s), b.ulps);
  }
  // Near -1 the sum 1 + erf loses what erf has, on either side.
  for (const char* form : {"none", "tanh"}) {
    SamplePlan s(7);
    const auto x = s.value(DataType::f32, {20003});
    s.step(OpKind::gelu, {{"approximate", word(form)}}, {x});
    all.add("gelu", std::move(s), 2, 5e-7f);
  }
  {
    SamplePlan s(8);
    const auto x = s.value(DataType::f32, {20003}), y = s.value(DataType::f32, {20003});
    for (std::size_t i = 0; i < 20003; ++i)
      if (i % 4 != 0) s.elements(x).data<float>()[i] = std::abs(s.elements(x).data<float>()[i]);
      else s.elements(y).data<float>()[i] = static_cast<float>(s.pick(-5, 5));
    s.step(OpKind::pow, {}, {x, y});
    all.add("pow", std::move(s), 2);
  }
  CHECK(all.run(*d) == "");
}

TEST_CASE("pointwise operations of all types equal the interpreter") {
  Device* d = device_or_skip();
  if (d == nullptr) return;
  Comparison all;
  const OpKind both[] = {OpKind::add, OpKind::sub, OpKind::mul, OpKind::minimum, OpKind::maximum, OpKind::equal, OpKind::less, OpKind::less_equal, OpKind::greater, OpKind::greater_equal};
  for (const DataType type : {DataType::f32, DataType::bf16, DataType::s8, DataType::u8, DataType::s32, DataType::s64}) {
    // Narrow integers go the same way as wide ones.
    if (!thorough() && (type == DataType::u8 || type == DataType::s32)) continue;
    for (const OpKind op : both) {
      if (!thorough() && type != DataType::f32 && (op == OpKind::less_equal || op == OpKind::greater || op == OpKind::sub)) continue;
      SamplePlan s(static_cast<std::uint32_t>(op) * 16 + static_cast<std::uint32_t>(type));
      const auto x = s.value(type, {3, 1, 13}), y = s.value(type, {5, 13});
      s.step(op, {}, {x, y});
      all.add(std::string(to_string(op)) + " " + std::string(to_string(type)), std::move(s));
    }
    for (const char* to : {"f32", "bf16", "s8", "u8", "s32", "s64", "boolean"}) {
      if (!thorough() && type != DataType::f32 && word(to) != "f32" && word(to) != "s8") continue;
      SamplePlan s(static_cast<std::uint32_t>(type));
      const auto x = s.value(type, {37});
      if (type == DataType::f32)
        for (auto& v : s.elements(x).span<float>()) v *= 100.0f;
      s.step(OpKind::cast, {{"to", word(to)}}, {x});
      all.add("cast " + word(to), std::move(s));
    }
    SamplePlan s(static_cast<std::uint32_t>(type));
    const auto c = s.value(DataType::boolean, {7, 1}), x = s.value(type, {7, 9}), y = s.value(type, {9});
    s.step(OpKind::where, {}, {c, x, y});
    all.add("where", std::move(s));
  }
  for (const OpKind op : {OpKind::div, OpKind::mod, OpKind::fmod}) {
    for (const DataType type : {DataType::f32, DataType::s32}) {
      SamplePlan s(static_cast<std::uint32_t>(op));
      const auto x = s.value(type, {4, 33}), y = s.value(type, {33});
      if (type == DataType::s32)
        for (auto& v : s.elements(y).span<std::int32_t>()) v = static_cast<std::int32_t>(s.pick(1, 9)) * (s.pick(0, 1) ? 1 : -1);
      s.step(op, {}, {x, y});
      all.add(std::string(to_string(op)), std::move(s));
    }
  }
  for (const OpKind op : {OpKind::relu, OpKind::abs, OpKind::neg, OpKind::sign}) {
    SamplePlan s(static_cast<std::uint32_t>(op));
    s.step(op, {}, {s.value(DataType::s8, {300})});
    all.add(std::string(to_string(op)), std::move(s));
  }
  CHECK(all.run(*d) == "");
}

TEST_CASE("functions of one code are tables and exact") {
  Device* d = device_or_skip();
  if (d == nullptr) return;
  Comparison all;
  for (const OpKind op : {OpKind::silu, OpKind::tanh, OpKind::erf, OpKind::sin}) {
    for (const char* real : {"f32", "bf16"}) {
      SamplePlan s(static_cast<std::uint32_t>(op));
      const auto x = s.value(DataType::s8, {2, 5, 3, 3}, Layout::channels_last, per_tensor(0.05f, 4));
      const auto v = s.step(OpKind::dequantize, {{"to", word(real)}}, {x}, Layout::channels_last);
      const auto f = s.step(op, {}, {v}, Layout::channels_last);
      const auto product = s.step(OpKind::mul, {}, {f, v}, Layout::channels_last);
      s.step(OpKind::quantize, {{"scales", Floats{0.03}}, {"zero_points", Ints{3}}, {"type", word("s8")}}, {product}, Layout::channels_last);
      all.add(std::string(to_string(op)), std::move(s));
    }
  }
  CHECK(all.run(*d) == "");
}
