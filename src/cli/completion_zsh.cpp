#include "cli/completion.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

/// Text inside a specification of _arguments: brackets and colons are its syntax.
std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

/// ":FILE:_files" and the like; the shell asks for what it names.
std::string value_spec(const OptionSpec& option) {
  const std::string words = escaped(join(offered(option), " "));
  const std::string label = ":" + escaped(option.metavar) + ":";
  if (option.nodes) return label + "_xpuq_nodes";
  if (option.list) return label + "_values -s , word " + words;
  if (option.takes_file() && !words.empty()) return label + "{_files; compadd -- " + words + "}";
  if (option.takes_file()) return label + "_files";
  return words.empty() ? label + " " : label + "(" + words + ")";
}

std::string specification(const OptionSpec& option) {
  const std::string help = "[" + escaped(option.help) + "]";
  const std::string repeat = option.repeat ? "*" : "";
  switch (option.kind) {
    case OptionSpec::Kind::flag:
    case OptionSpec::Kind::counter: return repeat + shown_name(option) + help;
    case OptionSpec::Kind::value: return repeat + option.name + "=" + help + value_spec(option);
    case OptionSpec::Kind::optional_value: return option.name + "=-" + help + ":" + value_spec(option);
  }
  return {};
}

/// The same under the short name, which takes its value as the next word.
std::string short_specification(const OptionSpec& option) {
  const std::string head = std::string(option.repeat ? "*" : "") + option.short_name + "[" + escaped(option.help) + "]";
  return option.kind == OptionSpec::Kind::value ? head + value_spec(option) : head;
}

}  // namespace

std::string zsh_completion(const std::string& command, const OptionTable& table) {
  const std::string function = function_name(command);
  std::string specifications;
  const auto add = [&](const std::string& text) { specifications += "    " + single_quoted(text) + " \\\n"; };
  for (const OptionGroup& group : table.groups())
    for (const OptionSpec& option : group.options) {
      add(specification(option));
      if (!option.short_name.empty()) add(short_specification(option));
    }
  return "#compdef " + command + "\n"
         "# zsh completion for " + command + "; to use it: source <(" + command + " --completion zsh), after compinit\n"
         "_xpuq_nodes() {\n"
         "  local w\n"
         "  for w in ${(Q)words[2,-1]}; do\n"
         "    [[ $w == *.(onnx|pt2|xir) && -f $w ]] && compadd -- ${(f)\"$(xpuq-compile --list-nodes $w 2>/dev/null)\"} && return\n"
         "  done\n"
         "}\n" +
         function + "() {\n"
         "  _arguments -S \\\n" +
         specifications +
         "    '*:file:_files'\n"
         "}\n"
         "# As a file of fpath this is the function itself.\n"
         "if [[ $funcstack[1] == _" + command + " ]]; then " + function + " \"$@\"; else compdef " + function + " " + command + "; fi\n";
}

}  // namespace xpuq::cli
