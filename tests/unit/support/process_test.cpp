#include "support/process.h"

#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>

#include "catch.h"

namespace xpuq {
namespace {

Result<ProcessEnd> shell(const std::string& script, double seconds = 60) { return run_process({.arguments = {"/bin/sh", "-c", script}, .environment = {{"GIVEN", "yes"}}, .seconds = seconds}); }

std::ptrdiff_t open_files() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
}

}  // namespace

TEST_CASE("a process ends, fails, dies, or is not there") {
  const auto files = open_files();
  CHECK(shell("exit 0")->ok());
  CHECK(shell("exit 3")->how() == "exit status 3");
  CHECK(shell("kill -ABRT $$")->signal == SIGABRT);
  CHECK(shell("echo $GIVEN")->output == "yes\n");
  CHECK(run_process({.arguments = {"/nowhere/at all"}, .environment = {}}).error().code == "E101");
  CHECK(open_files() == files);
}

TEST_CASE("of a long output the end is kept") {
  const auto end = shell("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i + 1)); done");
  REQUIRE(end.ok());
  CHECK(end->ok());
  CHECK(end->output.size() == 4096);
  CHECK(end->output.ends_with("line 19999\n"));
}

TEST_CASE("a process that takes too long is killed") {
  const auto start = std::chrono::steady_clock::now();
  const auto end = shell("exec sleep 30", 0.2);
  REQUIRE(end.ok());
  CHECK(end->timed_out);
  CHECK(!end->interrupted);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}

TEST_CASE("a process that closes its output and goes on is killed, too") {
  const auto start = std::chrono::steady_clock::now();
  const auto end = shell("exec sleep 30 >/dev/null 2>&1", 0.2);
  REQUIRE(end.ok());
  CHECK(end->timed_out);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}

TEST_CASE("a signal ends the wait and the process") {
  struct sigaction action{}, before{};
  action.sa_handler = [](int) {};
  action.sa_flags = SA_RESTART;
  sigaction(SIGALRM, &action, &before);
  const itimerval soon{{0, 0}, {0, 200'000}};
  setitimer(ITIMER_REAL, &soon, nullptr);
  const auto start = std::chrono::steady_clock::now();
  const auto end = shell("exec sleep 30");
  sigaction(SIGALRM, &before, nullptr);
  REQUIRE(end.ok());
  CHECK(end->interrupted);
  CHECK(!end->timed_out);
  CHECK(!end->ok());
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}

TEST_CASE("a temporary folder goes with everything in it") {
  std::string file;
  {
    auto folder = TemporaryFolder::create();
    REQUIRE(folder.ok());
    const TemporaryFolder moved = std::move(*folder);
    file = moved.file("a");
    std::filesystem::create_directories(moved.file("deep/er"));
    CHECK(std::filesystem::exists(moved.file("deep")));
  }
  CHECK(!std::filesystem::exists(std::filesystem::path(file).parent_path()));
}

}  // namespace xpuq
