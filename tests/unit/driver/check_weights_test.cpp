// Weights that are not numbers are all named at once.
#include <limits>

#include "catch.h"
#include "driver/check_weights.h"
#include "ir/rewriter.h"

using namespace xpuq;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN(), kInfinity = std::numeric_limits<float>::infinity();

Graph two_layers(float in_first, float in_second, float in_mask) {
  Graph g;
  Rewriter rw(g);
  const ValueId x = rw.add_input("x", {DataType::f32, {1, 2}, Layout::plain, {}});
  const auto constant = [&](const char* name, Shape shape, float value) {
    Tensor t(DataType::f32, shape);
    t.span<float>()[1] = value;
    return rw.add_constant(name, t);
  };
  const ValueId a = rw.append(OpKind::linear, {x, constant("first.weight", {2, 2}, in_first)}, {}, "a", {"first"});
  const ValueId b = rw.append(OpKind::linear, {a, constant("second.weight", {2, 2}, 0), constant("second.bias", {2}, in_second)}, {}, "b", {"second"});
  rw.add_output(rw.append(OpKind::add, {b, constant("mask", {2}, in_mask)}, {}, "y", {"masked"}));
  rw.commit();
  return g;
}

}  // namespace

TEST_CASE("weights that are not finite are refused, all in one message") {
  CHECK(check_weights(two_layers(0, 0, -kInfinity), "m.pt2").ok());  // a mask may be infinite
  const auto r = check_weights(two_layers(kNan, -kInfinity, 0), "m.pt2");
  REQUIRE_FALSE(r.ok());
  CHECK(r.error().code == "E308");
  CHECK(r.error().who == "m.pt2");
  CHECK(r.error().node == "first");
  for (const char* part : {"2 weights are not finite", "'first.weight' of 'first': 1 of 4 elements, the first at 1, NaN", "'second.bias' of 'second': 1 of 2 elements, the first at 1, -infinity"}) {
    INFO(r.error().what);
    CHECK(r.error().what.find(part) != std::string::npos);
  }
}
