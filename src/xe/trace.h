// What the messages of a launch did, to compare with the same launch on memory and registers whose unwritten bytes hold
// something else: what differs depends on data that nobody wrote.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace xpuq::xe {

class Trace {
 public:
  /// A store whose data differ between the two runs: not yet wrong, kernels copy the padding of their tensors.
  struct Difference {
    std::uint64_t address = 0, bytes = 0, group = 0;
    std::uint32_t step = 0;
    int thread = 0;
  };

  /// From now on values are compared with those recorded.
  void compare() { comparing_ = true; }
  bool comparing() const { return comparing_; }
  /// Whether the value is the one of the first run; while recording, true.
  bool next(std::uint64_t value) {
    if (comparing_) return at_ < values_.size() && values_[at_++] == value;
    values_.push_back(value);
    return true;
  }

  std::vector<Difference> differences;

 private:
  std::vector<std::uint64_t> values_;
  std::size_t at_ = 0;
  bool comparing_ = false;
};

}  // namespace xpuq::xe
