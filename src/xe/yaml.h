// As much YAML as compilers write into .ze_info: maps and lists by indentation, plain or quoted scalars.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xpuq/result.h"

namespace xpuq::xe {

struct YamlEntry;

struct YamlNode {
  std::string scalar;
  std::vector<YamlEntry> map;
  std::vector<YamlNode> list;

  const YamlNode* get(std::string_view key) const;
  /// The scalar under `key`; empty if there is none.
  std::string_view text(std::string_view key) const;
};

struct YamlEntry {
  std::string key;
  YamlNode value;
};

/// Error E620, with the line.
Result<YamlNode> read_yaml(std::string_view text, const std::string& who);

}  // namespace xpuq::xe
