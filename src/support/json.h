// JSON for profiles, pt2 archives and reports: nlohmann-json with the rules xpuq needs of a hostile file.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "xpuq/result.h"

namespace xpuq {

/// Keeps the order of keys, so that what is written is deterministic.
using Json = nlohmann::ordered_json;

/// What is refused before parsing: nesting that could exhaust the stack, and objects so large that keeping their keys
/// in order, which compares each with all before it, would take days.
struct JsonLimits {
  std::size_t depth = 200;
  std::size_t keys = 100'000;  ///< in one object
};

/// Parses UTF-8 text. Errors carry `code` and `who`, and the line and column of the defect.
Result<Json> parse_json(std::string_view text, const std::string& code, const std::string& who, JsonLimits limits = {});

/// The shortest decimal that reads back to the same binary32; "null" when not finite.
std::string format_f32(float value);

/// A double written as the shortest decimal that reads back to the same binary64; "null" when not finite.
std::string format_f64(double value);

}  // namespace xpuq
