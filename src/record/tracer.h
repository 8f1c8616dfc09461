// What this process submits to a GPU, seen through the Level Zero loader's tracing layer (level_zero/layers, "zel"):
// oneDNN calls the loader, the loader tells us.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "xpuq/result.h"

namespace xpuq::record {

struct TracedArgument {
  bool set = false;
  bool null = false;
  std::uint64_t size = 0;
  std::vector<std::uint8_t> bytes;  ///< as given, when not null
};

struct TracedLaunch {
  const std::vector<std::uint8_t>* module = nullptr;  ///< native binary
  std::string kernel;
  std::array<std::uint32_t, 3> group_size{1, 1, 1};
  std::array<std::uint32_t, 3> group_count{1, 1, 1};
  std::vector<TracedArgument> arguments;
};

/// Device and host memory of the process.
struct Allocation {
  std::uintptr_t at = 0;
  std::size_t bytes = 0;
};

/// How often the process called the driver.
struct CallCounts {
  std::uint64_t modules = 0, arguments = 0, launches = 0, allocations = 0, executions = 0, synchronizations = 0;
};

class Listener {
 public:
  virtual ~Listener() = default;
  virtual void launched(const TracedLaunch& launch) = 0;
  virtual void filled(void* to, std::span<const std::uint8_t> pattern, std::size_t bytes) = 0;
  virtual void copied(void* to, const void* from, std::size_t bytes) = 0;
  /// Something that cannot be recorded was submitted.
  virtual void refused(const std::string& what) = 0;
};

class Tracer {
 public:
  /// To be started before the first use of the GPU. Error E503 when the loader has no tracing layer.
  static Result<std::unique_ptr<Tracer>> start();
  virtual ~Tracer() = default;

  /// Who is told from now on; null: nobody.
  virtual void listen(Listener* listener) = 0;
  /// The allocation that holds an address; `bytes` is 0 when none does.
  virtual Allocation allocation_of(const void* at) const = 0;
  virtual CallCounts counts() const = 0;
};

}  // namespace xpuq::record
