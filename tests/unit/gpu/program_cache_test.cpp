// Programs kept between runs.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "driver/program_cache.h"
#include "fixture_program.h"
#include "support/process.h"

namespace xpuq {
namespace {

namespace fs = std::filesystem;

const Plan& plan() { return digits().plans[0]; }

/// A cache folder of its own for as long as it lives.
struct Cache {
  TemporaryFolder folder = TemporaryFolder::create().value();
  std::string path = folder.file("cache");
  Cache() { setenv("XPUQ_CACHE_DIR", path.c_str(), 1); }
  ~Cache() {
    unsetenv("XPUQ_CACHE_DIR");
    unsetenv("XPUQ_CACHE_SIZE");
  }
  fs::path only_file() const {
    std::vector<fs::path> files(fs::directory_iterator(path), {});
    REQUIRE(files.size() == 1);
    return files[0];
  }
};

/// The plan with one bit of its constants flipped: everything that plan_digest() looks at is the same.
Plan with_other_constants() {
  Plan other = plan();
  auto bytes = std::make_shared<std::vector<std::byte>>(other.constants.begin(), other.constants.end());
  bytes->back() ^= std::byte{1};
  other.constants = *bytes;
  other.constants_owner = bytes;
  return other;
}

}  // namespace

TEST_CASE("a program is found again, for its device and its constants only") {
  const Cache cache;
  CHECK(!load_cached_program(plan(), a770().device));
  store_cached_program(plan(), a770());
  const auto found = load_cached_program(plan(), a770().device);
  REQUIRE(found);
  CHECK(found->inference == a770().inference);
  gpu::DeviceKey other = a770().device;
  other.eus = 8;
  CHECK(!load_cached_program(plan(), other));
  CHECK(!load_cached_program(with_other_constants(), a770().device));
}

TEST_CASE("a damaged file of the cache is as good as none") {
  const Cache cache;
  store_cached_program(plan(), a770());
  const fs::path file = cache.only_file();
  fs::resize_file(file, fs::file_size(file) / 2);
  CHECK(!load_cached_program(plan(), a770().device));
  store_cached_program(plan(), a770());
  CHECK(load_cached_program(plan(), a770().device));
  fs::resize_file(file, 0);
  CHECK(!load_cached_program(plan(), a770().device));
  fs::remove(file);
  fs::create_directory(file);
  CHECK(!load_cached_program(plan(), a770().device));
  store_cached_program(plan(), a770());
}

TEST_CASE("the oldest programs go, and nothing that is no program") {
  const Cache cache;
  fs::create_directories(fs::path(cache.path) / "folder.program");
  fs::create_symlink("nowhere", fs::path(cache.path) / "link.program");
  std::ofstream(cache.path + "/old.program") << std::string(1000, 'x');
  fs::last_write_time(cache.path + "/old.program", fs::file_time_type::clock::now() - std::chrono::hours(1));
  store_cached_program(plan(), a770());
  CHECK(load_cached_program(plan(), a770().device));
  CHECK(fs::exists(cache.path + "/old.program"));
  const auto bytes = [&] {
    std::uint64_t total = 0;
    for (const auto& e : fs::directory_iterator(cache.path))
      if (e.is_regular_file()) total += e.file_size();
    return total;
  }();
  setenv("XPUQ_CACHE_SIZE", std::to_string(bytes - 1).c_str(), 1);
  store_cached_program(plan(), a770());
  CHECK(!fs::exists(cache.path + "/old.program"));
  CHECK(load_cached_program(plan(), a770().device));
  CHECK(fs::exists(cache.path + "/folder.program"));
}

TEST_CASE("without a folder nothing is kept, least of all in the current one") {
  const TemporaryFolder folder = TemporaryFolder::create().value();
  const fs::path before = fs::current_path(), here = fs::path(folder.file("x")).parent_path();
  const std::string home = std::getenv("HOME") ? std::getenv("HOME") : "";
  const std::string xdg = std::getenv("XDG_CACHE_HOME") ? std::getenv("XDG_CACHE_HOME") : "";
  unsetenv("HOME");
  unsetenv("XDG_CACHE_HOME");
  fs::current_path(here);
  store_cached_program(plan(), a770());
  CHECK(fs::is_empty(here));
  CHECK(!load_cached_program(plan(), a770().device));
  fs::current_path(before);
  if (!home.empty()) setenv("HOME", home.c_str(), 1);
  if (!xdg.empty()) setenv("XDG_CACHE_HOME", xdg.c_str(), 1);
  setenv("XPUQ_CACHE_DIR", "/proc/no such folder", 1);  // cannot be written, even by root
  store_cached_program(plan(), a770());
  CHECK(!load_cached_program(plan(), a770().device));
  unsetenv("XPUQ_CACHE_DIR");
}

}  // namespace xpuq
