// What follows the accumulator of conv and linear: scale, bias, post-ops and the store (src/reference/epilogue.h).
#pragma once

#include <string>

#include "opencl/kernel_text.h"
#include "plan/plan.h"

namespace xpuq::opencl {

/// Pointer parameters of the epilogue, and its text.
class Epilogue {
 public:
  /// Declares what the epilogue reads; `y` is the output's parameter.
  Epilogue(const Plan& plan, const Step& step, KernelText& text, std::string y);

  /// Statements that store at address `to` what becomes of `acc`, an f32 expression (the exact sum, rounded), in output
  /// channel `channel`. `other_at` is the address in the operand of the sum post-op. Empty and `problem` set when a
  /// post-op is not taken.
  void write(const std::string& acc, const std::string& channel, const std::string& to, const std::string& other_at);

  const std::string& problem() const { return problem_; }

 private:
  const Plan& plan_;
  const Step& step_;
  KernelText& text_;
  std::string y_, scales_, bia_, other_, numbers_, problem_;
  bool per_channel_ = false;
};

}  // namespace xpuq::opencl
