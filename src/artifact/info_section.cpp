#include "artifact/info_section.h"

#include <string_view>

#include "artifact/format.h"
#include "artifact/refusal.h"

namespace xpuq::artifact {

Result<Json> read_info(std::span<const std::byte> section, const std::string& who) {
  const std::string_view text(reinterpret_cast<const char*>(section.data()), section.size());
  if (text.size() > kMostInfoBytes) return damaged(who, "section 'INFO' is larger than 64 MiB");
  auto json = parse_json(text, "E502", who, {.keys = 4096});
  if (!json.ok()) return damaged(who, "section 'INFO' " + json.error().what, printable(json.error().got, 200));
  if (!json->is_object()) return damaged(who, "section 'INFO' is not a JSON object", json->type_name());
  return std::move(json).value();
}

std::string write_info(const Json& info) { return info.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace xpuq::artifact
