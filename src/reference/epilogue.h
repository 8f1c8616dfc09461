// What follows the accumulator of conv and linear: scale, bias, post-ops and the store (ops/post_ops.h,
// pt2e-semantics 5.2), each operation rounded to f32.
#pragma once

#include <optional>
#include <vector>

#include "ops/post_ops.h"
#include "reference/floats.h"
#include "reference/unary_function.h"

namespace xpuq::reference {

class Epilogue {
 public:
  explicit Epilogue(const OpCall& call);

  /// Float form: the exact sum, rounded to f32 once.
  void store(std::int64_t index, std::int64_t channel, double acc) { finish(index, channel, static_cast<float>(acc)); }
  /// Int8 form: fl((float)acc * fl(src_scale * wei_scale)), or in the order that the call asks for.
  void store(std::int64_t index, std::int64_t channel, std::int64_t acc) {
    const std::size_t c = scales_.size() == 1 ? 0 : static_cast<std::size_t>(channel);
    finish(index, channel, static_cast<float>(acc) * src_scale_ * scales_[c]);
  }

 private:
  void finish(std::int64_t index, std::int64_t channel, float v);

  float src_scale_ = 1;        // 1 when it is part of scales_
  std::vector<float> scales_;  // of weights, or src_scale * wei_scale; empty in the float form
  std::optional<FloatSource> bia_;
  std::optional<FloatSource> other_;
  std::vector<std::optional<UnaryFunction>> steps_;  // empty one: add `other`
  MutableOperand dst_;
  float inverse_scale_ = 1;
  float zero_point_ = 0;
};

}  // namespace xpuq::reference
