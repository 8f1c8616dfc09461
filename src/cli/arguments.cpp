// CLI11 splits the words; what they mean is decided here from the raw results, because its conversions differ between
// versions (2.1 of Debian 12, 2.4 of Debian 13) and treat `[ab]`, a glob of ours, as a list.
#include "cli/arguments.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "cli/parse_values.h"
#include "cli/usage_error.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

using Kind = OptionSpec::Kind;

/// What CLI11 reports for `--name` without its optional value; no value that a user can mean.
constexpr char kNoValue[] = "\x01";

CLI::Option* declare(CLI::App& app, const OptionSpec& spec) {
  const std::string names = spec.short_name.empty() ? spec.name : spec.short_name + "," + spec.name;
  CLI::Option* option = nullptr;
  switch (spec.kind) {
    case Kind::flag: option = app.add_flag(names + ",!" + spec.negation()); break;
    case Kind::counter: option = app.add_flag(names); break;
    case Kind::optional_value: option = app.add_flag(names + "{" + kNoValue + "}"); break;
    case Kind::value: option = app.add_option(names)->allow_extra_args(false); break;
  }
  return option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

Error unknown_option(const OptionTable& table, const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  const std::vector<std::string> words = table.words();
  const auto near = nearest(name, words, 1);
  return make_error(kUnknownOption, name, "unknown option", {}, {}, near.empty() ? "--help" : near[0]);
}

Error missing_value(const OptionSpec& spec, std::string got = {}) {
  return make_error(kMissing, spec.name, "needs a value", std::move(got),
                    spec.choices.empty() ? spec.metavar : join(spec.choices, ", "), spec.name + "=" + spec.metavar);
}

/// `--name=` makes CLI11 take the next word, which is never what was meant.
Result<void> check_empty_values(const OptionTable& table, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--") break;
    if (!word.starts_with("--") || word.find('=') != word.size() - 1) continue;
    if (const OptionSpec* spec = table.find(word.substr(0, word.size() - 1)); spec && spec->kind != Kind::flag)
      return missing_value(*spec, "an empty one");
  }
  return {};
}

Result<void> check_value(const OptionTable& table, const OptionSpec& spec, const std::string& text) {
  if (spec.kind == Kind::flag || spec.kind == Kind::counter) {
    if (text == "true" || text == "false") return {};
    return make_error(kBadValue, spec.name, "takes no value", text, spec.name + " or " + spec.negation());
  }
  if (spec.kind == Kind::value && text.size() > 2 && text.starts_with("-") && table.find(text))
    return missing_value(spec, "the option " + text);
  if (!spec.choices.empty() && std::find(spec.choices.begin(), spec.choices.end(), text) == spec.choices.end())
    return unknown_word(text, spec.name, spec.choices);
  return {};
}

}  // namespace

bool Arguments::flag(const std::string& name, bool otherwise) const {
  const auto it = values_.find(name);
  return it == values_.end() ? otherwise : it->second.back() == "true";
}

std::size_t Arguments::count(const std::string& name) const {
  const auto it = values_.find(name);
  return it == values_.end() ? 0 : it->second.size();
}

std::optional<std::string> Arguments::value(const std::string& name) const {
  const auto it = values_.find(name);
  return it == values_.end() ? std::nullopt : std::optional(it->second.back());
}

std::string Arguments::value_or(const std::string& name, std::string otherwise) const {
  return value(name).value_or(std::move(otherwise));
}

std::vector<std::string> Arguments::values(const std::string& name) const {
  const auto it = values_.find(name);
  return it == values_.end() ? std::vector<std::string>{} : it->second;
}

Result<Arguments> parse_arguments(const OptionTable& table, const std::vector<std::string>& words) {
  XPUQ_TRY(check_empty_values(table, words));
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::vector<std::pair<const OptionSpec*, const CLI::Option*>> declared;
  for (const OptionGroup& group : table.groups())
    for (const OptionSpec& spec : group.options) declared.emplace_back(&spec, declare(app, spec));

  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend());  // as CLI11 wants them
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& e) {
    // The only thing that can go wrong by now: the words ran out before the value of the last one.
    const OptionSpec* last = words.empty() ? nullptr : table.find(words.back());
    if (last) return missing_value(*last);
    return make_error(kMissing, words.empty() ? "command line" : words.back(), "cannot be understood", e.what(), {},
                      "--help");
  }

  Arguments out;
  bool options_ended = false;
  for (std::string& word : app.remaining()) {
    if (!options_ended && word == "--") {
      options_ended = true;
      continue;
    }
    if (!options_ended && word.size() > 1 && word[0] == '-') return unknown_option(table, word);
    out.operands.push_back(std::move(word));
  }
  for (const auto& [spec, option] : declared) {
    if (option->results().empty()) continue;
    std::vector<std::string>& values = out.values_[spec->name];
    for (const std::string& text : option->results()) {
      if (text == kNoValue) {
        values.emplace_back();
        continue;
      }
      XPUQ_TRY(check_value(table, *spec, text));
      values.push_back(text);
    }
  }
  return out;
}

Result<void> check_needs(const Arguments& arguments, const std::string& option,
                         std::initializer_list<const char*> others) {
  if (!arguments.given(option)) return {};
  std::vector<std::string> names;
  for (const char* other : others) {
    if (arguments.given(other)) return {};
    names.emplace_back(other);
  }
  return make_error(kContradiction, option, "means nothing without " + join(names, " or "), {}, {},
                    "add " + names[0] + ", or leave out " + option);
}

Result<void> check_exclusive(const Arguments& arguments, std::initializer_list<const char*> options) {
  const char* first = nullptr;
  for (const char* option : options) {
    if (!arguments.given(option)) continue;
    if (first)
      return make_error(kContradiction, option, std::string("cannot be combined with ") + first, {}, {},
                        std::string("leave out one of ") + first + " and " + option);
    first = option;
  }
  return {};
}

}  // namespace xpuq::cli
