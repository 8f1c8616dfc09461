#include "catch.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "fixture.h"
#include "opencl_cases.h"

using namespace xpuq;
using namespace xpuq::xe;

namespace {

std::vector<std::uint8_t> file_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void check_module(Platform platform, const std::vector<std::uint8_t>& bytes, const std::string& path) {
  INFO(path);
  REQUIRE(!bytes.empty());
  const auto module = load_module(bytes, platform, path);
  if (!module) FAIL(module.error().text());
  for (const auto& c : xe_test::opencl_cases()) {
    if (!module->find(c.kernel)) continue;
    for (const char* mode : {"", "threads in reverse", "with checks"}) {
      xe_test::Bench bench(*module);
      bench.limits.instructions = 50'000'000;
      bench.limits.reverse_threads = std::string(mode) == "threads in reverse";
      bench.limits.checks = std::string(mode) == "with checks";
      const std::string problem = c.run(bench);
      INFO(c.name << " " << mode);
      CHECK(problem == "");
    }
  }
}

}  // namespace

TEST_CASE("OpenCL C kernels compute what C++ computes") {
  for (const char* name : {"dg2", "bmg", "ptl"}) {
    SECTION(name) {
      const std::string path = std::string(name) + "/kernels.bin";
      check_module(*platform_named(name), xe_test::fixture(path), path);
    }
  }
}

// Modules for all products, with math functions: XPUQ_XE_KERNELS=FOLDER, which holds PRODUCT/{a,c,h,d}.bin.
TEST_CASE("OpenCL C kernels of a folder compute what C++ computes") {
  if (const char* folder = std::getenv("XPUQ_XE_KERNELS")) {
    for (const char* name : {"dg2", "mtl", "arl-h", "pvc", "bmg", "lnl", "ptl"}) {
      SECTION(name) { 
        for (const char* file : {"/a.bin", "/c.bin", "/h.bin", "/d.bin"}) {
          const std::string path = std::string(folder) + "/" + name + file;
          if (const auto bytes = file_bytes(path); !bytes.empty()) check_module(*platform_named(name), bytes, path);
        }
      }
    }
  }
}
