// Small text helpers of messages and command lines.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace xpuq {

/// The project's version, "0.1.0".
std::string_view version();

/// Shell-style match: `*`, `?`, `[a-z]`, `[!x]`; `*` crosses any character.
bool glob_match(std::string_view pattern, std::string_view text);

/// Up to `most` candidates nearest to `wanted` by edit distance, nearest first; only plausible ones.
std::vector<std::string> nearest(std::string_view wanted, std::span<const std::string> candidates, std::size_t most = 3);

std::string join(std::span<const std::string> parts, std::string_view separator);
std::vector<std::string> split(std::string_view text, char separator);

/// "25.9 MiB", "812 B".
std::string format_bytes(std::uint64_t bytes);
/// "1GiB", "500MiB", "64KiB", "1000000": bytes; empty for anything else.
std::optional<std::uint64_t> parse_bytes(std::string_view text);
/// Fixed point with `digits` decimals, always with a point.
std::string format_fixed(double value, int digits);
/// Milliseconds with three or more figures: "0.0512", "4.713", "12.40".
std::string format_ms(double value);

}  // namespace xpuq
