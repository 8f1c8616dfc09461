#include "cli/manual.h"

#include <algorithm>
#include <cctype>

#include "cli/help.h"
#include "cli/settings.h"
#include "cli/usage_error.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

/// For roff, as it is to be read and pasted: a hyphen stays a minus, quotes stay straight.
std::string literal(const std::string& text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '\\': out += "\\e"; break;
      case '-': out += "\\-"; break;
      case '\'': out += "\\(aq"; break;
      case '`': out += "\\(ga"; break;
      case '^': out += "\\(ha"; break;
      case '~': out += "\\(ti"; break;
      default: out += c;
    }
  }
  return out;
}

/// A line that begins with a period would be a request.
std::string guarded_line(const std::string& line) { return (line.starts_with('.') ? "\\&" : "") + line + "\n"; }

std::string bold(const std::string& text) { return "\\fB" + literal(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + literal(text) + "\\fR"; }

/// `code` in bold, the rest escaped.
std::string prose_line(const std::string& line) {
  std::string out;
  const std::vector<std::string> parts = split(line, '`');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].empty()) continue;
    out += i % 2 ? bold(parts[i]) : literal(parts[i]);
  }
  return guarded_line(out);
}

std::string verbatim(const std::vector<std::string>& lines) {
  std::string out = ".nf\n";
  for (const std::string& line : lines) out += line.empty() ? "\\&\n" : guarded_line(literal(line));
  return out + ".fi\n";
}

std::string option_head(const OptionSpec& option) {
  std::string out = option.short_name.empty() ? "" : bold(option.short_name) + ", ";
  out += bold(option.default_on ? option.negation() : option.name);
  if (option.kind == OptionSpec::Kind::value) out += " " + italic(option.metavar);
  if (option.kind == OptionSpec::Kind::optional_value) out += "[=" + italic(option.metavar) + "]";
  return out;
}

std::string options_section(const Command& command) {
  OptionTable table;
  command.declare(table);
  declare_common_options(table);
  std::string out;
  for (const OptionGroup& group : table.groups()) {
    out += ".SS " + literal(group.title) + "\n";
    for (const OptionSpec& option : group.options) {
      out += ".TP\n" + option_head(option) + "\n" + guarded_line(literal(option.help));
      if (option.repeat && option.kind == OptionSpec::Kind::value) out += "May be given several times.\n";
    }
  }
  return out + ".PP\nOptions without a value are also known as " + bold("--no-NAME") + "; the last one counts. " + bold("@FILE") +
         " inserts arguments\nfrom a file, one a line.\n";
}

std::string synopsis_section(const Command& command) {
  std::string out;
  for (const std::string& line : command.synopsis) out += (out.empty() ? "" : ".br\n") + guarded_line(literal(line));
  return out;
}

/// Lines of a page, turned into roff one block at a time.
class Page {
 public:
  explicit Page(const Command* command) : command_(command) {}

  Result<void> add(const std::string& line) {
    if (line.starts_with("    ")) {
      indented_.push_back(line.substr(4));
      return {};
    }
    if (line.empty()) {
      if (!indented_.empty()) indented_.emplace_back();
      paragraph_ = false;
      return {};
    }
    end_block();
    if (line.starts_with("# ")) return section(line.substr(2));
    if (line.starts_with('@')) return directive(line);
    if (!paragraph_) out_ += std::exchange(fresh_, false) ? "" : ".PP\n";
    paragraph_ = true;
    out_ += prose_line(line);
    return {};
  }

  std::string finish() {
    end_block();
    return std::move(out_);
  }

 private:
  void end_block() {
    while (!indented_.empty() && indented_.back().empty()) indented_.pop_back();
    if (indented_.empty()) return;
    out_ += ".RS 4\n" + verbatim(std::exchange(indented_, {})) + ".RE\n";
    paragraph_ = fresh_ = false;
  }

  Result<void> section(const std::string& title) {
    out_ += ".SH " + literal(title) + "\n";
    paragraph_ = false;
    fresh_ = true;
    return {};
  }

  Result<void> directive(const std::string& line) {
    constexpr std::string_view kHelp = "@help ";
    paragraph_ = false;
    const bool first = std::exchange(fresh_, false);
    if (line.starts_with(kHelp)) {
      std::string page = help_topic(line.substr(kHelp.size()));
      while (page.ends_with('\n')) page.pop_back();
      if (page.empty()) return make_error(kBadValue, line, "no such topic", {}, join(help_topics(), ", "));
      out_ += (first ? "" : ".PP\n") + verbatim(split(page, '\n'));
    } else if (line == "@options" && command_ != nullptr) {
      out_ += options_section(*command_);
    } else if (line == "@synopsis" && command_ != nullptr) {
      out_ += synopsis_section(*command_);
    } else {
      return make_error(kBadValue, line, "means nothing in a manual page", {}, "@help TOPIC; @options and @synopsis in the page of a command");
    }
    return {};
  }

  const Command* command_;
  std::string out_;
  std::vector<std::string> indented_;
  bool paragraph_ = false;  ///< the last line belongs to one
  bool fresh_ = false;      ///< nothing since the section's title
};

}  // namespace

Result<std::string> manual_page(const std::string& name, const std::string& section, const std::string& text, const Command* command) {
  const std::vector<std::string> lines = split(text, '\n');
  std::string title = name;
  std::transform(title.begin(), title.end(), title.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  Page page(command);
  for (std::size_t i = 1; i < lines.size(); ++i)
    if (auto added = page.add(lines[i]); !added.ok()) {
      added.error().who = "line " + std::to_string(i + 1) + ": " + added.error().who;
      return added.error();
    }
  return ".TH " + literal(title) + " " + section + " " + lines[0] + " \"xpuq " + std::string(version()) + "\" \"xpuq manual\"\n" + page.finish();
}

}  // namespace xpuq::cli
