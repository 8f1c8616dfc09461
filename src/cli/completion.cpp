#include "cli/completion.h"

#include <algorithm>

#include "support/check.h"

namespace xpuq::cli {

std::vector<std::string> completion_shells() { return {"bash", "fish", "zsh"}; }

std::string completion_script(const std::string& shell, const std::string& command, const OptionTable& table) {
  if (shell == "bash") return bash_completion(command, table);
  if (shell == "fish") return fish_completion(command, table);
  XPUQ_CHECK(shell == "zsh", "the parser lets no other word pass");
  return zsh_completion(command, table);
}

const std::vector<std::string>& offered(const OptionSpec& option) { return option.choices.empty() ? option.suggestions : option.choices; }

std::string shown_name(const OptionSpec& option) { return option.default_on ? option.negation() : option.name; }

std::string function_name(const std::string& command) {
  std::string out = "_" + command;
  std::replace(out.begin(), out.end(), '-', '_');
  return out;
}

std::string single_quoted(const std::string& text) {
  std::string out = "'";
  for (char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace xpuq::cli
