// Own kernels: the OpenCL C source of everything in a plan that oneDNN does not compute on an Intel GPU.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "opencl/group.h"
#include "plan/plan.h"
#include "xpuq/result.h"

namespace xpuq::opencl {

/// Options that every kernel must be built with, offline and on a CPU device: without the second one divisions and
/// square roots may be off by some units in the last place.
inline constexpr const char* kBuildOptions = "-cl-std=CL3.0 -cl-fp32-correctly-rounded-divide-sqrt";

/// A pointer argument: to a value of the plan, to bytes known at compile time, or to scratch memory.
struct KernelArgument {
  enum class Kind : std::uint8_t { value, literal, scratch } kind = Kind::value;
  std::uint32_t value = 0;         ///< plan value read or written
  bool written = false;
  std::vector<std::byte> literal;  ///< scales, zero points, tables; never empty
  std::uint64_t scratch_bytes = 0;
};

/// One launch. `source` is a whole translation unit with one kernel; kernels of equal shapes and types have equal
/// sources, whatever their scales and constants.
struct Kernel {
  std::string name;
  std::string source;
  std::vector<KernelArgument> arguments;  ///< in the order of the kernel's parameters, all of them global pointers
  std::array<std::uint32_t, 3> group_size{1, 1, 1};   ///< as the source's reqd_work_group_size
  std::array<std::uint32_t, 3> group_count{1, 1, 1};
  std::string kind;  ///< "pointwise", "avg_pool", ...; for reports
};

/// Kernels, in order, that compute the outputs of a group. Buffers begin at multiples of 256 bytes; no output shares
/// memory with an input, nor scratch with either. Values lie as their types say: channels_last, if that is the layout
/// of an arena value, else row-major. A group whose outputs are empty has no kernel. Error E601 (`who` is the
/// operation) when there is no kernel for it: types f16 and f64 other than in moves, or an operation not yet written.
Result<std::vector<Kernel>> emit(const Plan& plan, const Group& group);

}  // namespace xpuq::opencl
