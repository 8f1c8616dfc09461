// The words of a command line, sorted into options and operands.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/option_table.h"
#include "xpuq/result.h"

namespace xpuq::cli {

class Arguments {
 public:
  bool given(const std::string& name) const { return values_.contains(name); }
  /// Last of --name and --no-name.
  bool flag(const std::string& name, bool otherwise = false) const;
  std::size_t count(const std::string& name) const;
  /// The last one; of an option given without its optional value, the empty text.
  std::optional<std::string> value(const std::string& name) const;
  std::string value_or(const std::string& name, std::string otherwise) const;
  /// All of them, in order.
  std::vector<std::string> values(const std::string& name) const;

  std::vector<std::string> operands;

 private:
  friend Result<Arguments> parse_arguments(const OptionTable& table, const std::vector<std::string>& words);
  std::map<std::string, std::vector<std::string>> values_;  ///< by OptionSpec::name
};

/// Sorts the words (without the command's name, @FILE already put in). Errors: E201 an unknown option, with the
/// nearest one; E202 a value missing; E203 a word outside the option's closed list, or a value where none belongs.
Result<Arguments> parse_arguments(const OptionTable& table, const std::vector<std::string>& words);

/// E205 when `option` is given and none of `others` is.
Result<void> check_needs(const Arguments& arguments, const std::string& option,
                         std::initializer_list<const char*> others);
/// E205 when two of the options are given.
Result<void> check_exclusive(const Arguments& arguments, std::initializer_list<const char*> options);

}  // namespace xpuq::cli
