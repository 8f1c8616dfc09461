// The helper functions of kernels: pieces of OpenCL C, of which a kernel's source holds those that it uses.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace xpuq::opencl {

class Prelude {
 public:
  /// Makes the function xpuq_NAME and those it calls part of the source; false when there is none of this name.
  bool need(std::string_view name);
  /// The name of the function, which must exist.
  std::string function(std::string_view name);
  /// Adds the pieces of another one.
  void add(const Prelude& other) { pieces_.insert(other.pieces_.begin(), other.pieces_.end()); }
  /// The pragma and all needed pieces, each after those it calls. A piece defines its functions once even where
  /// several sources are compiled as one.
  std::string text() const;

 private:
  std::set<std::size_t> pieces_;
};

}  // namespace xpuq::opencl
