#include "samples/parse_value.h"

#include <charconv>
#include <cmath>
#include <string>

namespace xpuq::samples {
namespace {

template <class T>
std::optional<T> whole(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<float> finite(std::optional<double> value) {
  if (!value || !std::isfinite(static_cast<float>(*value))) return std::nullopt;
  return static_cast<float>(*value);
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text, std::int64_t least, std::int64_t most) {
  const auto value = whole<std::int64_t>(text);
  return value && *value >= least && *value <= most ? value : std::nullopt;
}

std::optional<std::uint64_t> parse_seed(std::string_view text) { return whole<std::uint64_t>(text); }

std::optional<float> parse_real(std::string_view text) {
  // Read as binary32, so that the value is rounded once.
  const auto value = whole<float>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::optional<float> parse_quotient(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return parse_real(text);
  const auto over = whole<double>(text.substr(0, slash)), under = whole<double>(text.substr(slash + 1));
  if (!over || !under || *under == 0) return std::nullopt;
  return finite(*over / *under);
}

std::optional<std::vector<float>> parse_reals(std::string_view text) {
  std::vector<float> out;
  for (;;) {
    const std::size_t comma = text.find(',');
    const auto value = parse_real(text.substr(0, comma));
    if (!value) return std::nullopt;
    out.push_back(*value);
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

std::optional<std::pair<int, int>> parse_box(std::string_view text) {
  const std::size_t x = text.find('x');
  if (x == std::string_view::npos) return std::nullopt;
  const auto width = parse_side(text.substr(0, x)), height = parse_side(text.substr(x + 1));
  if (!width || !height) return std::nullopt;
  return std::pair{*width, *height};
}

std::optional<int> parse_side(std::string_view text) {
  const auto value = parse_integer(text, 1, kMaxSide);
  return value ? std::optional<int>(static_cast<int>(*value)) : std::nullopt;
}

}  // namespace xpuq::samples
