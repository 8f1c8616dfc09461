#include <filesystem>

#include "catch.h"
#include "support/process.h"

namespace xpuq {

TEST_CASE("a process ends with its status, a signal, or in time") {
  auto end = run_process({.arguments = {"/bin/sh", "-c", "echo out; echo err >&2; exit 3"}, .environment = {}});
  REQUIRE(end.ok());
  CHECK(end->status == 3);
  CHECK(!end->ok());
  CHECK(end->output.find("out") != std::string::npos);
  CHECK(end->output.find("err") != std::string::npos);
  CHECK(end->how() == "exit status 3");

  end = run_process({.arguments = {"/bin/sh", "-c", "kill -ABRT $$"}, .environment = {}});
  REQUIRE(end.ok());
  CHECK(end->signal == 6);
  CHECK(end->how().find("signal 6") == 0);

  end = run_process({.arguments = {"/bin/sh", "-c", "exec sleep 60"}, .environment = {}, .seconds = 0.2});
  REQUIRE(end.ok());
  CHECK(end->timed_out);
  CHECK(!end->ok());
}

TEST_CASE("a process has the environment it was given, on top of ours, and much to say") {
  const auto end = run_process({.arguments = {"/bin/sh", "-c", "i=0; while [ $i -lt 5000 ]; do echo line $i $XPUQ_TEST; i=$((i+1)); done"}, .environment = {{"XPUQ_TEST", "given"}}});
  REQUIRE(end.ok());
  CHECK(end->ok());
  CHECK(end->output.size() <= 4096);
  CHECK(end->output.find("line 4999 given") != std::string::npos);
}

TEST_CASE("a program that is not there is an error that names it") {
  const auto end = run_process({.arguments = {"/nowhere/program"}, .environment = {}});
  REQUIRE(!end.ok());
  CHECK(end.error().who == "/nowhere/program");
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
