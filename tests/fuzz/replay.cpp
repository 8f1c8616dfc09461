// fuzz_replay REGRESSIONS: runs every target over its seeds and over the inputs in REGRESSIONS/<target>/, each of which
// once broke a reader. Without libFuzzer, so any compiler and sanitizer will do.
// fuzz_replay --seeds FOLDER: writes the seeds to FOLDER/<target>/ instead, for libFuzzer.
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "seeds.h"
#include "support/file.h"
#include "target.h"

namespace {

namespace fs = std::filesystem;
using namespace xpuq;

void write_seeds(const fs::path& folder) {
  for (const fuzz::Target& target : fuzz::targets()) {
    fs::create_directories(folder / target.name);
    int number = 0;
    for (const std::string& seed : fuzz::seeds(target.name))
      if (const auto done = write_file(folder / target.name / ("seed-" + std::to_string(number++)), seed); !done.ok())
        std::fprintf(stderr, "%s\n", done.error().text().c_str());
  }
}

/// In a block of exactly its size, so that a sanitizer sees a read beyond it.
void run(const fuzz::Target& target, const std::string& input, const std::string& name) {
  std::printf("%s %s\n", std::string(target.name).c_str(), name.c_str());
  std::fflush(stdout);
  const std::vector<char> block(input.begin(), input.end());
  target.run(std::as_bytes(std::span(block)));
}

int replay(const fs::path& regressions) {
  for (const fuzz::Target& target : fuzz::targets()) {
    const auto seeds = fuzz::seeds(target.name);
    if (seeds.empty()) return std::fprintf(stderr, "no seeds for %s\n", std::string(target.name).c_str()), 1;
    for (std::size_t i = 0; i < seeds.size(); ++i) run(target, seeds[i], "seed " + std::to_string(i));
    if (!fs::exists(regressions / target.name)) continue;
    for (const auto& entry : fs::directory_iterator(regressions / target.name))
      run(target, read_file(entry.path(), "E101").value(), entry.path().filename());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string(argv[1]) == "--seeds") return write_seeds(argv[2]), 0;
  if (argc == 2) return replay(argv[1]);
  std::fprintf(stderr, "usage: fuzz_replay REGRESSIONS | --seeds FOLDER\n");
  return 2;
}
