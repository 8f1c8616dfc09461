// Archives of PyTorch (tools/oracle/pt2_samples.py), imported and run with the interpreter, against PyTorch's outputs.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "archive_builder.h"
#include "run_graph.h"

namespace xpuq::test {
namespace {

const std::string kSamples = std::string(XPUQ_FIXTURES) + "/pt2/";

Json read_json(const std::string& path) {
  std::ifstream in(path);
  return Json::parse(in);
}

/// The generator of the fixtures: state = state * 1664525 + 1013904223, value in [-1, 1).
Tensor generated(const Shape& shape, std::uint32_t seed, float factor = 1) {
  Tensor t(DataType::f32, shape);
  for (float& v : t.span<float>()) {
    seed = seed * 1664525u + 1013904223u;
    v = (static_cast<float>(seed >> 8) * 0x1p-23f - 1) * factor;
  }
  return t;
}

double element(const Tensor& t, std::size_t i) {
  switch (t.dtype()) {
    case DataType::f32: return t.data<float>()[i];
    case DataType::s64: return static_cast<double>(t.data<std::int64_t>()[i]);
    case DataType::boolean: return t.data<std::uint8_t>()[i];
    default: FAIL("output of type " << to_string(t.dtype()));
  }
  return 0;
}

void check_sample(const std::string& archive, const std::string& reference_name, const ImportOptions& options = {}) {
  INFO(archive);
  auto model = import_file(kSamples + archive + ".pt2", options);
  INFO((model.ok() ? std::string() : model.error().text()));
  REQUIRE(model.ok());
  const Json reference = read_json(kSamples + reference_name + ".json");
  std::vector<Tensor> inputs;
  for (const Json& shape : reference["inputs"])
    inputs.push_back(generated(shape.get<Shape>(), static_cast<std::uint32_t>(inputs.size() + 1)));
  REQUIRE(model->graph.inputs().size() == inputs.size());
  const std::vector<Tensor> outputs = outputs_of(model->graph, inputs);
  REQUIRE(outputs.size() == reference["outputs"].size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Json& wanted = reference["outputs"][i];
    INFO("output " << i);
    REQUIRE(outputs[i].shape() == wanted["shape"].get<Shape>());
    double worst = 0;
    for (std::size_t k = 0; k < wanted["values"].size(); ++k) {
      const double expected =
          wanted["values"][k].is_boolean() ? wanted["values"][k].get<bool>() : wanted["values"][k].get<double>();
      const double difference = std::fabs(element(outputs[i], k) - expected) / std::max(1.0, std::fabs(expected));
      worst = std::max(worst, std::isnan(difference) ? 1e9 : difference);
    }
    CHECK(worst < 1e-4);
  }
}

}  // namespace

TEST_CASE("samples of PyTorch compute what PyTorch computes", "[pt2]") {
  for (const char* name : {"convs", "attention", "in_place", "shapes", "numbers", "strides"}) {
    check_sample(name, name);
    check_sample(std::string(name) + ".dec", name);
  }
  check_sample("images", "images");
  check_sample("places", "places");
  check_sample("training", "training");
  check_sample("quantized", "quantized");
}

TEST_CASE("the older archive layout gives the same graph", "[pt2]") {
  check_sample("old", "strides");
  const auto model = import_file(kSamples + "old.pt2");
  CHECK(model->version == "schema 8.8");
}

TEST_CASE("symbolic sizes are fixed by the options", "[pt2]") {
  ImportOptions options;
  options.shapes["x"] = {2, 2, 4, 6};
  check_sample("dynamic", "dynamic", options);
  check_sample("dynamic.dec", "dynamic", options);
  options.shapes = {{"", {3, 2, 8, 6}}};
  const auto other = import_file(kSamples + "dynamic.pt2", options);
  REQUIRE(other.ok());
  CHECK(other->graph.value(other->graph.outputs()[0]).type.shape == Shape{3, 192});
}

TEST_CASE("symbolic sizes that options leave open or break are named with their range", "[pt2]") {
  const auto open = import_file(kSamples + "dynamic.pt2");
  REQUIRE(!open.ok());
  CHECK(open.error().code == "E205");
  CHECK_THAT(open.error().text(), ContainsSubstring("1..16") && ContainsSubstring("dynamic.pt2"));
  ImportOptions options;
  options.shapes["x"] = {2, 2, 5, 6};  // the third is 2 * half
  const auto odd = import_file(kSamples + "dynamic.pt2", options);
  REQUIRE(!odd.ok());
  CHECK_THAT(odd.error().text(), ContainsSubstring("2*s") && ContainsSubstring("dimension 2 is 5"));
  options.shapes["x"] = {17, 2, 4, 6};
  const auto many = import_file(kSamples + "dynamic.pt2", options);
  REQUIRE(!many.ok());
  CHECK_THAT(many.error().text(), ContainsSubstring("outside the range") && ContainsSubstring("1..16"));
  options.shapes = {{"y", {1}}};
  const auto unknown = import_file(kSamples + "dynamic.pt2", options);
  REQUIRE(!unknown.ok());
  CHECK_THAT(unknown.error().text(), ContainsSubstring("'y'") && ContainsSubstring("'x'"));
}

TEST_CASE("stored s8 weights stay codes with their scales", "[pt2]") {
  const auto model = import_file(kSamples + "quantized.pt2");
  REQUIRE(model.ok());
  const Graph& g = model->graph;
  int dequantized_weights = 0;
  for (NodeId n : g.order()) {
    if (g.node(n).op != OpKind::dequantize || !g.input_of(n, 0).is_constant()) continue;
    const Value& codes = g.input_of(n, 0);
    CHECK(codes.type.dtype == DataType::s8);
    CHECK(codes.type.quant->axis == 0);
    CHECK(codes.type.quant->scales == std::vector<float>{0.01f, 0.02f, 0.005f});
    ++dequantized_weights;
  }
  CHECK(dequantized_weights == 1);
}

TEST_CASE("notes tell what was dropped", "[pt2]") {
  const auto model = import_file(kSamples + "training.pt2");
  REQUIRE(model.ok());
  std::string notes;
  for (const std::string& n : model->notes) notes += n + "\n";
  CHECK_THAT(notes, ContainsSubstring("training mode") && ContainsSubstring("dropout"));
  CHECK(model->producer == "pytorch 2.13.0");
}

TEST_CASE("all model families import", "[pt2]") {
  int count = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(std::string(XPUQ_FIXTURES) + "/models")) {
    if (file.path().extension() != ".pt2") continue;
    const auto model = import_file(file.path().string());
    INFO((model.ok() ? std::string() : model.error().text()));
    CHECK(model.ok());
    ++count;
  }
  CHECK(count >= 8);
}

TEST_CASE("model families compute the logits of PyTorch", "[pt2]") {
  int count = 0;
  std::vector<std::filesystem::path> files{std::string(XPUQ_MODELS) + "/digits/digits.pt2"};
  for (const auto& folder : std::filesystem::directory_iterator(std::string(XPUQ_FIXTURES) + "/models"))
    if (folder.is_directory()) files.push_back(folder.path() / (folder.path().filename().string() + ".pt2"));
  for (const auto& path : files) {
    const std::string name = path.stem().string();
    const std::string reference_path = std::string(XPUQ_FIXTURES) + "/models/" + name + "/ref.json";
    if (!std::filesystem::exists(path) || !std::filesystem::exists(reference_path)) continue;
    INFO(name);
    const Json reference = read_json(reference_path);
    if (!reference.contains("float_logits")) continue;
    ImportOptions options;
    options.shapes[""] = reference["shape"].get<Shape>();
    const auto model = import_file(path.string(), options);
    INFO((model.ok() ? std::string() : model.error().text()));
    REQUIRE(model.ok());
    for (const Json& node : reference["nodes"]) {
      const std::string op = node["op"].get<std::string>(), value = node["name"].get<std::string>();
      const bool emits_nothing = op.find("dropout") != std::string::npos || op.find("unbind") != std::string::npos ||
                                 op.find("detach") != std::string::npos ||
                                 op.find("expand") != std::string::npos ||  // to its own shape in these networks
                                 op == "placeholder" || op == "output";
      INFO(value << " = " << op);
      CHECK((emits_nothing || model->graph.find(value) != ValueId::none));
    }
    const auto outputs = outputs_of(model->graph, {generated(reference["shape"].get<Shape>(), 1)});
    std::vector<double> wanted;
    for (const Json& v : reference["float_logits"])
      wanted.push_back(v.is_string() ? std::strtod(v.get<std::string>().c_str(), nullptr) : v.get<double>());
    REQUIRE(static_cast<std::size_t>(outputs[0].elements()) == wanted.size());
    double worst = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i)
      worst = std::max(worst, std::fabs(outputs[0].data<float>()[i] - wanted[i]) / std::max(1.0, std::fabs(wanted[i])));
    CHECK(worst < 1e-4);
    ++count;
  }
  CHECK(count >= 9);
}

}  // namespace xpuq::test
