// The frame of a kernel's source: parameters, launch size, index variables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "opencl/kernel.h"
#include "opencl/prelude.h"

namespace xpuq::opencl {

/// In front of a loop that stays one: code that rarely runs should not grow.
inline constexpr const char* kKeepLoop = "__attribute__((opencl_unroll_hint(1))) ";

/// Work items of a launch, one-dimensional. The size of a group follows from their number, so that small launches
/// still reach all cores.
struct Launch {
  std::int64_t items = 0;
  std::uint32_t group = 0;  ///< work items of a group; 0: chosen
};

class KernelText {
 public:
  explicit KernelText(std::string kind) { kernel_.kind = std::move(kind); }

  Prelude& prelude() { return prelude_; }

  /// Names of pointer parameters; equal requests give equal names.
  std::string read(std::uint32_t value, DataType dtype);
  std::string write(std::uint32_t value, DataType dtype);
  std::string literal(std::vector<std::byte> bytes, DataType dtype);
  std::string scratch(std::uint64_t bytes, std::string_view type, bool written);

  /// Functions in front of the kernel.
  void function(const std::string& text) { functions_ += text; }
  /// A statement of the kernel, indented by two and ended.
  void line(const std::string& text) { body_ += "  " + text + "\n"; }

  /// Declares `item`, 0 ... launch.items - 1, and ends the others.
  void begin(const Launch& launch);
  /// Declares the indices of `sizes` (last one fastest) that the variable `from` (not negative, uint or ulong) counts:
  /// `names`, of type int or long.
  void decode(const std::string& from, std::span<const std::int64_t> sizes, std::span<const std::string> names);
  /// Index variables are long instead of int; before begin().
  void use_wide_indices() { wide_ = true; }
  std::string index_type() const { return wide_ ? "long" : "int"; }

  Kernel finish();

 private:
  std::string parameter(KernelArgument argument, const std::string& name, const std::string& declaration);

  Kernel kernel_;
  Prelude prelude_;
  std::vector<std::string> names_;
  std::string parameters_;
  std::string functions_;
  std::string body_;
  bool wide_ = false;
  int reads_ = 0, writes_ = 0, literals_ = 0, scratches_ = 0;
};

/// The bytes of numbers, for literals.
template <class T>
std::vector<std::byte> literal_bytes(const std::vector<T>& values) {
  const auto bytes = std::as_bytes(std::span<const T>(values));
  return {bytes.begin(), bytes.end()};
}

}  // namespace xpuq::opencl
