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

/// Empty if there is no such entry.
inline std::vector<std::uint8_t> fixture(const std::string& name) {
  static const std::string archive = [] {
    std::ifstream in(std::string(XPUQ_FIXTURES) + "/xe/modules.zip", std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }();
  const auto zip = xpuq::ZipArchive::open({reinterpret_cast<const std::byte*>(archive.data()), archive.size()}, "E999", "modules.zip");
  if (!zip || !zip->find(name)) return {};
  const auto bytes = zip->read(*zip->find(name), 1 << 22);
  if (!bytes) return {};
  return {bytes->begin(), bytes->end()};
}

inline xpuq::xe::Module module_of(const char* product, const std::string& name) {
  const std::string path = std::string(product) + "/" + name + ".bin";
  return xpuq::xe::load_module(fixture(path), *xpuq::xe::platform_named(product), path).value();
}

}  // namespace xe_test
