// The values of options as the user writes them (cli.md section 1). Every error is E203 with the option as `who`.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "xpuq/result.h"
#include "xpuq/types.h"

namespace xpuq::cli {

/// A decimal number, a point as separator whatever the locale; at least `least`, at most `most`.
Result<double> parse_number(const std::string& text, const std::string& who, double least, double most);
Result<std::uint64_t> parse_count(const std::string& text, const std::string& who, std::uint64_t least,
                                  std::uint64_t most);
/// "1,8": positive numbers.
Result<std::vector<std::int64_t>> parse_count_list(const std::string& text, const std::string& who);
/// "50,90,99.9": each above 0 and at most 100.
Result<std::vector<double>> parse_percent_list(const std::string& text, const std::string& who);

/// "200ms", "3s", "0": seconds.
Result<double> parse_seconds(const std::string& text, const std::string& who);
/// "5ms@99": a time and the percentile that it bounds, 99 when it is not given.
struct LatencyTarget {
  double seconds = 0;
  double percentile = 99;
};
Result<LatencyTarget> parse_latency_target(const std::string& text, const std::string& who);

/// "1x3x224x224".
Result<Shape> parse_shape(const std::string& text, const std::string& who);

/// "image:0.5" -> {"image", "0.5"}; without a colon the name is empty. The last colon counts: names may hold some.
struct NamedText {
  std::string input, value;
};
NamedText split_input(const std::string& text);

/// "5" or "1%".
struct CountOrPercent {
  std::optional<std::uint64_t> count;
  double percent = 0;
};
Result<CountOrPercent> parse_count_or_percent(const std::string& text, const std::string& who);

/// "2/4": part 2 of 4, from 1.
struct Part {
  std::uint64_t index = 1, count = 1;
};
Result<Part> parse_part(const std::string& text, const std::string& who);

/// The error for a word outside a closed list: all words, and the nearest as something to type.
Error unknown_word(const std::string& text, const std::string& who, std::span<const std::string> words);

}  // namespace xpuq::cli
