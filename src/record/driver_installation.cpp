#include "record/driver_installation.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "support/process.h"

namespace xpuq::record {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLibraries = "usr/lib/x86_64-linux-gnu";
constexpr const char* kDriver = "libze_intel_gpu.so.1";
/// Build number of driver 24.05, in the file name "libze_intel_gpu.so.1.3.28454".
constexpr int kOldestBuild = 28000;

bool is_recent(const fs::path& driver) {
  std::error_code ec;
  const std::string name = fs::canonical(driver, ec).filename().string();
  int build = 0;
  return !ec && std::sscanf(name.c_str(), "libze_intel_gpu.so.1.%*d.%d", &build) == 1 && build >= kOldestBuild;
}

bool has_driver(const fs::path& root) {
  std::error_code ec;
  return fs::exists(root / kLibraries / kDriver, ec);
}

DriverInstallation unpacked(const fs::path& root) { return {root.string(), (root / kLibraries).string()}; }

}  // namespace

Result<DriverInstallation> find_driver() {
  std::string looked;
  if (const char* root = std::getenv("XPUQ_GPU_DRIVER"); root != nullptr && *root != '\0') {
    if (has_driver(root)) return unpacked(root);
    looked = std::string("no ") + kLibraries + "/" + kDriver + " in XPUQ_GPU_DRIVER=" + root;
  } else {
    if (is_recent(fs::path("/") / kLibraries / kDriver)) return DriverInstallation{"", (fs::path("/") / kLibraries).string()};
    looked = "no installed driver of 2024 or later";
    for (const std::string& root_folder : companion_paths("gpu-driver", nullptr)) {
      if (has_driver(root_folder)) return unpacked(root_folder);
      looked += ", none in " + root_folder;
    }
  }
  return make_error("E503", "the Intel GPU driver", "compiling for a GPU needs it, with or without a GPU", looked, {}, "tools/setup-gpu.sh, or install libze-intel-gpu1, intel-opencl-icd and intel-ocloc");
}

std::vector<std::string> command_line(const DriverInstallation& driver, const std::vector<std::string>& libraries, std::vector<std::string> program) {
  if (driver.root.empty()) return program;
  std::string path = driver.library;
  for (const std::string& folder : libraries) path += ":" + folder;
  std::vector<std::string> out{driver.root + "/usr/lib64/ld-linux-x86-64.so.2", "--library-path", path};
  out.insert(out.end(), program.begin(), program.end());
  return out;
}

std::vector<std::pair<std::string, std::string>> simulate(const DriverInstallation& driver, const gpu::Target& target) {
  const std::string opencl = driver.library + "/intel-opencl/libigdrcl.so";
  std::vector<std::pair<std::string, std::string>> env = {
      {"ZE_ENABLE_ALT_DRIVERS", kDriver},  // loaders look for a GPU first, and find none
      {"OCL_ICD_FILENAMES", opencl},
      {"OCL_ICD_VENDORS", opencl},
      {"NEOReadDebugKeys", "1"},
      {"SetCommandStreamReceiver", "1"},
      {"UseAubStream", "0"},
      {"UseExternalAllocatorForSshAndDsh", "0"},
      {"ProductFamilyOverride", std::string(target.family)},
      {"ForceDeviceId", std::string(target.device)},
      {"HardwareInfoOverride", gpu::shape_text(target.key)},
  };
  if (target.tell_ip_version) env.emplace_back("OverrideHwIpVersion", std::to_string(target.key.ip_version));
  return env;
}

}  // namespace xpuq::record
