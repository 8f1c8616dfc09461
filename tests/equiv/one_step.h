// Runs one operation twice: as a plan of one step on the engine, and with the plain loops of the reference. What is
// compared must not be empty, and one and two threads must agree in every bit.
#pragma once

#include <bit>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "catch.h"
#include "plan/plan.h"
#include "plan/verify.h"
#include "reference/evaluate.h"
#include "runtime/engine.h"

namespace xpuq::equiv {

struct Argument {
  TensorType type;
  Tensor tensor;
  bool constant = false;
};

class Values {
 public:
  explicit Values(unsigned seed) : random_(seed) {}
  std::int64_t integer(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  bool chance(int percent) { return integer(1, 100) <= percent; }
  template <class T>
  const T& pick(const std::vector<T>& list) {
    return list[static_cast<std::size_t>(integer(0, static_cast<std::int64_t>(list.size()) - 1))];
  }
  float real(float low, float high) { return std::uniform_real_distribution<float>(low, high)(random_); }

  Argument f32(Shape shape, float low = -2, float high = 2) {
    Argument a{{DataType::f32, shape, Layout::plain, {}}, Tensor(DataType::f32, shape)};
    for (float& v : a.tensor.span<float>()) v = real(low, high);
    return a;
  }
  Argument bf16(Shape shape, float low = -2, float high = 2) {
    Argument a{{DataType::bf16, shape, Layout::plain, {}}, Tensor(DataType::bf16, shape)};
    for (std::uint16_t& v : a.tensor.span<std::uint16_t>()) v = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(real(low, high)) >> 16);
    return a;
  }
  Argument s8(Shape shape, float scale, int zero_point, int low = -128, int high = 127) {
    const QuantParams quant{{scale}, {zero_point}, {}};
    Argument a{{DataType::s8, shape, Layout::plain, quant}, Tensor(DataType::s8, shape)};
    for (std::int8_t& v : a.tensor.span<std::int8_t>()) v = static_cast<std::int8_t>(integer(low, high));
    return a;
  }
  /// Weights with one scale per output channel.
  Argument weights(Shape shape, int largest = 127) {
    Argument a = s8(shape, 1, 0, -largest - (largest == 127 ? 1 : 0), largest);
    QuantParams& q = *a.type.quant;
    q.axis = 0;
    q.scales.clear();
    q.zero_points.assign(static_cast<std::size_t>(shape[0]), 0);
    for (std::int64_t i = 0; i < shape[0]; ++i) q.scales.push_back(real(0.001f, 0.02f));
    return constant(std::move(a));
  }
  static Argument constant(Argument a) {
    a.constant = true;
    return a;
  }

 private:
  std::mt19937 random_;
};

inline Argument channels_last(Argument a) {
  a.type.layout = Layout::channels_last;
  return a;
}
inline Argument integers(DataType dtype, Shape shape, const std::vector<std::int64_t>& values) {
  Argument a{{dtype, shape, Layout::plain, {}}, Tensor(dtype, shape)};
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (dtype == DataType::s64) a.tensor.span<std::int64_t>()[i] = values[i];
    if (dtype == DataType::s32) a.tensor.span<std::int32_t>()[i] = static_cast<std::int32_t>(values[i]);
    if (dtype == DataType::boolean) a.tensor.span<std::uint8_t>()[i] = values[i] != 0;
  }
  return a;
}

struct Outcome {
  TensorType type;
  Tensor expected, actual;
  std::string implementation;  ///< of the step

  /// Largest difference of codes (s8, u8 and other integers) or, for f32 and bf16, relative to 1 + |expected|.
  double difference() const;
};

/// Plan of the operation: inputs that are channels_last come through a reorder, so does the output when
/// `output_layout` says so. A sum takes over the memory of its operand.
Outcome run_one(OpKind op, const Attributes& attributes, const std::vector<Argument>& arguments,
                Layout output_layout = Layout::plain, EngineOptions options = {});

std::shared_ptr<Engine> cpu_engine();

}  // namespace xpuq::equiv
