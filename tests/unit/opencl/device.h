// An OpenCL CPU device that runs generated kernels, if the machine has one. libOpenCL is opened at run time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "opencl/kernel.h"

namespace xpuq::test {

class Device {
 public:
  /// Null when there is no device; `why` then says what is missing.
  static Device* get(std::string& why);

  /// The memory of one kernel argument before and after the run.
  using Buffers = std::vector<std::vector<std::byte>*>;

  /// Compiles kernels as one program; afterwards run() knows them by their number. Empty, or the build log.
  std::string build(const std::vector<const opencl::Kernel*>& kernels);
  /// Runs kernel `number` of the last build on copies of the buffers, and copies written ones back. Empty, or what failed.
  std::string run(std::size_t number, const opencl::Kernel& kernel, const Buffers& buffers);

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace xpuq::test
