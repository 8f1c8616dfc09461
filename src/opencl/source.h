// Pointwise steps in front of another operation, computed where that one reads: a quantize in front of an average.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "opencl/index.h"
#include "opencl/kernel_text.h"
#include "opencl/row_kernel.h"
#include "plan/plan.h"

namespace xpuq::opencl {

/// True for operations whose kernels take a source: each element is read once or a few times.
bool takes_source(const Plan& plan, const Step& step);

/// True when `steps`, the last of which makes the input of `head`, can be its source: they cost little and find their
/// elements by constant strides along the axes of that input, for an average even at the same place in memory.
bool is_source(const Plan& plan, const Step& head, const std::vector<std::uint32_t>& steps);

class Source {
 public:
  /// What `head` reads as its first input, by `steps`; without steps the value itself.
  Source(const Plan& plan, const Step& head, std::vector<std::uint32_t> steps);

  /// Declares what is read. Before begin().
  void declare(KernelText& text);
  /// The element that lies at address `at` (an expression) of the input, of its stored type.
  std::string element(const std::string& at) const;
  /// The same inside RowKernel::each(), where values may be read at other places.
  std::string element(const RowKernel& rows) const;
  /// For axis `axis` of the input: elements from one index to the next in every value that is read (RowAxis::more).
  std::vector<std::int64_t> strides(std::size_t axis) const;
  /// For helper functions that read elements: the declarations of all that is read, and the arguments.
  const std::string& parameters() const { return declarations_; }
  const std::string& arguments() const { return arguments_; }
  /// True when elements are read as they lie in memory.
  bool is_plain() const { return steps_.empty(); }

 private:
  const Plan& plan_;
  std::uint32_t value_;
  std::vector<std::uint32_t> steps_;
  std::vector<Affine> places_;  // over the axes of the input, of each load
  std::vector<std::string> pointers_;
  std::string parameters_, declarations_, arguments_;

  void name(const std::string& pointer, std::string_view type);
};

}  // namespace xpuq::opencl
