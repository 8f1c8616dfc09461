// The options of a command, declared once: the parser, the help text, the manual and the completion scripts all read
// this table, so that they cannot drift apart.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace xpuq::cli {

struct OptionSpec {
  enum class Kind {
    flag,            ///< --name and --no-name
    counter,         ///< every occurrence adds one
    value,           ///< --name VALUE or --name=VALUE
    optional_value,  ///< --name or --name=VALUE; never takes the next word
  };
  Kind kind = Kind::value;
  std::string short_name;  ///< "-o", or empty
  std::string name;        ///< "--output"
  std::string metavar;     ///< "FILE"
  std::string help;
  std::vector<std::string> choices;  ///< the only words that are accepted; empty: any text
  std::vector<std::string> suggestions;  ///< words that completion offers although others are accepted, too
  bool list = false;                 ///< the value is a comma list of suggestions
  bool nodes = false;                ///< completion offers the names of the model's nodes
  bool default_on = false;           ///< a flag that help shows as --no-name
  bool repeat = false;               ///< every value counts, not only the last

  /// "-o, --output FILE", as help shows it.
  std::string shown() const;
  // For completion, behind a declaration.
  void suggest(std::vector<std::string> words) { suggestions = std::move(words); }
  void suggest_list(std::vector<std::string> words) { suggest(std::move(words)), list = true; }
  void suggest_nodes() { nodes = true; }

  /// Whether the value is the name of a file or folder, by what help calls it.
  bool takes_file() const;
  /// "--no-name".
  std::string negation() const { return "--no-" + name.substr(2); }
};

struct OptionGroup {
  std::string title;
  std::vector<OptionSpec> options;
};

class OptionTable {
 public:
  /// Options declared from here on belong to this group.
  void group(std::string title) { groups_.push_back({std::move(title), {}}); }

  // `names` is "--name" or "-n,--name".
  void flag(std::string_view names, std::string help);
  /// On unless `--no-name` is given; `name` is the positive form.
  void default_on(std::string_view name, std::string help);
  void counter(std::string_view names, std::string help);
  OptionSpec& value(std::string_view names, std::string metavar, std::string help);
  void choice(std::string_view names, std::vector<std::string> choices, std::string help);
  OptionSpec& repeat(std::string_view names, std::string metavar, std::string help);
  OptionSpec& optional_value(std::string_view names, std::string metavar, std::string help);

  const std::vector<OptionGroup>& groups() const { return groups_; }
  const OptionSpec* find(std::string_view name) const;
  /// Every word that is an option, negations and short forms included.
  std::vector<std::string> words() const;

 private:
  OptionSpec& add(OptionSpec::Kind kind, std::string_view names, std::string help);
  std::vector<OptionGroup> groups_;
};

}  // namespace xpuq::cli
