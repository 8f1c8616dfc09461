// The digits network with its sections for an Arc A770 and an Arc B580.
#pragma once

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

inline const gpu::Program& a770() {
  static const gpu::Program program = [] {
    auto read = gpu::read_program(digits(), section_of("gpu:12.55.8"), "digits.xpuq");
    REQUIRE(read.ok());
    return std::move(*read);
  }();
  return program;
}

}  // namespace xpuq
