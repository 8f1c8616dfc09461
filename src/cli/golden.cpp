#include "cli/golden.h"

#include <algorithm>

#include "cli/usage_error.h"
#include "support/file.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

constexpr std::string_view kRun = "// RUN: xpuq-opt";
constexpr std::string_view kSeparator = "// -----";

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words = split(line, ' ');
  std::erase(words, "");
  return words;
}

Error not_golden(const std::string& path, std::string expected) {
  return make_error("E305", path, "is not a golden test", {}, std::move(expected));
}

}  // namespace

std::string tidy(const std::string& text) {
  std::vector<std::string> lines = split(text, '\n');
  for (std::string& line : lines) line.erase(line.find_last_not_of(" \t\r") + 1);
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  const auto first = std::find_if(lines.begin(), lines.end(), [](const std::string& l) { return !l.empty(); });
  lines.erase(lines.begin(), first);
  return join(lines, "\n");
}

Result<GoldenFile> read_golden(const std::string& path) {
  XPUQ_ASSIGN(const std::string text, read_file(path, "E305"));
  if (!text.starts_with(kRun)) return not_golden(path, "a first line '" + std::string(kRun) + " --pass=NAME'");
  GoldenFile file;
  const auto line_end = text.find('\n');
  file.words = words_of(text.substr(kRun.size(), line_end - kRun.size()));
  const auto separator = text.find("\n" + std::string(kSeparator));
  if (separator == std::string::npos)
    return not_golden(path, "a line '" + std::string(kSeparator) + "' before the graph that must come out");
  file.input = text.substr(0, separator + 1);
  const auto after = text.find('\n', separator + 1);
  file.expected = after == std::string::npos ? std::string() : tidy(text.substr(after));
  return file;
}

Result<void> update_golden(const std::string& path, const GoldenFile& file, const std::string& actual) {
  return write_file(path, file.input + std::string(kSeparator) + "\n" + tidy(actual) + "\n");
}

std::string line_diff(const std::string& expected, const std::string& actual) {
  const std::vector<std::string> a = split(expected, '\n'), b = split(actual, '\n');
  // Longest common subsequence from each pair of positions to the ends; the texts are small.
  std::vector<std::vector<std::size_t>> common(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = a.size(); i-- > 0;)
    for (std::size_t j = b.size(); j-- > 0;)
      common[i][j] = a[i] == b[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
  if (a == b) return {};
  std::string out;
  std::size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      out += "  " + a[i] + "\n";
      ++i, ++j;
    } else if (i < a.size() && (j == b.size() || common[i + 1][j] >= common[i][j + 1])) {
      out += "- " + a[i++] + "\n";
    } else {
      out += "+ " + b[j++] + "\n";
    }
  }
  return out;
}

}  // namespace xpuq::cli
