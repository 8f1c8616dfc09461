// Another program, started and waited for.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "xpuq/result.h"

namespace xpuq {

struct ProcessOptions {
  std::vector<std::string> arguments;  ///< the program's path first
  std::vector<std::pair<std::string, std::string>> environment;  ///< on top of this process's own
  double seconds = 600;  ///< after that it is killed
};

struct ProcessEnd {
  int status = 0;      ///< exit status, when signal is 0
  int signal = 0;      ///< that ended it
  bool timed_out = false;
  bool interrupted = false;  ///< this process got a signal while it waited
  std::string output;  ///< last 4 KiB of its standard output and error together
  bool ok() const { return status == 0 && signal == 0; }
  /// "exit status 3", "signal 6 (Aborted)", "no end within 600 s".
  std::string how() const;
};

/// Waits for the end. E101 when the program cannot be started. Its standard input is empty. A signal that this process
/// handles ends the wait and the program.
Result<ProcessEnd> run_process(const ProcessOptions& options);

/// A folder of its own under TMPDIR, removed with everything in it at the end.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> create();
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder();
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// Where a file or folder that belongs to this installation may lie: in the folder that `variable` names (null: none),
/// and then nowhere else; else beside the program, in ../lib/xpuq of it, or in xpuq beside the library that this code is
/// in. A build folder has the same layout as an installation, so that no path of the build is kept in a program.
std::vector<std::string> companion_paths(const std::string& file, const char* variable);

}  // namespace xpuq
