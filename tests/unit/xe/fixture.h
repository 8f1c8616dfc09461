// Modules of fixtures/xe/modules.zip.
#pragma once

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/zip.h"
#include "xe/module.h"

namespace xe_test {

/// An entry of an archive of fixtures/xe; empty if there is no such one.
inline std::vector<std::uint8_t> entry(const std::string& archive_name, const std::string& name) {
  std::ifstream in(std::string(XPUQ_FIXTURES) + "/xe/" + archive_name, std::ios::binary);
  const std::string archive{std::istreambuf_iterator<char>(in), {}};
  const auto zip = xpuq::ZipArchive::open({reinterpret_cast<const std::byte*>(archive.data()), archive.size()}, "E999", archive_name);
  if (!zip || !zip->find(name)) return {};
  const auto bytes = zip->read(*zip->find(name), 1 << 22);
  if (!bytes) return {};
  return {bytes->begin(), bytes->end()};
}
inline std::vector<std::uint8_t> fixture(const std::string& name) { return entry("modules.zip", name); }
inline std::string waits_of(const std::string& name) {
  const auto bytes = entry("waits.zip", name + ".waits");
  return {bytes.begin(), bytes.end()};
}
/// Modules that waits.zip has a listing of: "dg2/conv", ...
inline std::vector<std::string> fixtures_with_waits() {
  std::vector<std::string> out;
  for (const char* product : {"dg2", "bmg", "ptl"}) {
    for (const char* name : {"kernels", "conv-pack", "conv-unpack", "conv-compensate", "conv", "matmul-pack", "matmul", "matmul-deep-pack", "matmul-deep", "quantize"}) {
      const std::string path = std::string(product) + "/" + name;
      if (!waits_of(path).empty()) out.push_back(path);
    }
  }
  return out;
}

inline xpuq::xe::Module module_of(const char* product, const std::string& name) {
  const std::string path = std::string(product) + "/" + name + ".bin";
  return xpuq::xe::load_module(fixture(path), *xpuq::xe::platform_named(product), path).value();
}

}  // namespace xe_test
