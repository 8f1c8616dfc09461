#include "cli/completion.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

/// In single quotes fish knows only \' and \\.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

/// -r a value must follow, -x and no files; -a is what is offered.
std::string value_flags(const OptionSpec& option) {
  if (option.kind != OptionSpec::Kind::value && option.kind != OptionSpec::Kind::optional_value) return "";
  const std::string needs = option.kind == OptionSpec::Kind::value ? " -r" : "";
  const std::string words = join(offered(option), " ");
  const std::string files = option.takes_file() ? " -F" : " -f";
  if (option.nodes) return needs + files + " -a '(__xpuq_nodes)'";
  if (option.list) return needs + files + " -a " + quoted("(__fish_append , " + words + ")");
  return needs + files + (words.empty() ? "" : " -a " + quoted(words));
}

}  // namespace

std::string fish_completion(const std::string& command, const OptionTable& table) {
  std::string out = "# fish completion for " + command + "; to use it: " + command + " --completion fish | source\n"
                    "function __xpuq_nodes\n"
                    "  for w in (commandline -opc)[2..]\n"
                    "    if string match -qr '\\.(onnx|pt2|xir)$' -- $w; and test -f $w\n"
                    "      xpuq-compile --list-nodes $w 2>/dev/null\n"
                    "      return\n"
                    "    end\n"
                    "  end\n"
                    "end\n";
  for (const OptionGroup& group : table.groups())
    for (const OptionSpec& option : group.options) {
      out += "complete -c " + command + " -l " + shown_name(option).substr(2);
      if (!option.short_name.empty()) out += " -s " + option.short_name.substr(1);
      out += value_flags(option) + " -d " + quoted(option.help) + "\n";
    }
  return out;
}

}  // namespace xpuq::cli
