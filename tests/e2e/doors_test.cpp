// One model through every door is one graph.
#include <filesystem>

#include "catch.h"
#include "driver/importers.h"

using namespace xpuq;

namespace {

std::string graph_hash(const std::string& path) {
  const auto model = load_model(path, {});
  INFO((model.ok() ? path : model.error().text()));
  REQUIRE(model.ok());
  return model->hash.graph;
}

}  // namespace

TEST_CASE("torch.export, dynamo and TorchScript exports of a model have one graph hash") {
  const std::string folder = std::string(XPUQ_FIXTURES) + "/models";
  std::size_t equal = 0;
  for (const char* name : {"resnet", "mobilenetv2", "mobilenetv3", "squeezenet", "vgg", "efficientnet", "inception", "vit"}) {
    const std::string base = folder + "/" + name + "/" + name;
    INFO(name);
    const std::string pt2 = graph_hash(base + ".pt2");
    CHECK(graph_hash(base + ".dynamo.onnx") == pt2);
    CHECK(graph_hash(base + ".torchscript.onnx") == pt2);
    ++equal;
  }
  const std::string digits = std::string(XPUQ_MODELS) + "/digits/digits";
  CHECK(graph_hash(digits + ".pt2") == graph_hash(digits + ".onnx"));
  CHECK(equal >= 6);
}
