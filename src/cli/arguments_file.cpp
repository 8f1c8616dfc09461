#include "cli/arguments_file.h"

#include "cli/usage_error.h"
#include "support/file.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

constexpr int kMostNesting = 8;

std::string trimmed(const std::string& line) {
  constexpr char kSpace[] = " \t\r";
  const auto first = line.find_first_not_of(kSpace);
  return first == std::string::npos ? std::string() : line.substr(first, line.find_last_not_of(kSpace) - first + 1);
}

Result<void> expand(const std::vector<std::string>& words, int nesting, bool& ended, std::vector<std::string>& out) {
  for (const std::string& word : words) {
    if (ended || word.size() < 2 || word[0] != '@') {
      ended = ended || word == "--";
      out.push_back(word);
      continue;
    }
    if (nesting == kMostNesting) return make_error(kBadValue, word, "argument files name each other too deep");
    XPUQ_ASSIGN(const std::string text, read_file(word.substr(1), "E101"));
    std::vector<std::string> inner;
    for (const std::string& line : split(text, '\n'))
      if (std::string word_in_file = trimmed(line); !word_in_file.empty() && word_in_file[0] != '#')
        inner.push_back(std::move(word_in_file));
    XPUQ_TRY(expand(inner, nesting + 1, ended, out));
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> expand_argument_files(const std::vector<std::string>& words) {
  std::vector<std::string> out;
  bool ended = false;
  XPUQ_TRY(expand(words, 0, ended, out));
  return out;
}

}  // namespace xpuq::cli
