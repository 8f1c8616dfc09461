// The plan: what an artifact holds and an engine executes. A flat list of steps over values whose place in memory is
// already decided. Device-neutral: quantized values are s8 with their parameters, weights are row-major as PyTorch
// has them; what a CPU or GPU engine makes of that (u8 storage, blocked or packed weights) is its own business, done
// when it loads the plan and never changing a number or a byte count.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ops/op.h"
#include "xpuq/types.h"

namespace xpuq {

/// Where the bytes of a value are.
enum class Place : std::uint8_t {
  input,     ///< bound by the caller at every run; row-major
  output,    ///< bound by the caller at every run; row-major
  arena,     ///< at `offset` in the arena
  constant,  ///< at `offset` in the constants
};

struct PlanValue {
  std::string name;   ///< the user's name of the value; empty when stripped
  TensorType type;    ///< `layout` says how an arena value of rank 3 to 5 lies in memory
  Place place = Place::arena;
  std::uint64_t offset = 0;  ///< multiple of kPlanAlignment for arena and constant
};

struct Step {
  OpKind op;
  Attributes attributes;
  std::vector<std::uint32_t> inputs;   ///< indices of values
  std::vector<std::uint32_t> outputs;
  std::vector<std::string> origin;     ///< the user's nodes it stands for; empty when stripped
  /// Input number whose memory output 0 takes over (the accumulator of a "sum" post-op, a reshape); such a pair has
  /// equal byte counts and the input is not read by any later step.
  std::optional<std::uint32_t> in_place;
};

/// Alignment of every arena and constant offset: a cache line, and a vector register of AVX-512.
inline constexpr std::uint64_t kPlanAlignment = 64;

struct Plan {
  std::vector<PlanValue> values;
  std::vector<Step> steps;             ///< in execution order
  std::vector<std::uint32_t> inputs;   ///< values with Place::input, in the model's order
  std::vector<std::uint32_t> outputs;  ///< one per model output; a value may appear twice
  std::uint64_t arena_bytes = 0;

  std::span<const std::byte> constants;          ///< 64-byte aligned in memory
  std::shared_ptr<const void> constants_owner;   ///< keeps them alive (a buffer or a mapped file)

  const std::byte* constant_bytes(std::uint32_t value) const { return constants.data() + values[value].offset; }
};

}  // namespace xpuq
