#include "cli/parse_values.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "cli/usage_error.h"
#include "support/json.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

/// Long nonsense is cut, so that a message stays a line.
std::string shown(const std::string& text) { return text.size() <= 60 ? text : text.substr(0, 57) + "..."; }

Error bad(const std::string& text, const std::string& who, std::string expected, std::string remedy = {}) {
  return make_error(kBadValue, who, "bad value '" + shown(text) + "'", {}, std::move(expected), std::move(remedy));
}

template <class T>
std::optional<T> read_whole(std::string_view text) {
  T value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> read_number(std::string_view text) {
  const auto value = read_whole<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::string interval(const std::string& least, const std::string& most, bool bounded) {
  return bounded ? "a number from " + least + " to " + most : "a number of at least " + least;
}

}  // namespace

Result<double> parse_number(const std::string& text, const std::string& who, double least, double most) {
  const auto value = read_number(text);
  if (value && *value >= least && *value <= most) return *value;
  const bool any = least == std::numeric_limits<double>::lowest();
  return bad(text, who, any ? "a number" : interval(format_f64(least), format_f64(most), most < 1e300));
}

Result<std::uint64_t> parse_count(const std::string& text, const std::string& who, std::uint64_t least,
                                  std::uint64_t most) {
  const auto value = read_whole<std::uint64_t>(text);
  if (value && *value >= least && *value <= most) return *value;
  const bool bounded = most < std::numeric_limits<std::uint64_t>::max();
  return bad(text, who, "whole: " + interval(std::to_string(least), std::to_string(most), bounded));
}

Result<std::vector<std::int64_t>> parse_count_list(const std::string& text, const std::string& who) {
  std::vector<std::int64_t> out;
  for (const std::string& part : split(text, ',')) {
    const auto value = read_whole<std::int64_t>(part);
    if (!value || *value < 1) return bad(text, who, "whole numbers from 1, separated by commas");
    out.push_back(*value);
  }
  return out;
}

Result<std::vector<double>> parse_percent_list(const std::string& text, const std::string& who) {
  std::vector<double> out;
  for (const std::string& part : split(text, ',')) {
    const auto value = read_number(part);
    if (!value || *value <= 0 || *value > 100)
      return bad(text, who, "numbers above 0 and up to 100, separated by commas", who + " 50,90,99");
    out.push_back(*value);
  }
  return out;
}

Result<double> parse_seconds(const std::string& text, const std::string& who) {
  const std::string_view view = text;
  double unit = 0;
  std::string_view number = view;
  if (view.ends_with("ms")) {
    unit = 1e-3;
    number.remove_suffix(2);
  } else if (view.ends_with("s")) {
    unit = 1;
    number.remove_suffix(1);
  }
  const auto value = read_number(number);
  // A bare number would be milliseconds in one tool and seconds in another; zero is the same in both.
  if (!value || *value < 0 || (unit == 0 && *value != 0))
    return bad(text, who, "a time with its unit, ms or s", who + " 200ms, or " + who + " 3s");
  return *value * unit;
}

Result<LatencyTarget> parse_latency_target(const std::string& text, const std::string& who) {
  LatencyTarget target;
  const auto at = text.find('@');
  XPUQ_ASSIGN(target.seconds, parse_seconds(text.substr(0, at), who));
  if (at == std::string::npos) return target;
  const auto value = read_number(std::string_view(text).substr(at + 1));
  if (!value || *value <= 0 || *value > 100)
    return bad(text, who, "T[@P] with a percentile up to 100", who + " 5ms@99");
  target.percentile = *value;
  return target;
}

Result<Shape> parse_shape(const std::string& text, const std::string& who) {
  Shape shape;
  for (const std::string& part : split(text, 'x')) {
    const auto value = read_whole<std::int64_t>(part);
    if (!value || *value < 1) return bad(text, who, "dimensions from 1, with x between them", who + " 1x3x224x224");
    shape.push_back(*value);
  }
  if (!checked_element_count(shape)) return bad(text, who, "a shape whose elements can be counted");
  return shape;
}

NamedText split_input(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return {{}, text};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

Result<CountOrPercent> parse_count_or_percent(const std::string& text, const std::string& who) {
  CountOrPercent out;
  if (text.ends_with('%')) {
    const auto value = read_number(std::string_view(text).substr(0, text.size() - 1));
    if (!value || *value < 0 || *value > 100) return bad(text, who, "N or P% up to 100%", who + " 1%");
    out.percent = *value;
    return out;
  }
  out.count = read_whole<std::uint64_t>(text);
  if (!out.count) return bad(text, who, "N or P%", who + " 1%");
  return out;
}

Result<Part> parse_part(const std::string& text, const std::string& who) {
  const auto slash = text.find('/');
  if (slash != std::string::npos) {
    const auto index = read_whole<std::uint64_t>(std::string_view(text).substr(0, slash));
    const auto count = read_whole<std::uint64_t>(std::string_view(text).substr(slash + 1));
    if (index && count && *index >= 1 && *index <= *count) return Part{*index, *count};
  }
  return bad(text, who, "I/N with I from 1 to N", who + " 1/4");
}

Error unknown_word(const std::string& text, const std::string& who, std::span<const std::string> words) {
  const auto near = nearest(text.substr(0, 40), words, 1);
  return make_error(kBadValue, who, "unknown value '" + shown(text) + "'", {}, join(words, ", "),
                    near.empty() ? std::string() : who + " " + near[0]);
}

}  // namespace xpuq::cli
