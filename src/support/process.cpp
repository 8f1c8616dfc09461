#include "support/process.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>

extern char** environ;

namespace xpuq {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kKept = 4096;

std::vector<std::string> environment_with(const std::vector<std::pair<std::string, std::string>>& more) {
  std::vector<std::string> out;
  for (char** e = environ; *e != nullptr; ++e) {
    const std::string entry = *e;
    bool replaced = false;
    for (const auto& [name, value] : more) replaced = replaced || entry.rfind(name + "=", 0) == 0;
    if (!replaced) out.push_back(entry);
  }
  for (const auto& [name, value] : more) out.push_back(name + "=" + value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (std::string& s : strings) out.push_back(s.data());
  out.push_back(nullptr);
  return out;
}

using Clock = std::chrono::steady_clock;
enum class Wait { ended, late, interrupted };

/// Reads until the other end closes or the time is over; keeps the last bytes.
Wait drain(int fd, Clock::time_point end, std::string& output) {
  char buffer[4096];
  for (;;) {
    const double left = std::chrono::duration<double>(end - Clock::now()).count();
    if (left <= 0) return Wait::late;
    pollfd p{fd, POLLIN, 0};
    const int ready = poll(&p, 1, static_cast<int>(left * 1000) + 1);
    if (ready < 0) return Wait::interrupted;  // a signal: whoever asked wants to stop
    if (ready == 0) continue;
    const ssize_t n = read(fd, buffer, sizeof buffer);
    if (n <= 0) return Wait::ended;
    output.append(buffer, static_cast<std::size_t>(n));
    if (output.size() > 2 * kKept) output.erase(0, output.size() - kKept);
  }
}

/// Waits for the end of a process that has closed its output, which comes at once as a rule.
Wait reap(pid_t pid, Clock::time_point end, int& status) {
  while (waitpid(pid, &status, WNOHANG) == 0) {
    if (Clock::now() >= end) return Wait::late;
    if (poll(nullptr, 0, 2) < 0) return Wait::interrupted;
  }
  return Wait::ended;
}

}  // namespace

std::string ProcessEnd::how() const {
  if (interrupted) return "interrupted";
  if (timed_out) return "no end in time";
  if (signal != 0) return "signal " + std::to_string(signal) + " (" + strsignal(signal) + ")";
  return "exit status " + std::to_string(status);
}

Result<ProcessEnd> run_process(const ProcessOptions& options) {
  const std::string& program = options.arguments.front();
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return make_error("E101", program, "cannot be started", std::strerror(errno));
  std::vector<std::string> arguments = options.arguments, environment = environment_with(options.environment);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
  pid_t pid = 0;
  const int failed = posix_spawn(&pid, program.c_str(), &actions, nullptr, pointers(arguments).data(), pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (failed != 0) {
    close(ends[0]);
    return make_error("E101", program, "cannot be started", std::strerror(failed));
  }
  ProcessEnd end;
  const auto late = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options.seconds));
  int status = 0;
  Wait wait = drain(ends[0], late, end.output);
  close(ends[0]);
  if (wait == Wait::ended) wait = reap(pid, late, status);
  end.timed_out = wait == Wait::late;
  end.interrupted = wait == Wait::interrupted;
  if (wait != Wait::ended) {
    kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
  }
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  else end.status = WEXITSTATUS(status);
  if (end.output.size() > kKept) end.output.erase(0, end.output.size() - kKept);
  return end;
}

Result<TemporaryFolder> TemporaryFolder::create() {
  const char* parent = std::getenv("TMPDIR");
  std::string path = std::string(parent != nullptr && *parent != '\0' ? parent : "/tmp") + "/xpuq-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) return make_error("E101", path, "cannot make a temporary folder", std::strerror(errno), {}, "set TMPDIR to a folder that can be written");
  return TemporaryFolder(std::move(path));
}

TemporaryFolder::~TemporaryFolder() {
  if (path_.empty()) return;
  std::error_code ec;
  fs::remove_all(path_, ec);
}

std::vector<std::string> companion_paths(const std::string& file, const char* variable) {
  // An explicit folder is the only one looked at: a wrong one must not be hidden by a lucky find elsewhere.
  if (const char* folder = variable != nullptr ? std::getenv(variable) : nullptr; folder != nullptr && *folder != '\0') return {(fs::path(folder) / file).string()};
  std::vector<std::string> paths;
  const auto add = [&](const fs::path& folder) { paths.push_back((folder / file).string()); };
  std::error_code ec;
  if (const fs::path executable = fs::read_symlink("/proc/self/exe", ec); !ec) {
    add(executable.parent_path());
    add(executable.parent_path().parent_path() / "lib" / "xpuq");
  }
  // A program of somebody else's that links libxpuq.so: the file lies beside that library.
  Dl_info self{};
  if (dladdr(reinterpret_cast<const void*>(&companion_paths), &self) != 0 && self.dli_fname != nullptr) {
    const fs::path folder = fs::absolute(self.dli_fname, ec).parent_path();
    add(folder / "xpuq");
    add(folder.parent_path() / "xpuq");
  }
  return paths;
}

}  // namespace xpuq
