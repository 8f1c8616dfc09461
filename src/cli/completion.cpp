#include <algorithm>
#include <cctype>

#include "cli/help.h"
#include "support/text.h"

namespace xpuq::cli {

std::string bash_completion(const Command& command, const OptionTable& table) {
  std::string function = "_" + command.name;
  std::replace(function.begin(), function.end(), '-', '_');
  std::vector<std::string> long_names;
  std::string cases;
  for (const OptionGroup& group : table.groups())
    for (const OptionSpec& option : group.options) {
      long_names.push_back(option.default_on ? option.negation() : option.name);
      if (option.kind != OptionSpec::Kind::value) continue;
      const std::string names = option.short_name.empty() ? option.name : option.short_name + "|" + option.name;
      const bool words = !option.choices.empty();
      cases += "    " + names + ") COMPREPLY=($(compgen " +
               (words ? "-W '" + join(option.choices, " ") + "'" : std::string("-f")) + " -- \"$word\")); return ;;\n";
    }
  return "# bash completion for " + command.name + "; to use it: source <(" + command.name + " --completion bash)\n" +
         function +
         "() {\n"
         "  local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
         "  case \"$before\" in\n" +
         cases +
         "  esac\n"
         "  if [[ $word == -* ]]; then\n"
         "    COMPREPLY=($(compgen -W '" +
         join(long_names, " ") +
         "' -- \"$word\"))\n"
         "  else\n"
         "    COMPREPLY=($(compgen -f -- \"$word\"))\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F " +
         function + " " + command.name + "\n";
}

}  // namespace xpuq::cli
