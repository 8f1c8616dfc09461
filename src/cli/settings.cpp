#include "cli/settings.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "cli/completion.h"
#include "cli/help.h"
#include "cli/parse_values.h"
#include "cli/terminal.h"
#include "cli/usage_error.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

constexpr std::uint64_t kMostThreads = 4096;
constexpr std::uint64_t kMostVerbose = 3;

const std::vector<std::string>& progress_words() {
  static const std::vector<std::string> words{"auto", "bar", "plain", "none"};
  return words;
}

Result<int> read_threads(const Arguments& arguments) {
  std::string who = "--threads";
  auto text = arguments.value(who);
  if (!text) {
    who = "XPUQ_THREADS";
    text = environment(who.c_str());
  }
  if (!text) return 0;
  XPUQ_ASSIGN(const std::uint64_t threads, parse_count(*text, who, 1, kMostThreads));
  return static_cast<int>(threads);
}

Result<LogLevel> read_log_level(const Arguments& arguments) {
  const bool quiet = arguments.flag("--quiet");
  const std::size_t verbose = arguments.count("--verbose");
  if (quiet && verbose > 0) return check_exclusive(arguments, {"--quiet", "--verbose"}).error();
  if (quiet) return LogLevel::errors;
  std::uint64_t level = verbose;
  if (const auto text = environment("XPUQ_LOG"); verbose == 0 && text) {
    XPUQ_ASSIGN(level, parse_count(*text, "XPUQ_LOG", 0, kMostVerbose));
  }
  return static_cast<LogLevel>(std::min(level, kMostVerbose));
}

Result<ProgressMeter::Style> read_progress(const Arguments& arguments, LogLevel log) {
  std::string mode = "auto";
  if (const auto given = arguments.value("--progress")) {
    mode = *given;
  } else if (const auto text = environment("XPUQ_PROGRESS")) {
    const auto& words = progress_words();
    if (std::find(words.begin(), words.end(), *text) == words.end()) return unknown_word(*text, "XPUQ_PROGRESS", words);
    mode = *text;
  }
  if (log == LogLevel::errors || mode == "none") return ProgressMeter::Style::none;
  if (mode == "bar") return ProgressMeter::Style::bar;
  // Log lines in the middle of a redrawn line would tear it.
  const bool bar = mode == "auto" && stderr_is_terminal() && log == LogLevel::warnings;
  return bar ? ProgressMeter::Style::bar : ProgressMeter::Style::plain;
}

bool read_color(const Arguments& arguments) {
  const std::string mode = arguments.value_or("--color", "auto");
  if (mode != "auto") return mode == "always";
  return stderr_is_terminal() && !environment("NO_COLOR");
}

}  // namespace

std::optional<std::string> environment(const char* name) {
  const char* text = std::getenv(name);
  return text && *text ? std::optional<std::string>(text) : std::nullopt;
}

void declare_common_options(OptionTable& table) {
  table.group("Common");
  table.optional_value("-h,--help", "TOPIC", "this text; topics: " + join(help_topics(), ", ")).suggest(help_topics());
  table.flag("--version", "version of the program and of its formats");
  table.flag("-q,--quiet", "only errors on stderr");
  table.counter("-v,--verbose", "decisions; -vv passes, -vvv primitives");
  table.choice("--progress", progress_words(), "how progress is shown");
  table.choice("--color", {"auto", "always", "never"}, "colour on stderr");
  table.value("-j,--threads", "N", "CPU threads (all cores)");
  table.optional_value("--json", "FILE", "result as one JSON document (stdout)");
  table.choice("--completion", completion_shells(), "print a completion script");
}

Result<Settings> read_settings(const Arguments& arguments) {
  Settings settings;
  XPUQ_ASSIGN(settings.threads, read_threads(arguments));
  XPUQ_ASSIGN(settings.log, read_log_level(arguments));
  XPUQ_ASSIGN(settings.progress, read_progress(arguments, settings.log));
  settings.color = read_color(arguments);
  if (const auto json = arguments.value("--json")) settings.json = json->empty() ? "-" : *json;
  return settings;
}

std::optional<std::string> find_json_request(const std::vector<std::string>& words) {
  constexpr std::string_view kJson = "--json";
  std::optional<std::string> found;
  for (const std::string& word : words) {
    if (word == "--") break;
    if (word == kJson) found = "-";
    else if (word.starts_with("--json=") && word.size() > kJson.size() + 1) found = word.substr(kJson.size() + 1);
  }
  return found;
}

}  // namespace xpuq::cli
