// Class names: the file of --labels, and how class subfolders are matched to it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xpuq/result.h"

namespace xpuq::samples {

/// Names in index order from text: one a line, a JSON list of strings, or {"0":"tench", ...} with every index once.
/// A byte order mark and carriage returns are dropped. Errors: E203 with `who`.
Result<std::vector<std::string>> parse_labels(std::string_view text, const std::string& who);

/// parse_labels of a file. Errors: E204, E101, E203.
Result<std::vector<std::string>> load_labels(const std::string& path);

/// The one index of a name; empty when it is absent or stands there twice.
std::optional<int> index_of_label(const std::vector<std::string>& labels, std::string_view name);

/// Label index of each class subfolder. When every folder name is a label, by name (a subset of the labels is fine);
/// otherwise by position, which needs equal counts and no folder whose name is the label of another position.
/// Errors: E205 with `who`, the folder.
Result<std::vector<int>> match_classes(const std::vector<std::string>& folders, const std::vector<std::string>& labels,
                                       const std::string& who);

}  // namespace xpuq::samples
