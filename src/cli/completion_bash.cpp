#include "cli/completion.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

/// What fills COMPREPLY for the value of an option; empty when there is nothing to offer.
std::string value_action(const OptionSpec& option) {
  const std::string words = join(offered(option), " ");
  if (option.nodes) return "COMPREPLY=($(compgen -W \"$(_xpuq_nodes)\" -- \"$word\"))";
  if (option.list) return "[[ $word == *,* ]] && list=${word%,*},; COMPREPLY=($(compgen -P \"$list\" -W " + single_quoted(words) + " -- \"${word##*,}\"))";
  std::string out;
  if (!words.empty()) out = "COMPREPLY=($(compgen -W " + single_quoted(words) + " -- \"$word\"))";
  if (option.takes_file()) out += (out.empty() ? "" : "; ") + std::string("COMPREPLY+=($(compgen -f -- \"$word\"))");
  return out.empty() ? ":" : out;
}

}  // namespace

std::string bash_completion(const std::string& command, const OptionTable& table) {
  const std::string function = function_name(command);
  std::string names, cases;
  for (const OptionGroup& group : table.groups())
    for (const OptionSpec& option : group.options) {
      names += (names.empty() ? "" : " ") + shown_name(option);
      const bool always = option.kind == OptionSpec::Kind::value;
      if (!always && option.kind != OptionSpec::Kind::optional_value) continue;
      // An optional value comes only as --name=VALUE.
      const std::string words = always ? (option.short_name.empty() ? "" : option.short_name + "|") + option.name + "|" : "";
      cases += "    " + words + option.name + "=) " + value_action(option) + "; return ;;\n";
    }
  return "# bash completion for " + command + "; to use it: source <(" + command + " --completion bash)\n"
         "_xpuq_nodes() {\n"
         "  local w\n"
         "  for w in \"${COMP_WORDS[@]:1}\"; do\n"
         "    case $w in *.onnx | *.pt2 | *.xir) [[ -f $w ]] && xpuq-compile --list-nodes \"$w\" 2>/dev/null && return ;; esac\n"
         "  done\n"
         "}\n" +
         function +
         "() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} list=\n"
         "  # bash takes --name=VALUE for three words.\n"
         "  if [[ $word == '=' ]]; then word= before+==; elif [[ $before == '=' ]]; then before=${COMP_WORDS[COMP_CWORD-2]}=; fi\n"
         "  case $before in\n" +
         cases +
         "  esac\n"
         "  if [[ $word == -* ]]; then\n"
         "    COMPREPLY=($(compgen -W '" + names + "' -- \"$word\"))\n"
         "  else\n"
         "    COMPREPLY=($(compgen -f -- \"$word\"))\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F " + function + " " + command + "\n";
}

}  // namespace xpuq::cli
