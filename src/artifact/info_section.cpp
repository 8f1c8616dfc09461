#include "artifact/info_section.h"

#include <array>
#include <string_view>

#include "artifact/format.h"
#include "artifact/refusal.h"

namespace xpuq::artifact {
namespace {

/// The parser looks a new key up among those before it; a forged object of millions of keys would take days.
constexpr std::size_t kMostKeys = 4096;

bool has_too_many_keys(std::string_view text) {
  std::array<std::size_t, 256> keys{};
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      else if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth >= keys.size()) return false;  // parse_json refuses it
      keys[depth] = 0;
    } else if (c == '}' || c == ']') {
      depth -= depth > 0;
    } else if (c == ':' && ++keys[depth] > kMostKeys) {
      return true;
    }
  }
  return false;
}

}  // namespace

Result<Json> read_info(std::span<const std::byte> section, const std::string& who) {
  const std::string_view text(reinterpret_cast<const char*>(section.data()), section.size());
  if (text.size() > kMostInfoBytes) return damaged(who, "section 'INFO' is larger than 64 MiB");
  if (has_too_many_keys(text)) return damaged(who, "section 'INFO' holds an object with too many keys");
  auto json = parse_json(text, "E502", who);
  if (!json.ok()) return damaged(who, "section 'INFO': " + json.error().what, printable(json.error().got, 200));
  if (!json->is_object()) return damaged(who, "section 'INFO' is not a JSON object", json->type_name());
  return std::move(json).value();
}

std::string write_info(const Json& info) { return info.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace xpuq::artifact
