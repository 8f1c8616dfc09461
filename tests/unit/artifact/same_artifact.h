// Equality of artifacts in all that a reader gives.
#pragma once

#include <algorithm>

#include "artifact/artifact.h"
#include "catch.h"

namespace xpuq::artifact_test {

inline bool equal_bytes(std::span<const std::byte> a, std::span<const std::byte> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

inline void check_same(const Plan& a, const Plan& b) {
  REQUIRE(a.values.size() == b.values.size());
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    INFO("value " << i);
    CHECK(a.values[i].name == b.values[i].name);
    CHECK(a.values[i].type == b.values[i].type);
    CHECK(a.values[i].place == b.values[i].place);
    CHECK(a.values[i].offset == b.values[i].offset);
  }
  REQUIRE(a.steps.size() == b.steps.size());
  for (std::size_t i = 0; i < a.steps.size(); ++i) {
    INFO("step " << i);
    CHECK(a.steps[i].op == b.steps[i].op);
    CHECK(to_string(a.steps[i].attributes) == to_string(b.steps[i].attributes));
    CHECK(a.steps[i].attributes == b.steps[i].attributes);
    CHECK(a.steps[i].inputs == b.steps[i].inputs);
    CHECK(a.steps[i].outputs == b.steps[i].outputs);
    CHECK(a.steps[i].origin == b.steps[i].origin);
    CHECK(a.steps[i].in_place == b.steps[i].in_place);
  }
  CHECK(a.inputs == b.inputs);
  CHECK(a.outputs == b.outputs);
  CHECK(a.arena_bytes == b.arena_bytes);
  CHECK(equal_bytes(a.constants, b.constants));
}

inline void check_same(const Artifact& a, const Artifact& b) {
  REQUIRE(a.plans.size() == b.plans.size());
  for (std::size_t i = 0; i < a.plans.size(); ++i) check_same(a.plans[i], b.plans[i]);
  CHECK(a.info == b.info);
  CHECK(a.info.dump() == b.info.dump());  // and in the same order
  CHECK(a.labels == b.labels);
  REQUIRE(a.self_tests.size() == b.self_tests.size());
  for (std::size_t i = 0; i < a.self_tests.size(); ++i) {
    const SelfTest &s = a.self_tests[i], &t = b.self_tests[i];
    CHECK(s.plan == t.plan);
    CHECK(s.seed == t.seed);
    CHECK(s.rtol == t.rtol);
    CHECK(s.atol == t.atol);
    REQUIRE(s.expected.size() == t.expected.size());
    for (std::size_t k = 0; k < s.expected.size(); ++k) {
      CHECK(s.expected[k].dtype() == t.expected[k].dtype());
      CHECK(s.expected[k].shape() == t.expected[k].shape());
      CHECK(equal_bytes({s.expected[k].raw(), s.expected[k].bytes()}, {t.expected[k].raw(), t.expected[k].bytes()}));
    }
  }
  REQUIRE(a.targets.size() == b.targets.size());
  for (std::size_t i = 0; i < a.targets.size(); ++i) {
    CHECK(a.targets[i].key == b.targets[i].key);
    CHECK(equal_bytes(a.targets[i].bytes, b.targets[i].bytes));
  }
}

}  // namespace xpuq::artifact_test
