// Numbers and sizes as typed on the command line. Each returns empty when the text is not wholly one of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace xpuq::samples {

/// Largest width or height that an option or a record may name; areas are bounded by kMaxPixels as well.
inline constexpr std::int64_t kMaxSide = 1 << 20;

/// Decimal digits only, least <= value <= most.
std::optional<std::int64_t> parse_integer(std::string_view text, std::int64_t least, std::int64_t most);
std::optional<std::uint64_t> parse_seed(std::string_view text);
/// A finite decimal that is finite in binary32 too.
std::optional<float> parse_real(std::string_view text);
/// A decimal, or a quotient "1/255" (rounded once, from binary64).
std::optional<float> parse_quotient(std::string_view text);
/// "0.5,0.5,0.5".
std::optional<std::vector<float>> parse_reals(std::string_view text);
/// "WxH", each 1..2^20.
std::optional<std::pair<int, int>> parse_box(std::string_view text);
/// "S", 1..2^20.
std::optional<int> parse_side(std::string_view text);

}  // namespace xpuq::samples
