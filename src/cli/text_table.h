// Rows of text for people (aligned columns) and for programs (CSV).
#pragma once

#include <string>
#include <vector>

namespace xpuq::cli {

using Rows = std::vector<std::vector<std::string>>;

/// Columns padded to equal width, two spaces between them, no spaces at line ends. `right` names the columns that are
/// numbers and are aligned at their right.
std::string align(const Rows& rows, const std::vector<std::size_t>& right = {});

/// RFC 4180 with plain newlines: a field with a comma, quote or newline is quoted.
std::string to_csv(const Rows& rows);

/// Breaks text at spaces into lines of at most `width`; a longer word stands alone.
std::vector<std::string> wrap(const std::string& text, std::size_t width);

}  // namespace xpuq::cli
