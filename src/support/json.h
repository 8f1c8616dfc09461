// JSON for profiles, pt2 archives and reports: nlohmann-json with the rules xpuq needs of a hostile file.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "xpuq/result.h"

namespace xpuq {

/// Keeps the order of keys, so that what is written is deterministic.
using Json = nlohmann::ordered_json;

/// Parses UTF-8 text. Errors carry `code` and `who`, and the line and column of the defect; nesting deeper than
/// 200 is refused before parsing, so that no file can exhaust the stack.
Result<Json> parse_json(std::string_view text, const std::string& code, const std::string& who);

/// The shortest decimal that reads back to the same binary32; "null" when not finite.
std::string format_f32(float value);

/// A double written as the shortest decimal that reads back to the same binary64; "null" when not finite.
std::string format_f64(double value);

}  // namespace xpuq
