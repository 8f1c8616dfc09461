// The operands `random[:SEED]` and `zeros`: numbers for timing, useless for ranges.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "xpuq/types.h"

namespace xpuq::samples {

struct Generated {
  bool zeros = true;
  std::uint64_t seed = 0;
};

/// Whether an operand's text is `zeros`, `random` or starts with `random:`.
bool is_generated_word(std::string_view text);
/// The generator, or empty when the seed after `random:` is no number below 2^64.
std::optional<Generated> parse_generated(std::string_view text);

/// Zeros, or numbers that depend on seed, stream (the input's position) and index (the sample's) alone.
/// Random floats are uniform in [-1, 1); s8, u8 and s16 take their whole range; s32, s64 and boolean are 0 or 1,
/// since a larger one may be an index out of range.
Tensor generate(const Generated& generated, DataType dtype, Shape shape, std::uint64_t stream, std::uint64_t index);

}  // namespace xpuq::samples
