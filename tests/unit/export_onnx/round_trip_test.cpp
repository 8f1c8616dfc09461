// What is written must be read as the same: each operation is exported and imported again, and both graphs give the same
// numbers in the interpreter.
#include <onnx/onnx_pb.h>

#include <cmath>

#include "export/onnx/export.h"
#include "import/onnx/import.h"
#include "ir/text.h"
#include "support/catch.h"
#include "support/run_graph.h"

using namespace xpuq;

namespace {

Graph parse(const std::string& text) {
  auto graph = parse_graph(text, "test");
  INFO(text << "\n" << (graph.ok() ? "" : graph.error().text()));
  REQUIRE(graph.ok());
  return std::move(*graph);
}

Graph back(const Graph& graph) {
  const auto bytes = onnx_export::to_onnx(graph, "test");
  INFO((bytes.ok() ? "" : bytes.error().text()));
  REQUIRE(bytes.ok());
  auto model = import_onnx("test.onnx", std::as_bytes(std::span(*bytes)), {});
  INFO((model.ok() ? "" : model.error().text()));
  REQUIRE(model.ok());
  return std::move(model->graph);
}

/// `range` < 1 keeps inputs where every function is defined.
void check(const std::string& text, float range = 0.9f) {
  INFO(text);
  const Graph graph = parse(text), other = back(graph);
  const auto inputs = test::random_inputs(graph, 7, range);
  const auto expected = test::outputs_of(graph, inputs), got = test::outputs_of(other, inputs);
  REQUIRE(got.size() == expected.size());
  for (std::size_t o = 0; o < got.size(); ++o) {
    REQUIRE(got[o].shape() == expected[o].shape());
    REQUIRE(got[o].dtype() == expected[o].dtype());
    if (got[o].dtype() != DataType::f32) {
      CHECK(std::equal(got[o].raw(), got[o].raw() + got[o].bytes(), expected[o].raw()));
      continue;
    }
    double largest = 0;
    for (std::int64_t i = 0; i < got[o].elements(); ++i) {
      const float a = got[o].data<float>()[i], b = expected[o].data<float>()[i];
      if (!(std::isnan(a) && std::isnan(b))) largest = std::max(largest, std::abs(static_cast<double>(a) - b));
    }
    CHECK(largest < 1e-5);
  }
}

/// One node that reads %x: f32 of `shape`, into f32 of `out`.
void check_node(const std::string& node, const std::string& shape, const std::string& out, const std::string& constants = "") {
  check("graph (%x: f32" + shape + ") {\n" + constants + "  %y = " + node + " : " + (out.starts_with('[') ? "f32" + out : out) + "\n  return %y\n}\n");
}

}  // namespace

TEST_CASE("pointwise operations come back", "[export]") {
  for (const char* op : {"relu", "hardswish", "silu", "sigmoid", "tanh", "softplus", "erf", "exp", "abs", "neg", "floor", "ceil", "round", "sin", "cos", "sign", "tan",
                         "asin", "acos", "atan", "sinh", "cosh", "asinh", "atanh", "reciprocal"})
    check_node(std::string(op) + "(%x)", "[2,3]", "[2,3]");
  for (const char* node : {"clip(%x) {max=0.5, min=-0.25}", "clip(%x) {max=inf, min=0.1}", "hardsigmoid(%x) {alpha=0.25, beta=0.4}", "gelu(%x) {approximate=\"none\"}", "gelu(%x) {approximate=\"tanh\"}",
                           "leaky_relu(%x) {alpha=0.1}", "elu(%x) {alpha=0.5}", "softmax(%x) {axis=1}", "log_softmax(%x) {axis=0}"})
    check_node(node, "[2,3]", "[2,3]");
  check_node("cast(%x) {to=\"s32\"}", "[2,3]", "s32[2,3]");
  for (const char* op : {"add", "sub", "mul", "div", "minimum", "maximum", "fmod", "prelu"})
    check_node(std::string(op) + "(%x, %c)", "[2,3]", "[2,3]", "  %c = const f32[3] [0.5, -1.5, 2.0]\n");
  for (const char* op : {"equal", "less", "less_equal", "greater", "greater_equal"})
    check_node(std::string(op) + "(%x, %c)", "[2,3]", "boolean[2,3]", "  %c = const f32[3] [0.5, -0.5, 0.0]\n");
}

TEST_CASE("weighted operations and pools come back", "[export]") {
  check_node("conv(%x, %w, %b) {dilations=[2, 1], groups=2, pads_begin=[1, 0], pads_end=[2, 1], strides=[1, 2]}", "[1,4,8,7]", "[1,6,7,3]",
             "  %w = const f32[6,2,3,3] uniform(1, -1, 1)\n  %b = const f32[6] uniform(2, -1, 1)\n");
  check_node("conv_transpose(%x, %w) {dilations=[1, 1], groups=1, output_padding=[1, 0], pads_begin=[1, 1], pads_end=[1, 1], strides=[2, 2]}", "[1,2,3,3]", "[1,3,6,5]",
             "  %w = const f32[2,3,3,3] uniform(1, -1, 1)\n");
  check_node("linear(%x, %w, %b)", "[2,3,5]", "[2,3,4]", "  %w = const f32[4,5] uniform(1, -1, 1)\n  %b = const f32[4] uniform(2, -1, 1)\n");
  check_node("linear(%x, %w)", "[3,5]", "[3,4]", "  %w = const f32[4,5] uniform(1, -1, 1)\n");
  check_node("max_pool(%x) {ceil_mode=1, dilations=[1, 1], kernel=[3, 2], pads_begin=[1, 0], pads_end=[1, 0], strides=[2, 2]}", "[1,2,7,7]", "[1,2,4,4]");
  check_node("avg_pool(%x) {ceil_mode=0, count_include_pad=1, kernel=[3, 3], pads_begin=[1, 1], pads_end=[1, 1], strides=[2, 2]}", "[1,2,7,7]", "[1,2,4,4]");
  check_node("avg_pool(%x) {ceil_mode=1, count_include_pad=1, kernel=[99, 99], pads_begin=[0, 0], pads_end=[0, 0], strides=[99, 99]}", "[1,2,7,7]", "[1,2,1,1]");
  check_node("adaptive_avg_pool(%x) {output_size=[1, 1]}", "[1,2,5,4]", "[1,2,1,1]");
  check_node("adaptive_avg_pool(%x) {output_size=[2, 3]}", "[1,2,4,9]", "[1,2,2,3]");
}

TEST_CASE("normalizations and reductions come back", "[export]") {
  const std::string four = "  %g = const f32[4] uniform(1, 0.5, 1)\n  %b = const f32[4] uniform(2, -1, 1)\n";
  check_node("batchnorm(%x, %g, %b, %m, %v) {eps=0.01}", "[2,4,3]", "[2,4,3]", four + "  %m = const f32[4] uniform(3, -1, 1)\n  %v = const f32[4] uniform(4, 0.5, 1)\n");
  check_node("layer_norm(%x, %g, %b) {axis=1, eps=0.01}", "[3,4]", "[3,4]", four);
  check_node("layer_norm(%x) {axis=1, eps=0.01}", "[3,4]", "[3,4]");
  check_node("group_norm(%x, %g, %b) {eps=0.01, groups=2}", "[2,4,3,3]", "[2,4,3,3]", four);
  for (const char* op : {"reduce_mean", "reduce_sum", "reduce_max", "reduce_min", "reduce_prod"}) {
    check_node(std::string(op) + "(%x) {axes=[1], keepdims=1}", "[2,3,4]", "[2,1,4]");
    check_node(std::string(op) + "(%x) {axes=[0, 2], keepdims=0}", "[2,3,4]", "[3]");
  }
  check_node("argmax(%x) {axis=1, keepdims=0}", "[2,3,4]", "s64[2,4]");
  check_node("topk(%x) {axis=1, k=2, largest=0}", "[2,5]", "s64[2,2]");
  check_node("cumsum(%x) {axis=1, exclusive=1, reverse=1}", "[2,5]", "[2,5]");
}

TEST_CASE("moves come back", "[export]") {
  check_node("concat(%x, %c) {axis=1}", "[2,3]", "[2,4]", "  %c = const f32[2,1] [1.0, 2.0]\n");
  check_node("reshape(%x) {shape=[3, 2]}", "[2,3]", "[3,2]");
  check_node("flatten(%x) {axis=2}", "[2,3,4]", "[6,4]");
  check_node("transpose(%x) {perm=[2, 0, 1]}", "[2,3,4]", "[4,2,3]");
  check_node("slice(%x) {sizes=[2, 2], starts=[0, 4], steps=[1, -3]}", "[2,5]", "[2,2]");
  check_node("slice(%x) {sizes=[2, 5], starts=[0, 4], steps=[1, -1]}", "[2,5]", "[2,5]");
  for (const char* mode : {"constant", "reflect", "edge"})
    check_node(std::string("pad(%x) {begin=[0, 1], end=[0, 2], mode=\"") + mode + "\", value=" + (std::string(mode) == "constant" ? "0.5" : "0.0") + "}", "[2,5]", "[2,8]");
  check_node("expand(%x) {shape=[2, 3]}", "[2,1]", "[2,3]");
  check_node("gather(%x, %i) {axis=1}", "[2,5]", "[2,2]", "  %i = const s64[2] [3, 0]\n");
  check_node("gather_elements(%x, %i) {axis=1}", "[2,5]", "[2,1]", "  %i = const s64[2,1] [3, 0]\n");
  check_node("gather_nd(%x, %i) {batch_dims=0}", "[2,5]", "[2]", "  %i = const s64[2,2] [1, 3, 0, 4]\n");
  check_node("scatter_elements(%x, %i, %u) {axis=1, reduction=\"add\"}", "[2,5]", "[2,5]", "  %i = const s64[2,1] [3, 0]\n  %u = const f32[2,1] [1.0, 2.0]\n");
  check_node("scatter_nd(%x, %i, %u) {reduction=\"none\"}", "[2,5]", "[2,5]", "  %i = const s64[1,2] [1, 3]\n  %u = const f32[1] [9.0]\n");
  check_node("resize(%x) {coordinates=\"half_pixel\", mode=\"linear\", nearest_mode=\"floor\", scales=[1.0, 1.0, 2.0, 2.0], sizes=[1, 1, 6, 8]}", "[1,1,3,4]", "[1,1,6,8]");
  check_node("resize(%x) {coordinates=\"asymmetric\", mode=\"nearest\", nearest_mode=\"floor\", scales=[1.0, 1.0, 2.3333333333333335, 1.75], sizes=[1, 1, 7, 7]}", "[1,1,3,4]", "[1,1,7,7]");
  for (const char* mode : {"nearest", "linear", "cubic"})
    check_node(std::string("grid_sample(%x, %g) {align_corners=0, mode=\"") + mode + "\", padding=\"border\"}", "[1,1,3,4]", "[1,1,2,2]", "  %g = const f32[1,2,2,2] uniform(3, -1, 1)\n");
}

TEST_CASE("quantized weights keep codes, scales and axis", "[export]") {
  const Graph graph = parse(
      "graph (%x: f32[2,3]) {\n"
      "  %w = const s8[2,3]<axis 0: 0.5, 0.25> [1, -2, 3, 4, -128, 127]\n"
      "  %x.q = quantize(%x) {scales=[0.125], type=\"s8\", zero_points=[-3]} : s8[2,3]<0.125:-3>\n"
      "  %x.dq = dequantize(%x.q) {to=\"f32\"} : f32[2,3]\n"
      "  %w.dq = dequantize(%w) {to=\"f32\"} : f32[2,3]\n"
      "  %y = linear(%x.dq, %w.dq) : f32[2,2]\n"
      "  return %y\n}\n");
  const Graph other = back(graph);
  const auto inputs = test::random_inputs(graph, 3);
  const auto a = test::outputs_of(graph, inputs), b = test::outputs_of(other, inputs);
  CHECK(std::equal(a[0].raw(), a[0].raw() + a[0].bytes(), b[0].raw()));
  bool found = false;
  for (const ValueId v : other.live_values())
    if (const Value& value = other.value(v); value.is_constant() && value.type.quant) {
      found = true;
      CHECK(value.type.quant->scales == std::vector<float>{0.5f, 0.25f});
    }
  CHECK(found);
  // Modes of other engines for CPUs without VNNI look for the zero points.
  onnx::ModelProto model;
  REQUIRE(model.ParseFromString(*onnx_export::to_onnx(graph, "test")));
  for (const onnx::NodeProto& n : model.graph().node())
    if (n.op_type() == "DequantizeLinear") CHECK(n.input_size() == 3);
}

TEST_CASE("outputs that are inputs, constants or one another", "[export]") {
  const Graph graph = parse("graph (%x: f32[2]) {\n  %c = const f32[2] [1.0, 2.0]\n  %y = relu(%x) : f32[2]\n  return %x, %c, %y, %y\n}\n");
  const auto inputs = test::random_inputs(graph, 3);
  const auto a = test::outputs_of(graph, inputs), b = test::outputs_of(back(graph), inputs);
  REQUIRE(b.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK(std::equal(a[i].raw(), a[i].raw() + a[i].bytes(), b[i].raw()));
}

TEST_CASE("what ONNX has no form for is named", "[export]") {
  const auto refused = [](const std::string& text) {
    const auto bytes = onnx_export::to_onnx(parse(text), "test");
    REQUIRE_FALSE(bytes.ok());
    CHECK(bytes.error().code == "E309");
    return bytes.error().text();
  };
  CHECK_THAT(refused("graph (%x: f32[1,1,5,5]) {\n  %y = adaptive_avg_pool(%x) {output_size=[2, 2]} : f32[1,1,2,2]\n  return %y\n}\n"), ContainsSubstring("do not divide"));
  CHECK_THAT(refused("graph (%x: f32[3]) {\n  %c = const f32[3] [1.0, 2.0, 3.0]\n  %rest = mod(%x, %c) : f32[3]\n  return %rest\n}\n"), ContainsSubstring("'rest' (mod)"));
}

TEST_CASE("equal graphs give equal bytes", "[export]") {
  const std::string text = "graph (%x: f32[2,3]) {\n  %y = gelu(%x) {approximate=\"none\"} : f32[2,3]\n  return %y\n}\n";
  CHECK(*onnx_export::to_onnx(parse(text), "a") == *onnx_export::to_onnx(parse(text), "a"));
}
