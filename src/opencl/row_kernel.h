// The frame of kernels that look at all elements of a row: reductions, softmax, normalizations. A row is read by a
// power of two of work items, `lanes`; short rows share a work group, and rows that lie side by side have one lane each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "opencl/kernel_text.h"

namespace xpuq::opencl {

/// One axis: elements, and elements of src and dst in memory from one index to the next; the same for what else is read
/// (Source::strides), as many for every axis.
struct RowAxis {
  std::int64_t size, src, dst;
  std::vector<std::int64_t> more = {};
};

class RowKernel {
 public:
  /// `rows` are the axes that count rows, `row` those within one, in row-major order.
  RowKernel(std::string kind, std::vector<RowAxis> rows, std::vector<RowAxis> row);

  KernelText& source() { return text_; }
  std::int64_t count() const { return count_; }

  /// Declares lane, row, src_row, dst_row (addresses of element 0).
  void begin();
  /// Address in the value number `k` of RowAxis::more of the element that each() is at.
  std::string place(std::size_t k) const;
  /// Statements for every element of this lane, in rising order. `body` uses j (number in the row), src_at and dst_at.
  /// A `long_body` is not repeated in the machine code more than twice.
  void each(const std::string& body, bool long_body = false);
  /// Sets `variable` (a `type`) of all lanes to combine(...) over the row: an expression of the variables a and b.
  void combine(const std::string& variable, const std::string& type, const std::string& expression);
  /// A statement that one lane of each row executes.
  void once(const std::string& statement);

  Kernel finish() { return text_.finish(); }

 private:
  void choose_lanes();

  KernelText text_;
  std::vector<RowAxis> rows_, row_;
  std::int64_t row_count_ = 1, count_ = 1, lanes_ = 1, group_ = 64;
  int locals_ = 0;
};

}  // namespace xpuq::opencl
