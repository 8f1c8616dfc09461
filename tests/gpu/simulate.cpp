// simulate TARGET PROGRAM ARGUMENTS...: runs a program of this machine where the Intel driver shows a GPU that is not
// there: everything is compiled and submitted, nothing is computed. The driver is the one that xpuq-compile would use.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "record/driver_installation.h"

int main(int argc, char** argv) {
  using namespace xpuq;
  if (argc < 3) {
    std::fprintf(stderr, "usage: simulate TARGET PROGRAM ARGUMENTS...\n");
    return 2;
  }
  const auto target = gpu::find_target(argv[1]);
  const auto driver = record::find_driver();
  if (!target.ok() || !driver.ok()) {
    std::fprintf(stderr, "%s\n", (target.ok() ? driver.error() : target.error()).text().c_str());
    return 1;
  }
  for (const auto& [name, value] : record::simulate(*driver, *target)) setenv(name.c_str(), value.c_str(), 1);
  std::vector<std::string> line = record::command_line(*driver, {}, {argv + 2, argv + argc});
  std::vector<char*> pointers;
  for (std::string& s : line) pointers.push_back(s.data());
  pointers.push_back(nullptr);
  execv(pointers[0], pointers.data());
  std::perror(pointers[0]);
  return 1;
}
