// Modules of a program and the kernels that it launches.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "gpu/program.h"
#include "runtime/level_zero/context.h"

namespace xpuq::level_zero {

class Kernels {
 public:
  static Result<Kernels> create(ContextPtr context, const gpu::Program& program);
  Kernels(Kernels&&) = default;
  Kernels& operator=(Kernels&&) = delete;
  ~Kernels();

  /// One of the program's; all that it launches are there.
  ze_kernel_handle_t find(std::uint32_t module, const std::string& kernel) const { return kernels_.at({module, kernel}); }

 private:
  explicit Kernels(ContextPtr context) : context_(std::move(context)) {}

  ContextPtr context_;
  std::vector<ze_module_handle_t> modules_;
  std::map<std::pair<std::uint32_t, std::string>, ze_kernel_handle_t> kernels_;
};

}  // namespace xpuq::level_zero
