#include "cli/command.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>

#include "cli/arguments_file.h"
#include "cli/completion.h"
#include "cli/envelope.h"
#include "cli/help.h"
#include "cli/parse_values.h"
#include "cli/signals.h"
#include "cli/usage_error.h"
#include "support/file.h"
#include "support/log.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

using Clock = std::chrono::steady_clock;

class Frame {
 public:
  Frame(const Command& command, std::vector<std::string> words) : command_(command), words_(std::move(words)) {
    command_.declare(table_);
    declare_common_options(table_);
  }

  int run() {
    // Until the options are known: errors, and where to report them.
    settings_.json = find_json_request(words_);
    invocation_.emplace(command_.name, Arguments{}, settings_);
    const Result<void> outcome = guarded();
    return finish(outcome.ok() ? std::nullopt : std::optional(outcome.error()));
  }

 private:
  Result<void> guarded() {
    try {
      return main();
    } catch (const std::bad_alloc&) {
      return make_error("E101", command_.name, "out of memory", {}, {}, "fewer --threads, or a smaller --batch");
    } catch (const std::exception& e) {
      return make_error("E100", command_.name, "stopped by an unexpected condition, which is a bug", e.what(), {},
                        "report it with the command and the model");
    }
  }

  Result<void> main() {
    XPUQ_ASSIGN(words_, expand_argument_files(words_));
    settings_.json = find_json_request(words_);
    invocation_.emplace(command_.name, Arguments{}, settings_);
    // Help and version are given even when something else on the line is wrong.
    if (wants("-h") || wants("--help")) return help();
    XPUQ_ASSIGN(const Arguments arguments, parse_arguments(table_, words_));
    if (arguments.given("--help")) return help();
    if (arguments.given("--completion")) return print_plainly(completion_script(*arguments.value("--completion"), command_.name, table_));
    XPUQ_ASSIGN(settings_, read_settings(arguments));
    set_log(command_.name, settings_.log, settings_.color);
    invocation_.emplace(command_.name, arguments, settings_);
    if (arguments.flag("--version")) return version_of(arguments);
    if (const std::string operand = command_.missing_operand(arguments); !operand.empty()) {
      synopsis_wanted_ = true;
      return make_error(kMissing, operand, "is missing", {}, {}, command_.name + " --help");
    }
    return command_.execute(*invocation_);
  }

  bool wants(const std::string& option) const {
    for (const std::string& word : words_) {
      if (word == "--") return false;
      if (word == option || word.starts_with(option + "=")) return true;
    }
    return false;
  }

  Result<void> help() {
    constexpr std::string_view kWithTopic = "--help=";
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (words_[i].starts_with(kWithTopic)) {
        const std::string topic = words_[i].substr(kWithTopic.size());
        if (const std::string page = help_topic(topic); !page.empty()) return print_plainly(page);
        return unknown_word(topic, "--help", help_topics());
      }
      if ((words_[i] == "--help" || words_[i] == "-h") && i + 1 < words_.size())
        if (const std::string page = help_topic(words_[i + 1]); !page.empty()) return print_plainly(page);
    }
    return print_plainly(help_text(command_, table_));
  }

  /// Help is the result even beside --json.
  Result<void> print_plainly(const std::string& text) {
    settings_.json.reset();
    std::fwrite(text.data(), 1, text.size(), stdout);
    return {};
  }

  Result<void> version_of(const Arguments& arguments) {
    Json& result = invocation_->result();
    result["name"] = command_.name;
    result["version"] = std::string(version());
    std::vector<std::string> parts;
    for (const auto& [name, value] : command_.versions()) {
      parts.push_back(name + " " + value);
      result[name] = value;
    }
    invocation_->print(command_.name + " " + std::string(version()) +
                       (parts.empty() ? "" : " (" + join(parts, ", ") + ")"));
    if (arguments.count("--verbose") == 0 || !command_.more_versions) return {};
    for (const auto& [name, value] : command_.more_versions()) {
      result[name] = value;
      invocation_->print("  " + name + ": " + value);
    }
    return {};
  }

  int finish(std::optional<Error> error) {
    invocation_->end_progress();
    std::vector<Error> errors = invocation_->missed();
    // Who is interrupted in a system call does not know by which signal.
    if (error && error->code == "E130" && pending_signal() == SIGTERM) error->code = "E143";
    if (error) errors.insert(errors.begin(), *error);
    for (const Error& e : errors) log_error(e.text());
    if (synopsis_wanted_) std::fputs(synopsis_text(command_).c_str(), stderr);

    Envelope envelope{.command = command_.name,
                      .exit_code = errors.empty() ? 0 : errors[0].exit_code(),
                      .seconds = std::chrono::duration<double>(Clock::now() - start_).count(),
                      .warnings = invocation_->warnings(),
                      .error = errors.empty() ? std::nullopt : std::optional(errors[0]),
                      .result = std::move(invocation_->result())};
    const int status = tell(envelope);
    invocation_->end(status);
    return status;
  }

  /// The exit status, which is another one when the result cannot be told.
  int tell(const Envelope& envelope) const {
    const int status = envelope.exit_code;
    if (std::fflush(stdout) != 0)
      return report_late(make_error("E101", "standard output", "cannot be written", std::strerror(errno)), status);
    if (settings_.json && (status != 0 || invocation_->tells_result()))
      if (const auto written = write_file(*settings_.json, to_text(envelope)); !written.ok())
        return report_late(written.error(), status);
    return status;
  }

  /// A failure to tell the result: an earlier error stays the reason for the exit status.
  static int report_late(const Error& error, int status) {
    log_error(error.text());
    return status != 0 ? status : error.exit_code();
  }

  const Command& command_;
  std::vector<std::string> words_;
  const Clock::time_point start_ = Clock::now();
  OptionTable table_;
  Settings settings_;
  std::optional<Invocation> invocation_;
  bool synopsis_wanted_ = false;
};

}  // namespace

int run_command(Command (*make)(), int argc, const char* const* argv) {
  install_signal_handlers();
  try {
    const Command command = make();
    set_log(command.name, LogLevel::warnings, false);
    return Frame(command, std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc)).run();
  } catch (const std::bad_alloc&) {
    // Too early or too late for a report of its own, which would need memory, too.
    die_of_no_memory();
  }
}

}  // namespace xpuq::cli
