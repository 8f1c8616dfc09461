#include "cli/invocation.h"

#include <cstdio>

#include "cli/signals.h"
#include "cli/usage_error.h"
#include "support/log.h"

namespace xpuq::cli {

Invocation::Invocation(std::string command, Arguments arguments, Settings settings)
    : command_(std::move(command)),
      arguments_(std::move(arguments)),
      settings_(std::move(settings)),
      progress_(settings_.progress),
      prints_(settings_.json != "-") {}

Reporter Invocation::reporter() {
  Reporter reporter;
  reporter.warning = [this](const std::string& code, const std::string& message) { warn(code, message); };
  reporter.progress = [this](std::string_view stage, std::uint64_t done, std::uint64_t total) {
    progress_.update(stage, done, total);
  };
  reporter.interrupted = pending_signal;
  return reporter;
}

void Invocation::warn(const std::string& code, const std::string& message) {
  const std::lock_guard lock(warnings_mutex_);
  progress_.hide();
  log_warning(code + ": " + message);
  warnings_.emplace_back(code, message);
}

void Invocation::print(const std::string& text) {
  if (!prints_ || text.empty()) return;
  progress_.hide();
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (text.back() != '\n') std::fputc('\n', stdout);
}

Result<void> Invocation::give_stdout_to(const std::string& option) {
  XPUQ_TRY(check_stdout_free(option));
  prints_ = false;
  return {};
}

void Invocation::leave_result_to_another() {
  prints_ = false;
  tells_result_ = false;
}

Result<void> Invocation::check_stdout_free(const std::string& option) const {
  if (prints_) return {};
  const bool by_json = settings_.json == "-";
  return make_error(kContradiction, option + " -",
                    "standard output is taken by " + std::string(by_json ? "--json" : "another product"), {}, {},
                    by_json ? "--json=FILE, or " + option + " FILE" : option + " FILE");
}

}  // namespace xpuq::cli
