// Pointwise steps behind another operation, computed where that one stores: a quantize behind a layer_norm.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "opencl/expression.h"
#include "opencl/kernel_text.h"
#include "plan/plan.h"

namespace xpuq::opencl {

/// True for operations whose kernels take a tail: float results, stored element by element.
bool takes_tail(const Plan& plan, const Step& step);

/// True when `steps` (all pointwise) make an element of their output of the same element of `value` and nothing else
/// but constants.
bool is_tail(const Plan& plan, const std::vector<std::uint32_t>& steps, std::uint32_t value);

class Tail {
 public:
  /// The tail of `steps`, whose first one is the operation itself; there may be no other.
  Tail(const Plan& plan, const std::vector<std::uint32_t>& steps);

  /// What the kernel stores: the output of the last step. It has the shape of the operation's own result.
  std::uint32_t value() const { return value_; }
  /// Declares the output parameter and what the tail needs; returns the parameter's name. Before begin().
  std::string declare(KernelText& text);
  /// The expression to store for the operation's f32 result.
  std::string element(const std::string& f32, KernelText& text) const;

 private:
  const Plan& plan_;
  std::uint32_t head_, value_;
  std::vector<std::uint32_t> steps_;
  std::string parameters_;
};

}  // namespace xpuq::opencl
