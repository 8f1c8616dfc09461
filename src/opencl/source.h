// Pointwise steps in front of another operation, computed where that one reads: a quantize in front of an average.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "opencl/kernel_text.h"
#include "plan/plan.h"

namespace xpuq::opencl {

/// True for operations whose kernels take a source: each element is read once or a few times.
bool takes_source(const Plan& plan, const Step& step);

/// True when `steps` (the last of them makes the input of the operation) cost little and make an element of nothing but
/// the elements at the same place in memory of other values.
bool is_source(const Plan& plan, const std::vector<std::uint32_t>& steps);

class Source {
 public:
  /// What `head` reads as its first input, by `steps`; without steps the value itself.
  Source(const Plan& plan, const Step& head, std::vector<std::uint32_t> steps);

  /// Declares what is read. Before begin().
  void declare(KernelText& text);
  /// The element that lies at address `at` (an expression) of the input, of its stored type.
  std::string element(const std::string& at) const;
  /// For helper functions that read elements: the declarations of all that is read, and the arguments.
  const std::string& parameters() const { return declarations_; }
  const std::string& arguments() const { return arguments_; }
  /// True when elements are read as they lie in memory.
  bool is_plain() const { return steps_.empty(); }

 private:
  const Plan& plan_;
  std::uint32_t value_;
  std::vector<std::uint32_t> steps_;
  std::vector<std::string> pointers_;
  std::string parameters_, declarations_, arguments_;

  void name(const std::string& pointer, std::string_view type);
};

}  // namespace xpuq::opencl
