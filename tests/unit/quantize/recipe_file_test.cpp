// The recipe file: what is read, and what is said about a file that is wrong.
#include "catch.h"
#include "ir/text.h"
#include "quantize/recipe_file.h"

using namespace xpuq;

namespace {

Recipe good(const std::string& text) {
  const auto r = read_recipe(text, "r.json");
  INFO((r.ok() ? std::string() : r.error().text()));
  REQUIRE(r.ok());
  return *r;
}

std::string defects(const std::string& text) {
  const auto r = read_recipe(text, "r.json");
  REQUIRE_FALSE(r.ok());
  CHECK(r.error().code == "E210");
  CHECK(r.error().who == "r.json");
  return r.error().what;
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a recipe file sets what the options set, and more") {
  const Recipe r = good(R"({"schema": "xpuq.recipe/1", "family": "x86", "global": "symmetric",
    "modules": [{"name": "layer4", "config": "float"}, {"name": "head", "config": "asymmetric"}],
    "operators": [{"type": "torch.nn.Conv2d", "config": "symmetric"}, {"type": "torch.ops.aten.flatten.using_ints", "config": "float"}],
    "exclude": ["a*"], "exclude_types": ["mul"], "only": ["b*"], "quantize_matmul": true,
    "weight_granularity": "tensor", "weight_scale_floor": "none", "method": "percentile:99.9"})");
  CHECK(r.family == RecipeFamily::x86);
  CHECK(r.global == qmath::Scheme::symmetric);
  REQUIRE(r.modules.size() == 2);
  CHECK(r.modules[0].name == "layer4");
  CHECK(!r.modules[0].config);
  CHECK(r.modules[1].config == qmath::Scheme::affine);
  REQUIRE(r.operators.size() == 2);
  CHECK(r.operators[0].type == OperatorType::conv2d);
  CHECK(r.operators[1].type == OperatorType::flatten);
  CHECK(!r.per_channel_weights);
  CHECK(!r.weight_scale_floor);
  CHECK(r.quantize_matmul);
  CHECK(r.method == "percentile:99.9");
  // What a report holds reads back as the same recipe.
  CHECK(recipe_json(good(recipe_json(r).dump())).dump() == recipe_json(r).dump());
  CHECK(good(R"({"schema": "xpuq.recipe/1"})").global == qmath::Scheme::affine);
}

TEST_CASE("every defect of a recipe file is named in one message") {
  const std::string all = defects(R"({"schema": "xpuq.recipe/7", "famly": "xpu", "global": "int4", "quantize_matmul": 1,
    "modules": [{"name": "a", "config": "float"}, {"name": "a", "config": "symmetric"}, {"name": "b"}],
    "operators": [{"type": "conv2", "config": "float"}, {"type": "Conv2d", "config": "float"}, {"type": "conv2d", "config": "symmetric"}],
    "exclude": ["x"], "only": ["x"], "method": "guess"})");
  for (const char* part : {"'schema' is \"xpuq.recipe/7\"", "unknown key 'famly'", "family", "'global' is \"int4\"", "'quantize_matmul' is 1",
                           "module 'a' is listed twice, as float and symmetric", "'modules[2]' is", "operator 'conv2'", "conv2d",
                           "operator 'conv2d' is listed twice", "'x' is in both", "'method'"}) {
    INFO(part << " in " << all);
    CHECK(holds(all, part));
  }
  CHECK(holds(defects("[]"), "no JSON object"));
  CHECK(holds(defects(R"({"global": "float"})"), "'schema' is missing"));
  CHECK_FALSE(read_recipe("{", "r.json").ok());
  CHECK_FALSE(read_recipe(std::string(5000, '['), "r.json").ok());
  CHECK_FALSE(read_recipe("", "r.json").ok());
}

TEST_CASE("what names nothing in the model is found, all of it") {
  const auto g = parse_graph(R"(graph (%x: f32[1,1,4,4]) {
  %w = const f32[1,1,1,1] [1]
  %a = conv(%x, %w) {dilations=[1, 1], groups=1, pads_begin=[0, 0], pads_end=[0, 0], strides=[1, 1]} : f32[1,1,4,4]  "stage1.0.conv"
  %b = relu(%a) {} : f32[1,1,4,4]  "/stage1/stage1.0/act/Relu"
  return %b
})", "test");
  REQUIRE(g.ok());
  const Graph& graph = *g;
  CHECK(in_module(graph, graph.order()[0], "stage1"));
  CHECK(in_module(graph, graph.order()[0], "stage1.0"));
  CHECK(in_module(graph, graph.order()[0], "stage1.0.conv"));
  CHECK_FALSE(in_module(graph, graph.order()[0], "stage"));
  CHECK_FALSE(in_module(graph, graph.order()[0], "stage1.0.conv.x"));
  CHECK(in_module(graph, graph.order()[1], "stage1.0"));
  CHECK(in_module(graph, graph.order()[1], "stage1.0.act"));

  Recipe r;
  r.exclude = {"stage1*", "nothing*"};
  r.only = {"nowhere"};
  r.exclude_types = {"convv"};
  r.modules = {{"stage1", std::nullopt}, {"stage2", std::nullopt}};
  r.operators = {{OperatorType::conv2d, std::nullopt}, {OperatorType::linear, std::nullopt}};
  const auto checked = check_recipe(r, graph);
  REQUIRE_FALSE(checked.ok());
  CHECK(checked.error().code == "E207");
  for (const char* part : {"--exclude 'nothing*'", "--only 'nowhere'", "--exclude-type 'convv'", "near: conv", "module 'stage2'", "operator 'linear'"}) {
    INFO(checked.error().what);
    CHECK(holds(checked.error().what, part));
  }
  CHECK(check_recipe({}, graph).ok());
}
