// A small profile with every feature of the format, for the tests of src/profile.
#pragma once

#include <string>
#include <vector>

#include "../qmath/generator.h"
#include "catch.h"
#include "profile/profile.h"
#include "qmath/histogram_observer.h"

namespace xpuq::test {

inline qmath::ObserverState observed(const std::vector<std::vector<float>>& batches) {
  qmath::HistogramObserver o;
  for (const auto& b : batches) REQUIRE(o.observe(b).ok());
  return o.state();
}

inline Profile sample_profile(std::uint32_t seed = 1) {
  Profile p;
  p.model = {"net.onnx", "onnx", 17, "", std::string(64, 'a'), std::string(64, 'b')};
  p.preprocessing = Json::parse(R"({"image":{"resize":256,"mean":[0.485,0.456,0.406],"decoder":"jpeg 1"},"mask":{}})");
  p.data.count = 6;
  p.data.batch = 2;
  p.data.seed = 3;
  p.data.list_sha256 = std::string(64, 'c');
  p.data.files = {"cat/\xc3\xa4.jpg", "cat/b.jpg", "dog/\"q\".jpg"};
  p.data.bad = {{"cat/broken.jpg", "cut off"}};
  const auto x = lcg_batch(seed, 3000, "uni", 2.5f), y = lcg_batch(seed + 1, 3000, "relu");
  const auto z = lcg_batch(seed + 2, 500, "cube", 0.3f);
  p.values.push_back({"image", "", "input", {2, 3, 10, 50}, observed({x, z}), std::nullopt});
  p.values.push_back({"relu/out", "Relu_1", "relu", {2, 3, 10, 50}, observed({y, x}), 34.5f});
  p.values.push_back({"flat", "Const_2", "constant", {7}, observed({std::vector<float>(7, 3.0f)}),
                      std::numeric_limits<float>::infinity()});
  p.values.push_back({"never", "Dead_3", "relu", {0, 4}, qmath::ObserverState(), std::nullopt});
  p.groups.push_back({{"image", "relu/out", "image"}, observed({x, y, x})});
  p.layers.push_back({"relu/out", "Conv_0", 21.25f, std::numeric_limits<float>::infinity()});
  return p;
}

/// read_profile that must succeed without a warning.
inline Profile read_back(const std::string& text) {
  std::vector<ProfileWarning> warnings;
  auto p = read_profile(text, "p.xcal", warnings);
  if (!p.ok()) FAIL(p.error().text());
  CHECK(warnings.empty());
  return *p;
}

}  // namespace xpuq::test
