// A plan compiled for one Intel GPU: machine code, and the streams of commands that run it. What a target section of an
// artifact holds. Nothing in it is a pointer: every address is an arena and an offset, so a device only has to allocate
// the arenas, create the modules, and append the commands in order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "gpu/device_key.h"

namespace xpuq::gpu {

/// One allocation on the device each.
enum class Arena : std::uint8_t {
  input,     ///< all model inputs, row-major; copied in before every inference
  output,    ///< all model outputs, row-major; copied out after every inference
  raw,       ///< weights as the plan has them; needed by the set-up only
  constant,  ///< written by the set-up, read by every inference: packed weights, scales, tables, zeroed pools
  work,      ///< activations and scratch
};
inline constexpr std::size_t kArenas = 5;

/// Values, constants and scratch begin at a multiple of this (kernels of oneDNN count on it).
inline constexpr std::uint64_t kGpuAlignment = 256;
/// oneDNN divides a scratchpad of its own accord at multiples of this.
inline constexpr std::uint64_t kPartAlignment = 128;

enum class Access : std::uint8_t { read = 1, write = 2, read_write = 3 };

/// Bytes of an arena.
struct Range {
  Arena arena = Arena::work;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  bool operator==(const Range&) const = default;
};

/// A pointer argument: where it points, and which bytes from there on the kernel may touch, how.
struct BufferArgument {
  Range range;
  Access access = Access::read;
  bool operator==(const BufferArgument&) const = default;
};
/// A pointer that the kernel takes but does not follow.
struct NullArgument {
  bool operator==(const NullArgument&) const = default;
};
/// A number or a struct of numbers, little endian.
struct ValueArgument {
  std::vector<std::uint8_t> bytes;
  bool operator==(const ValueArgument&) const = default;
};
/// Shared local memory, in bytes.
struct LocalArgument {
  std::uint64_t bytes = 0;
  bool operator==(const LocalArgument&) const = default;
};
using Argument = std::variant<BufferArgument, NullArgument, ValueArgument, LocalArgument>;

/// Starts a kernel of a module.
struct Launch {
  std::uint32_t module = 0;  ///< in Program::modules
  std::string kernel;
  std::array<std::uint32_t, 3> group_size{1, 1, 1};
  std::array<std::uint32_t, 3> group_count{1, 1, 1};
  std::vector<Argument> arguments;  ///< one per argument of the kernel, in its order
  bool operator==(const Launch&) const = default;
};

/// Writes a pattern of 1, 2, 4, 8 or 16 bytes over a range.
struct Fill {
  Range to;
  std::vector<std::uint8_t> pattern;
  bool operator==(const Fill&) const = default;
};

/// Copies bytes of the plan's constants to the device. Set-up only.
struct UploadConstant {
  Range to;
  std::uint64_t from = 0;  ///< offset in Plan::constants
  bool operator==(const UploadConstant&) const = default;
};

/// Copies bytes of Program::literals to the device: scales, zero points, tables. Set-up only.
struct UploadLiteral {
  Range to;
  std::uint64_t from = 0;  ///< offset in Program::literals
  bool operator==(const UploadLiteral&) const = default;
};

/// Copies between arenas.
struct Copy {
  Range to;
  Range from;  ///< of as many bytes
  bool operator==(const Copy&) const = default;
};

struct Command {
  std::variant<Launch, Fill, UploadConstant, UploadLiteral, Copy> what;
  /// Plan step that the command works for; the commands of one step are neighbours. In the set-up: of the step whose
  /// constants are prepared.
  std::uint32_t step = 0;
  /// All earlier commands must have finished: something this one reads or overwrites is theirs.
  bool barrier = false;
  bool operator==(const Command&) const = default;
};

/// What became of a plan step, for reports.
struct StepRecord {
  std::string primitive;       ///< "convolution", "matmul", "pointwise", ...
  std::string implementation;  ///< oneDNN's ("jit:ir"), or "xpuq:..." for an own kernel
  /// The step's result was kept in registers: it is part of the kernel of this later step.
  std::optional<std::uint32_t> fused_into;
  bool operator==(const StepRecord&) const = default;
};

struct Program {
  DeviceKey device;
  std::string library;  ///< "oneDNN 3.13.2"
  std::uint32_t plan = 0;                          ///< number in Artifact::plans
  std::string plan_sha256;                         ///< of the plan it was made for, see plan_digest()
  std::vector<std::vector<std::uint8_t>> modules;  ///< zebin, the driver's native format; no two are equal
  std::vector<std::uint8_t> literals;
  std::array<std::uint64_t, kArenas> arena_bytes{};
  std::vector<Command> setup;      ///< once
  std::vector<Command> inference;  ///< every time
  std::vector<StepRecord> steps;   ///< one per plan step
  /// Where plan values lie, by value number; empty for those that exist only in registers. For the self-test.
  std::vector<std::optional<Range>> values;
};

}  // namespace xpuq::gpu
