#include "cli/option_table.h"

#include "support/check.h"
#include "support/text.h"

namespace xpuq::cli {

std::string OptionSpec::shown() const {
  std::string out = short_name.empty() ? std::string() : short_name + ", ";
  out += default_on ? negation() : name;
  if (kind == Kind::value) out += " " + metavar;
  if (kind == Kind::optional_value) out += "[=" + metavar + "]";
  return out;
}

bool OptionSpec::takes_file() const {
  for (const char* word : {"FILE", "DIR", "DATA", "PROFILE"})
    if (metavar.find(word) != std::string::npos) return true;
  return false;
}

OptionSpec& OptionTable::add(OptionSpec::Kind kind, std::string_view names, std::string help) {
  XPUQ_CHECK(!groups_.empty(), "an option belongs to a group");
  OptionSpec spec;
  spec.kind = kind;
  spec.help = std::move(help);
  const auto comma = names.find(',');
  if (comma != std::string_view::npos) spec.short_name = std::string(names.substr(0, comma));
  spec.name = std::string(comma == std::string_view::npos ? names : names.substr(comma + 1));
  XPUQ_CHECK(find(spec.name) == nullptr, spec.name);
  return groups_.back().options.emplace_back(std::move(spec));
}

void OptionTable::flag(std::string_view names, std::string help) {
  add(OptionSpec::Kind::flag, names, std::move(help));
}

void OptionTable::default_on(std::string_view name, std::string help) {
  add(OptionSpec::Kind::flag, name, std::move(help)).default_on = true;
}

void OptionTable::counter(std::string_view names, std::string help) {
  add(OptionSpec::Kind::counter, names, std::move(help)).repeat = true;
}

OptionSpec& OptionTable::value(std::string_view names, std::string metavar, std::string help) {
  OptionSpec& spec = add(OptionSpec::Kind::value, names, std::move(help));
  spec.metavar = std::move(metavar);
  return spec;
}

void OptionTable::choice(std::string_view names, std::vector<std::string> choices, std::string help) {
  OptionSpec& spec = add(OptionSpec::Kind::value, names, std::move(help));
  spec.metavar = join(choices, "|");
  spec.choices = std::move(choices);
}

OptionSpec& OptionTable::repeat(std::string_view names, std::string metavar, std::string help) {
  OptionSpec& spec = value(names, std::move(metavar), std::move(help));
  spec.repeat = true;
  return spec;
}

OptionSpec& OptionTable::optional_value(std::string_view names, std::string metavar, std::string help) {
  OptionSpec& spec = add(OptionSpec::Kind::optional_value, names, std::move(help));
  spec.metavar = std::move(metavar);
  return spec;
}

const OptionSpec* OptionTable::find(std::string_view name) const {
  for (const OptionGroup& g : groups_)
    for (const OptionSpec& o : g.options)
      if (o.name == name || (!o.short_name.empty() && o.short_name == name) ||
          (o.kind == OptionSpec::Kind::flag && o.negation() == name))
        return &o;
  return nullptr;
}

std::vector<std::string> OptionTable::words() const {
  std::vector<std::string> out;
  for (const OptionGroup& g : groups_)
    for (const OptionSpec& o : g.options) {
      out.push_back(o.name);
      if (!o.short_name.empty()) out.push_back(o.short_name);
      if (o.kind == OptionSpec::Kind::flag) out.push_back(o.negation());
    }
  return out;
}

}  // namespace xpuq::cli
