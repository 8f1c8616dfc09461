// Operands seen as f32, so that the loops of float operations are written once.
#pragma once

#include <span>
#include <vector>

#include "reference/evaluate.h"

namespace xpuq::reference {

/// The elements of an f32, bf16 or quantized operand as f32: dequantized when quantized, not copied when f32 already.
class FloatSource {
 public:
  explicit FloatSource(const Operand& operand);
  FloatSource(const FloatSource&) = delete;
  FloatSource& operator=(const FloatSource&) = delete;

  const float* data() const { return values_.data(); }
  float operator[](std::int64_t i) const { return values_[static_cast<std::size_t>(i)]; }

 private:
  std::vector<float> copy_;
  std::span<const float> values_;
};

/// The place of an f32 or bf16 result; its destructor rounds to bf16.
class FloatSink {
 public:
  explicit FloatSink(const MutableOperand& operand);
  ~FloatSink();
  FloatSink(const FloatSink&) = delete;
  FloatSink& operator=(const FloatSink&) = delete;

  float* data() { return values_.data(); }
  float& operator[](std::int64_t i) { return values_[static_cast<std::size_t>(i)]; }

 private:
  MutableOperand operand_;
  std::vector<float> copy_;
  std::span<float> values_;
};

}  // namespace xpuq::reference
