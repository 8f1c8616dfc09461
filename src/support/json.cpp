#include "support/json.h"

#include <charconv>
#include <cmath>
#include <vector>

namespace xpuq {
namespace {

/// Values of one document. One of two characters takes up to 50 bytes while it is read, and inside a zip archive those
/// two take a five-hundredth of a byte. Real programs and profiles hold less than a million.
constexpr std::size_t kMostValues = std::size_t{1} << 24;

/// What breaks a limit, or an empty string.
std::string beyond(std::string_view text, const JsonLimits& limits) {
  std::vector<std::size_t> keys(limits.depth + 1);  // so far, of the open object at each depth
  std::size_t depth = 0, values = 1;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      else if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > limits.depth) return "is nested too deeply";
      keys[depth] = 0;
      ++values;
    } else if (c == ',') {
      ++values;
    } else if (c == '}' || c == ']') {
      depth -= depth > 0;
    } else if (c == ':' && ++keys[depth] > limits.keys) {
      return "holds an object with too many keys";
    }
    if (values > kMostValues) return "holds too many values";
  }
  return {};
}

template <class T>
std::string shortest(T value) {
  if (!std::isfinite(value)) return "null";
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  return {buffer, end};
}

}  // namespace

Result<Json> parse_json(std::string_view text, const std::string& code, const std::string& who, JsonLimits limits) {
  if (std::string what = beyond(text, limits); !what.empty())
    return Error{.code = code, .who = who, .what = std::move(what), .got = {},
                 .expected = "at most " + std::to_string(limits.depth) + " levels, " + std::to_string(limits.keys) + " keys an object and " + std::to_string(kMostValues) + " values",
                 .remedy = {}, .node = {}};
  try {
    return Json::parse(text);
  } catch (const Json::exception& e) {
    std::string why = e.what();
    // The library's own prefix names its error class, which helps nobody.
    if (const auto at = why.find("] "); at != std::string::npos) why = why.substr(at + 2);
    return Error{.code = code, .who = who, .what = "is not valid JSON", .got = why, .expected = {},
                 .remedy = "check that the file is complete", .node = {}};
  }
}

std::string format_f32(float value) { return shortest(value); }
std::string format_f64(double value) { return shortest(value); }

}  // namespace xpuq
