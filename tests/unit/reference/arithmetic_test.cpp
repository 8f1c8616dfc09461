// The two orders in which int8 layers multiply by their scales.
#include <random>

#include "catch.h"
#include "reference/evaluate.h"

namespace xpuq {
namespace {

/// linear of one code and one weight, to f32.
float product(std::int8_t code, float src_scale, std::int8_t weight, float wei_scale, Arithmetic arithmetic) {
  const TensorType src{DataType::s8, {1, 1}, Layout::plain, QuantParams{{src_scale}, {3}, {}}};
  const TensorType wei{DataType::s8, {1, 1}, Layout::plain, QuantParams{{wei_scale}, {0}, 0}};
  const TensorType dst{DataType::f32, {1, 1}, Layout::plain, {}};
  const Attributes attributes{{"dst_type", std::string("f32")}};
  float out = 0;
  const Operand inputs[] = {{&src, reinterpret_cast<const std::byte*>(&code)}, {&wei, reinterpret_cast<const std::byte*>(&weight)}};
  const MutableOperand outputs[] = {{&dst, reinterpret_cast<std::byte*>(&out)}};
  REQUIRE(evaluate({OpKind::linear, &attributes, inputs, outputs, arithmetic}).ok());
  return out;
}

}  // namespace

TEST_CASE("scales are multiplied first on a CPU, the source scale comes first on a GPU") {
  std::mt19937 random(5);
  int different = 0;
  for (int i = 0; i < 500; ++i) {
    const auto code = static_cast<std::int8_t>(random()), weight = static_cast<std::int8_t>(random());
    const float s = 0.001f + static_cast<float>(random() % 1000) * 1e-5f, w = 0.002f + static_cast<float>(random() % 1000) * 3e-5f;
    const auto acc = static_cast<float>((code - 3) * weight);
    const float cpu = product(code, s, weight, w, Arithmetic::product_first), gpu = product(code, s, weight, w, Arithmetic::source_first);
    CHECK(cpu == acc * (s * w));
    CHECK(gpu == acc * s * w);
    different += cpu != gpu;
  }
  CHECK(different > 50);
}

}  // namespace xpuq
