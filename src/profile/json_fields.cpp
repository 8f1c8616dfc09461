#include "profile/json_fields.h"

#include <cmath>
#include <cstdlib>
#include <limits>

namespace xpuq {
namespace {
constexpr std::size_t kShown = 60;
constexpr float kInfinity = std::numeric_limits<float>::infinity();
}

Error profile_error(const std::string& who, std::string what, std::string got, std::string expected) {
  return {.code = "E403", .who = who, .what = std::move(what), .got = std::move(got), .expected = std::move(expected),
          .remedy = "restore the file, or run xpuq-calibrate again", .node = {}};
}

std::string quote_name(std::string_view name) {
  std::string out(1, '\'');
  out += name.substr(0, kShown);
  if (name.size() > kShown) out += "...";
  return out += '\'';
}

std::string describe(const Json& json) {
  if (json.is_structured()) {
    std::string out = json.is_array() ? "an array of " : "an object of ";
    return out += std::to_string(json.size());
  }
  if (json.is_string()) return quote_name(json.get_ref<const std::string&>());
  return json.dump();
}

std::optional<float> to_f32(const Json& json) {
  if (!json.is_number()) return std::nullopt;
  const double wide = json.get<double>();
  if (!(std::fabs(wide) <= static_cast<double>(std::numeric_limits<float>::max()))) return std::nullopt;
  const float nearest_f32 = static_cast<float>(wide);
  // The parser rounds to binary64 first. When that lands halfway between two binary32 numbers, the decimal may have
  // been written for the other one (of all shortest decimals, only +-7.038531e-26 is).
  const float other = std::nextafter(nearest_f32, wide > nearest_f32 ? kInfinity : -kInfinity);
  const bool halfway = wide - static_cast<double>(nearest_f32) == static_cast<double>(other) - wide;
  if (halfway && std::strtod(format_f32(other).c_str(), nullptr) == wide) return other;
  return nearest_f32;
}

std::optional<std::uint64_t> to_whole(const Json& json, std::uint64_t most) {
  // A literal without sign is unsigned for the parser; a negative one is signed, one with a point is neither.
  if (!json.is_number_unsigned() || json.get<std::uint64_t>() > most) return std::nullopt;
  return json.get<std::uint64_t>();
}

Error JsonFields::error(const std::string& what, std::string got, std::string expected) const {
  std::string text = where_;
  if (!where_.empty()) text += ": ";
  return profile_error(who_, text += what, std::move(got), std::move(expected));
}

Error JsonFields::member_error(std::string_view key, const std::string& what, const Json& got,
                               std::string expected) const {
  return error(quote_name(key) + " " + what, describe(got), std::move(expected));
}

Result<void> JsonFields::require_object() const {
  if (!object_.is_object()) return error("is not an object", describe(object_), "an object");
  return {};
}

bool JsonFields::has(std::string_view key) const {
  const auto at = object_.find(std::string(key));
  return at != object_.end() && !at->is_null();
}

Result<const Json*> JsonFields::member(std::string_view key) const {
  const auto at = object_.find(std::string(key));
  if (at == object_.end()) return error(quote_name(key) + " is missing");
  return &*at;
}

Result<JsonFields> JsonFields::object(std::string_view key) const {
  XPUQ_ASSIGN(const Json* found, member(key));
  if (!found->is_object()) return member_error(key, "is not an object", *found, "an object");
  std::string where = where_;
  if (!where.empty()) where += ": ";
  return JsonFields(*found, where += key, who_);
}

Result<const Json*> JsonFields::array(std::string_view key, std::size_t most) const {
  XPUQ_ASSIGN(const Json* found, member(key));
  if (!found->is_array()) return member_error(key, "is not an array", *found, "an array");
  if (found->size() > most) return member_error(key, "is too long", *found, "at most " + std::to_string(most));
  return found;
}

Result<std::string> JsonFields::text(std::string_view key) const {
  XPUQ_ASSIGN(const Json* found, member(key));
  if (!found->is_string()) return member_error(key, "is not a string", *found, "a string");
  return found->get<std::string>();
}

Result<std::vector<std::string>> JsonFields::texts(std::string_view key) const {
  XPUQ_ASSIGN(const Json* found, array(key));
  std::vector<std::string> out;
  for (const Json& item : *found) {
    if (!item.is_string()) return member_error(key, "holds something that is not a string", item, "strings");
    out.push_back(item.get<std::string>());
  }
  return out;
}

Result<std::uint64_t> JsonFields::whole(std::string_view key, std::uint64_t most) const {
  XPUQ_ASSIGN(const Json* found, member(key));
  const auto number = to_whole(*found, most);
  if (!number) return member_error(key, "is not a whole number in range", *found, "0 to " + std::to_string(most));
  return *number;
}

Result<float> JsonFields::real(std::string_view key) const {
  XPUQ_ASSIGN(const Json* found, member(key));
  const auto number = to_f32(*found);
  if (!number) return member_error(key, "is not a number of binary32", *found, "a finite number");
  return *number;
}

}  // namespace xpuq
