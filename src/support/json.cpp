#include "support/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace xpuq {
namespace {

constexpr int kMaxDepth = 200;

int nesting_depth(std::string_view text) {
  int depth = 0, deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      else if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return deepest;
}

template <class T>
std::string shortest(T value) {
  if (!std::isfinite(value)) return "null";
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  return {buffer, end};
}

}  // namespace

Result<Json> parse_json(std::string_view text, const std::string& code, const std::string& who) {
  if (nesting_depth(text) > kMaxDepth)
    return Error{.code = code, .who = who, .what = "JSON is nested too deeply", .got = {},
                 .expected = "at most " + std::to_string(kMaxDepth) + " levels", .remedy = {}, .node = {}};
  try {
    return Json::parse(text);
  } catch (const Json::exception& e) {
    std::string why = e.what();
    // The library's own prefix names its error class, which helps nobody.
    if (const auto at = why.find("] "); at != std::string::npos) why = why.substr(at + 2);
    return Error{.code = code, .who = who, .what = "not valid JSON", .got = why, .expected = {},
                 .remedy = "check that the file is complete", .node = {}};
  }
}

std::string format_f32(float value) { return shortest(value); }
std::string format_f64(double value) { return shortest(value); }

}  // namespace xpuq
