#include "cli/help.h"

#include "cli/text_table.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kHelpColumn = 29;

std::string option_lines(const OptionSpec& option) {
  std::string shown = "  " + (option.short_name.empty() ? "    " : std::string()) + option.shown();
  std::string text = option.help;
  // A long list of words is clearer in the text than in front of it.
  if (shown.size() + 2 > kHelpColumn && !option.choices.empty()) {
    OptionSpec brief = option;
    brief.metavar = "WORD";
    shown = "  " + (option.short_name.empty() ? "    " : std::string()) + brief.shown();
    text += ": " + join(option.choices, ", ");
  }
  if (option.repeat && option.kind == OptionSpec::Kind::value) text += " (repeat)";
  std::string out;
  if (shown.size() + 2 > kHelpColumn) {
    out = shown + "\n";
    shown.clear();
  }
  for (const std::string& line : wrap(text, kWidth - kHelpColumn)) {
    out += shown + std::string(kHelpColumn - shown.size(), ' ') + line + "\n";
    shown.clear();
  }
  return out;
}

}  // namespace

std::string synopsis_text(const Command& command) {
  std::string out;
  for (std::size_t i = 0; i < command.synopsis.size(); ++i)
    out += (i ? "       " : "usage: ") + command.synopsis[i] + "\n";
  return out;
}

std::string help_text(const Command& command, const OptionTable& table) {
  std::string out;
  for (const std::string& example : command.examples) out += "example: " + example + "\n";
  out += "\n" + synopsis_text(command);
  for (const OptionGroup& group : table.groups()) {
    out += "\n" + group.title + "\n";
    for (const OptionSpec& option : group.options) out += option_lines(option);
  }
  out += "\nBooleans also as --no-NAME; @FILE inserts arguments from a file.\n";
  return out;
}

}  // namespace xpuq::cli
