#include "artifact/attribute_reader.h"

#include "artifact/plan_section.h"

namespace xpuq::artifact {
namespace {

/// Whether "name:" begins one of the words of the schema.
bool has_attribute(OpKind op, const std::string& name) {
  const std::string words = " " + std::string(schema(op).attributes);
  return !name.empty() && name.find(' ') == std::string::npos && words.find(" " + name + ":") != std::string::npos;
}

// One reader per alternative; empty when the item is of another kind.
void read_item(const Json& json, std::optional<std::int64_t>& out) { out = to_int(json); }
void read_item(const Json& json, std::optional<double>& out) {
  if (json.is_number_float()) out = json.get<double>();
}
void read_item(const Json& json, std::optional<std::string>& out) {
  if (json.is_string()) out = json.get_ref<const std::string&>();
}
template <class T>
void read_item(const Json& json, std::optional<std::vector<T>>& out) {
  if (!json.is_array()) return;
  std::vector<T> list;
  for (const Json& e : json) {
    std::optional<T> item;
    read_item(e, item);
    if (!item) return;
    list.push_back(std::move(*item));
  }
  out = std::move(list);
}

template <class T>
std::optional<AttributeValue> read_as(const Json& json) {
  std::optional<T> value;
  read_item(json, value);
  if (!value) return std::nullopt;
  return AttributeValue(std::move(*value));
}

std::optional<AttributeValue> read_kind(char kind, const Json& json) {
  switch (kind) {
    case 'i':
      return read_as<std::int64_t>(json);
    case 'f':
      return read_as<double>(json);
    case 's':
      return read_as<std::string>(json);
    case 'I':
      return read_as<Ints>(json);
    case 'F':
      return read_as<Floats>(json);
    default:
      return read_as<Strings>(json);
  }
}

}  // namespace

Result<Attributes> read_attributes(OpKind op, const Json& map, const Fields& step) {
  if (!map.is_object()) return step.error("'attributes' is not a map", map.type_name());
  Attributes out;
  for (const auto& [name, entry] : map.items()) {
    const std::string what = "attribute of " + std::string(to_string(op));
    if (!has_attribute(op, name)) return step.unknown_name(what, name);
    if (!entry.is_array() || entry.size() != 2 || !entry[0].is_string())
      return step.error(what + " '" + printable(name) + "' is not a pair of kind and value");
    const auto& kind = entry[0].get_ref<const std::string&>();
    if (kind.size() != 1 || kAttributeKinds.find(kind[0]) == std::string_view::npos)
      return step.unknown_name("kind of attribute", kind);
    auto value = read_kind(kind[0], entry[1]);
    if (!value) return step.error(what + " '" + printable(name) + "' is not of its kind", {}, "kind '" + kind + "'");
    out.set(name, std::move(*value));
  }
  return out;
}

}  // namespace xpuq::artifact
