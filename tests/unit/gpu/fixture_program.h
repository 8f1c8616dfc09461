// The digits network with its sections for an Arc A770 and an Arc B580.
#pragma once

#include <cstring>

#include "artifact/artifact.h"
#include "catch.h"
#include "gpu/section.h"

namespace xpuq {

inline const Artifact& digits() {
  static const Artifact artifact = [] {
    auto read = open_artifact(std::string(XPUQ_FIXTURES) + "/gpu/digits.xpuq", {.verify_all = true});
    REQUIRE(read.ok());
    return std::move(*read);
  }();
  return artifact;
}

inline const TargetSection& section_of(const std::string& prefix) {
  const auto it = std::find_if(digits().targets.begin(), digits().targets.end(), [&](const TargetSection& s) { return s.key.starts_with(prefix); });
  REQUIRE(it != digits().targets.end());
  return *it;
}

/// A module with nothing in it but its description.
inline std::vector<std::uint8_t> module_of(const std::string& ze_info) {
  const std::string names = std::string("\0.ze_info\0.names\0", 17);
  std::vector<std::uint8_t> file(64 + 3 * 64, 0);
  const auto put = [&](std::size_t at, auto value) { std::memcpy(file.data() + at, &value, sizeof value); };
  const auto section = [&](std::size_t number, std::uint32_t name, std::uint32_t type, const std::string& contents) {
    const std::size_t h = 64 + number * 64;
    put(h, name);
    put(h + 4, type);
    put(h + 0x18, static_cast<std::uint64_t>(file.size()));
    put(h + 0x20, static_cast<std::uint64_t>(contents.size()));
    file.insert(file.end(), contents.begin(), contents.end());
  };
  std::memcpy(file.data(), "\x7F"
                           "ELF\2\1", 6);
  put(0x28, std::uint64_t{64});
  put(0x3A, std::uint16_t{64});
  put(0x3C, std::uint16_t{3});
  put(0x3E, std::uint16_t{2});
  section(1, 1, 0xff000011, ze_info);
  section(2, 10, 3, names);
  return file;
}

inline const gpu::Program& a770() {
  static const gpu::Program program = [] {
    auto read = gpu::read_program(digits(), section_of("gpu:12.55.8"), "digits.xpuq");
    REQUIRE(read.ok());
    return std::move(*read);
  }();
  return program;
}

}  // namespace xpuq
