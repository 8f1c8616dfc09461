#include "samples/labels.h"

#include <algorithm>
#include <utility>

#include "samples/file_bytes.h"
#include "samples/parse_value.h"
#include "samples/sample_error.h"
#include "support/json.h"

namespace xpuq::samples {
namespace {

constexpr std::uint64_t kMaxLabelBytes = 16 << 20;

Error bad_labels(const std::string& who, std::string got) {
  return make_error(kBadValue, who, "not a list of labels", std::move(got),
                    "one name a line, a JSON list, or {\"0\": \"name\", ...}");
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    out.emplace_back(line);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  while (!out.empty() && out.back().empty()) out.pop_back();
  return out;
}

Result<std::vector<std::string>> labels_of(const Json& json, const std::string& who) {
  std::vector<std::optional<std::string>> slots(json.size());
  std::size_t position = 0;
  for (const auto& [key, value] : json.items()) {
    std::optional<std::int64_t> index = static_cast<std::int64_t>(position++);
    if (json.is_object()) index = parse_integer(key, 0, static_cast<std::int64_t>(json.size()) - 1);
    if (!index) return bad_labels(who, "key '" + key.substr(0, 40) + "' among " + std::to_string(json.size()));
    if (!value.is_string()) return bad_labels(who, "label " + std::to_string(*index) + " is no string");
    auto& slot = slots[static_cast<std::size_t>(*index)];
    if (slot) return bad_labels(who, "index " + std::to_string(*index) + " twice");
    slot = value.get<std::string>();
  }
  // As many keys as slots, each in range and none twice: all are filled.
  std::vector<std::string> out;
  for (auto& slot : slots) out.push_back(std::move(*slot));
  return out;
}

}  // namespace

Result<std::vector<std::string>> parse_labels(std::string_view text, const std::string& who) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return bad_labels(who, "no label at all");
  if (text[first] != '[' && text[first] != '{') return lines_of(text);
  XPUQ_ASSIGN(const Json json, parse_json(text, kBadValue, who));
  if (json.empty()) return bad_labels(who, "no label at all");
  return labels_of(json, who);
}

Result<std::vector<std::string>> load_labels(const std::string& path) {
  XPUQ_ASSIGN(const std::vector<std::byte> bytes, read_file(path, kMaxLabelBytes));
  return parse_labels({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
}

std::optional<int> index_of_label(const std::vector<std::string>& labels, std::string_view name) {
  const auto it = std::find(labels.begin(), labels.end(), name);
  if (it == labels.end() || std::find(it + 1, labels.end(), name) != labels.end()) return std::nullopt;
  return static_cast<int>(it - labels.begin());
}

Result<std::vector<int>> match_classes(const std::vector<std::string>& folders, const std::vector<std::string>& labels,
                                       const std::string& who) {
  std::vector<int> by_name, by_position;
  std::optional<std::size_t> unknown, misplaced;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    const auto index = index_of_label(labels, folders[i]);
    if (!index && !unknown) unknown = i;
    if (index && static_cast<std::size_t>(*index) != i && !misplaced) misplaced = i;
    by_name.push_back(index.value_or(-1));
    by_position.push_back(static_cast<int>(i));
  }
  if (!unknown) return by_name;
  if (folders.size() != labels.size())
    return make_error(kContradiction, who, "class folders do not match the labels",
                      std::to_string(folders.size()) + " folders, '" + folders[*unknown] + "' is no label",
                      std::to_string(labels.size()) + " labels",
                      "name the folders as the labels, or give another --labels");
  if (misplaced)
    return make_error(kContradiction, who, "class folders match the labels neither by name nor by position",
                      "'" + folders[*misplaced] + "' is label " + std::to_string(by_name[*misplaced]) + " but folder " +
                          std::to_string(*misplaced) + "; '" + folders[*unknown] + "' is no label",
                      {}, "name the folders as the labels");
  return by_position;
}

}  // namespace xpuq::samples
