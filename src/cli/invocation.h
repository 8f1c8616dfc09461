// One run of a command: where its results, warnings and progress go.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "cli/arguments.h"
#include "cli/progress.h"
#include "cli/settings.h"
#include "driver/reporter.h"
#include "support/json.h"
#include "xpuq/result.h"

namespace xpuq::cli {

class Invocation {
 public:
  Invocation(std::string command, Arguments arguments, Settings settings);

  const Arguments& arguments() const { return arguments_; }
  const Settings& settings() const { return settings_; }

  /// For the driver; lives no longer than this object.
  Reporter reporter();
  void warn(const std::string& code, const std::string& message);

  /// A line (or several) of the human result; dropped when --json or a product has standard output.
  void print(const std::string& text);
  bool prints() const { return prints_; }

  /// An option puts a product onto standard output, which then carries nothing else. E205 when --json is there, too.
  Result<void> give_stdout_to(const std::string& option);
  /// An option adds a text to the human result on standard output. E205 when bare --json replaces that.
  Result<void> check_stdout_free(const std::string& option) const;

  /// A target that was not met: the result stands, the exit status is that of the first one.
  void miss(Error error) { missed_.push_back(std::move(error)); }
  const std::vector<Error>& missed() const { return missed_; }

  /// This process is one of several, and another tells the result that they have in common; of this one only a failure
  /// is told.
  void leave_result_to_another();
  bool tells_result() const { return tells_result_; }
  /// What is left to do with the exit status when everything has been told.
  void at_end(std::function<void(int)> act) { at_end_ = std::move(act); }
  void end(int status) const { at_end_(status); }

  Json& result() { return result_; }
  const std::vector<std::pair<std::string, std::string>>& warnings() const { return warnings_; }
  void end_progress() { progress_.hide(); }

 private:
  std::string command_;
  Arguments arguments_;
  Settings settings_;
  ProgressMeter progress_;
  bool prints_;
  bool tells_result_ = true;
  std::function<void(int)> at_end_ = [](int) {};
  Json result_ = Json::object();
  std::vector<Error> missed_;
  std::mutex warnings_mutex_;
  std::vector<std::pair<std::string, std::string>> warnings_;
};

}  // namespace xpuq::cli
