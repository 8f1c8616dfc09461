// Exact int8 linear layer for a few rows: bound by reading the weights, so they stay s8 and row-major as the plan has
// them, each read once per row of src while in cache.
#pragma once

#include <cstdint>

#include "runtime/cpu/epilogue.h"

namespace xpuq::cpu {

/// More rows than this are better served by packed weights (make_int8_conv with height = rows).
inline constexpr std::int64_t kGemvRows = 3;

class Int8Gemv {
 public:
  /// `weights` are [outputs][inputs] and must outlive the object.
  Int8Gemv(std::int64_t rows, std::int64_t inputs, std::int64_t outputs, const std::int8_t* weights,
           std::int32_t src_zero_point, Epilogue epilogue);

  std::size_t scratch_bytes() const;
  void run(const std::uint8_t* src, std::byte* dst, const std::byte* other, std::byte* scratch) const;

 private:
  std::int64_t rows_, inputs_, outputs_;
  const std::int8_t* weights_;
  std::int32_t zero_point_;
  Epilogue epilogue_;
  EpilogueFn finish_;
};

}  // namespace xpuq::cpu
