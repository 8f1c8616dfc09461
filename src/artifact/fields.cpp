#include "artifact/fields.h"

#include <cmath>
#include <limits>

#include "artifact/format.h"

namespace xpuq::artifact {

std::optional<std::int64_t> to_int(const Json& json) {
  if (json.is_number_unsigned()) {
    const auto n = json.get<std::uint64_t>();
    if (n >> 63) return std::nullopt;
    return static_cast<std::int64_t>(n);
  }
  if (json.is_number_integer()) return json.get<std::int64_t>();
  return std::nullopt;
}

std::optional<std::uint64_t> to_whole(const Json& json, std::uint64_t most) {
  if (!json.is_number_unsigned() || json.get<std::uint64_t>() > most) return std::nullopt;
  return json.get<std::uint64_t>();
}

Result<Fields> Fields::of(const Json& map, std::string where, const Source& source) {
  if (!map.is_object()) return damaged(source.who, where + " is not a map", map.type_name());
  return Fields(map, std::move(where), source);
}

Error Fields::error(const std::string& what, std::string got, std::string expected) const {
  return damaged(source_->who, where_ + ": " + what, std::move(got), std::move(expected));
}

Error Fields::wrong(std::string_view key, const Json& got, const std::string& expected) const {
  const std::string text = got.is_number() ? got.dump() : std::string(got.type_name());
  return error("'" + std::string(key) + "' has a wrong value", text, expected);
}

Error Fields::unknown_name(const std::string& kind, const std::string& name) const {
  const std::string quoted = "'" + printable(name) + "'";
  return needs_newer(*source_, "needs a newer xpuq: " + where_ + ": " + kind + " " + quoted + " is not known", quoted,
                     "a known " + kind);
}

Result<const Json*> Fields::member(std::string_view key) const {
  const auto it = map_->find(key);
  if (it == map_->end()) return error("'" + std::string(key) + "' is missing");
  return &*it;
}

Result<const Json*> Fields::array(std::string_view key) const {
  XPUQ_ASSIGN(const Json* value, member(key));
  if (!value->is_array()) return wrong(key, *value, "an array");
  return value;
}

Result<std::string> Fields::text(std::string_view key) const {
  XPUQ_ASSIGN(const Json* value, member(key));
  if (!value->is_string()) return wrong(key, *value, "text");
  return value->get_ref<const std::string&>();
}

Result<std::vector<std::string>> Fields::texts(std::string_view key) const {
  std::vector<std::string> out;
  if (!has(key)) return out;
  XPUQ_ASSIGN(const Json* list, array(key));
  for (const Json& e : *list) {
    if (!e.is_string()) return wrong(key, e, "text");
    out.push_back(e.get_ref<const std::string&>());
  }
  return out;
}

Result<std::uint64_t> Fields::whole(std::string_view key, std::uint64_t most) const {
  XPUQ_ASSIGN(const Json* value, member(key));
  const auto n = to_whole(*value, most);
  if (!n) return wrong(key, *value, "a whole number of at most " + std::to_string(most));
  return *n;
}

Result<std::vector<std::uint32_t>> Fields::indices(std::string_view key) const {
  XPUQ_ASSIGN(const Json* list, array(key));
  std::vector<std::uint32_t> out;
  for (const Json& e : *list) {
    const auto n = to_whole(e, std::numeric_limits<std::uint32_t>::max());
    if (!n) return wrong(key, e, "indices");
    out.push_back(static_cast<std::uint32_t>(*n));
  }
  return out;
}

Result<Shape> Fields::shape(std::string_view key) const {
  XPUQ_ASSIGN(const Json* list, array(key));
  if (list->size() > kMostRank) return error("rank " + std::to_string(list->size()) + " is too high");
  Shape out;
  for (const Json& e : *list) {
    const auto n = to_int(e);
    if (!n || *n < 0) return wrong(key, e, "dimensions");
    out.push_back(*n);
  }
  if (!checked_element_count(out)) return error("'" + std::string(key) + "' is impossibly large", to_string(out));
  return out;
}

Result<float> Fields::real(std::string_view key) const {
  XPUQ_ASSIGN(const Json* value, member(key));
  const double d = value->is_number_float() ? value->get<double>() : std::numeric_limits<double>::quiet_NaN();
  // Out of range, the conversion itself would be undefined.
  const bool fits = std::isfinite(d) && std::abs(d) <= std::numeric_limits<float>::max();
  if (!fits || static_cast<double>(static_cast<float>(d)) != d) return wrong(key, *value, "a binary32 number");
  return static_cast<float>(d);
}

Result<const std::vector<std::uint8_t>*> Fields::bytes(std::string_view key) const {
  XPUQ_ASSIGN(const Json* value, member(key));
  if (!value->is_binary()) return wrong(key, *value, "bytes");
  return static_cast<const std::vector<std::uint8_t>*>(&value->get_binary());
}

Result<DataType> Fields::data_type(std::string_view key) const {
  XPUQ_ASSIGN(const std::string name, text(key));
  const auto type = parse_data_type(name);
  if (!type) return unknown_name("element type", name);
  return *type;
}

}  // namespace xpuq::artifact
