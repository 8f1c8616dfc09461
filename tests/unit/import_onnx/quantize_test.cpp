// QuantizeLinear and DequantizeLinear: activations become s8, weights stay quantized constants.
#include "catch.h"
#include "model.h"

using namespace xpuq;
using namespace xpuq::onnx_test;

namespace {

constexpr int kU8 = onnx::TensorProto::UINT8;
constexpr int kS8 = onnx::TensorProto::INT8;
constexpr int kS32 = onnx::TensorProto::INT32;

Model qdq(int type, std::int64_t zero_point, std::int64_t other_zero_point) {
  Model m;
  m.input("x", {4})
      .tensor(floats("s", {}, {0.5f}))
      .tensor(ints("z", {}, {zero_point}, type))
      .tensor(ints("z2", {}, {other_zero_point}, type));
  m.node("QuantizeLinear", {"x", "s", "z"}, {"q"}).node("DequantizeLinear", {"q", "s", "z2"}, {"y"}).output("y");
  return m;
}

/// Conv with int8 weights, a zero point for each of two channels.
Model weights(int type, const Ints& zero_points) {
  Model m;
  m.input("x", {1, 1, 2, 2}).tensor(ints("wq", {2, 1, 1, 1}, type == kU8 ? Ints{130, 126} : Ints{2, -2}, type));
  m.tensor(floats("s", {2}, {0.5f, 2})).tensor(ints("z", {2}, zero_points, type));
  m.node("DequantizeLinear", {"wq", "s", "z"}, {"w"}, {attribute("axis", 0)})
      .node("Conv", {"x", "w"}, {"y"})
      .output("y");
  return m;
}

}  // namespace

TEST_CASE("u8 activations become s8 with the zero point moved by 128") {
  const Graph g = graph_of(qdq(kU8, 130, 130));
  CHECK(ops_of(g) == "quantize dequantize");
  const Node& q = only(g, OpKind::quantize);
  CHECK(q.attributes == Attributes{{"scales", Floats{0.5}}, {"zero_points", Ints{2}}, {"type", "s8"}});
  CHECK(g.value(q.outputs[0]).type.dtype == DataType::s8);
  // 130 + 2x in 0..255: x = -70 saturates at code 0, which is -65.
  CHECK(run(qdq(kU8, 130, 130), {4}, {1, -1.3f, -70, 1000}) == std::vector<float>{1, -1.5f, -65, 62.5f});
  CHECK(only(graph_of(qdq(kS8, -3, -3)), OpKind::quantize).attributes.get_ints("zero_points") == Ints{-3});
}

TEST_CASE("without a zero point codes are u8 with zero point 0") {
  Model m;
  m.input("x", {4})
      .tensor(floats("s", {1}, {0.5f}))
      .node("QuantizeLinear", {"x", "s"}, {"q"})
      .node("DequantizeLinear", {"q", "s"}, {"y"})
      .output("y");
  CHECK(run(m, {4}, {1, -1, 0, 1000}) == std::vector<float>{1, 0, 0, 127.5f});
}

TEST_CASE("quantized values pass through moves and pools, and are plain integers elsewhere") {
  const auto between = [](const std::string& op, const std::vector<onnx::AttributeProto>& attributes) {
    Model m;
    m.input("x", {1, 1, 4, 4}).tensor(floats("s", {}, {0.5f})).tensor(ints("z", {}, {128}, kU8));
    m.node("QuantizeLinear", {"x", "s", "z"}, {"q"})
        .node(op, {"q"}, {"p"}, attributes)
        .node("DequantizeLinear", {"p", "s", "z"}, {"y"})
        .output("y");
    return m;
  };
  CHECK(ops_of(graph_of(between("MaxPool", {attribute("kernel_shape", Ints{2, 2})}))) ==
        "quantize max_pool dequantize");
  CHECK(ops_of(graph_of(between("Transpose", {}))) == "quantize transpose dequantize");
  CHECK(ops_of(graph_of(between("Abs", {}))) == "quantize to_codes abs from_codes dequantize");
  Model pad = between("Pad", {});
  pad.tensor(ints("pads", {8}, {0, 0, 1, 1, 0, 0, 1, 1}));
  pad.proto.mutable_graph()->mutable_node(1)->add_input("pads");
  // Padding is code 0, which is not real zero here.
  CHECK(run(pad, {1, 1, 4, 4}, std::vector<float>(16, 1))[0] == -64);
  Model open = between("Identity", {});
  open.output("q", kU8);
  const Graph g = graph_of(open);
  CHECK(ops_of(g) == "quantize dequantize to_codes");
  const auto codes = run(g, {Tensor::of<float>(DataType::f32, {1, 1, 4, 4}, std::vector<float>(16, 1))})[1];
  CHECK(codes.dtype() == DataType::u8);
  CHECK(codes.data<std::uint8_t>()[0] == 130);
  CHECK(g.value(g.outputs()[1]).name == "q");
}

TEST_CASE("int8 weights stay constants with parameters behind a dequantize") {
  for (const auto& [type, zero] : std::map<int, std::int64_t>{{kS8, 0}, {kU8, 128}}) {
    const Graph g = graph_of(weights(type, {zero, zero}));
    CHECK(ops_of(g) == "dequantize conv");
    const Value& w = g.input_of(g.order()[0], 0);
    REQUIRE(w.constant);
    CHECK(w.type.dtype == DataType::s8);
    CHECK(w.type.quant == QuantParams{{0.5f, 2}, {0, 0}, 0});
    CHECK(w.constant->data<std::int8_t>()[1] == -2);
  }
  CHECK(run(weights(kU8, {128, 128}), {1, 1, 2, 2}, {1, 2, 3, 4}) == std::vector<float>{1, 2, 3, 4, -4, -8, -12, -16});
  // No kernel takes weights with a zero point for each channel: they are floats from the start.
  CHECK(ops_of(graph_of(weights(kS8, {1, 0}))) == "conv");
  CHECK(run(weights(kS8, {1, 0}), {1, 1, 2, 2}, {1, 2, 3, 4}) ==
        std::vector<float>{0.5f, 1, 1.5f, 2, -4, -8, -12, -16});
}

TEST_CASE("f32 weights behind Q and DQ are quantized at import") {
  Model m;
  m.input("x", {2, 2})
      .tensor(floats("w", {2, 2}, {1, -0.6f, 0.1f, 0.2f}))
      .tensor(floats("s", {2}, {0.5f, 0.1f}))
      .tensor(ints("z", {2}, {0, 0}, kS8));
  m.node("QuantizeLinear", {"w", "s", "z"}, {"q"}, {attribute("axis", 0)})
      .node("DequantizeLinear", {"q", "s", "z"}, {"d"}, {attribute("axis", 0)});
  m.node("Gemm", {"x", "d"}, {"y"}, {attribute("transB", 1)}).output("y");
  const Graph g = graph_of(m);
  CHECK(ops_of(g) == "dequantize linear");
  CHECK(g.input_of(g.order()[0], 0).constant->data<std::int8_t>()[1] == -1);
}

TEST_CASE("Gemm transposes the codes of its weight, not their dequantized values") {
  Model m;
  m.input("x", {1, 3}).tensor(ints("wq", {3, 2}, {1, 2, 3, 4, 5, 6}, kS8)).tensor(floats("s", {2}, {1, 10}));
  m.node("DequantizeLinear", {"wq", "s"}, {"w"}, {attribute("axis", 1)}).node("Gemm", {"x", "w"}, {"y"}).output("y");
  const Graph g = graph_of(m);
  CHECK(ops_of(g) == "dequantize linear");
  const Node& linear = only(g, OpKind::linear);
  const Value& codes = g.value(g.producer(linear.inputs[1])->inputs[0]);
  CHECK(codes.type.shape == Shape{2, 3});
  CHECK(codes.type.quant->axis == 0);
  CHECK(run(m, {1, 3}, {1, 1, 1}) == std::vector<float>{9, 120});
}

TEST_CASE("an s32 bias is plain arithmetic, folded") {
  Model m;
  m.input("x", {1, 1, 2, 2})
      .tensor(noise("w", {2, 1, 1, 1}))
      .tensor(ints("bq", {2}, {100, -7}, kS32))
      .tensor(floats("s", {2}, {0.5f, 0.25f}));
  m.node("DequantizeLinear", {"bq", "s"}, {"b"}, {attribute("axis", 0)})
      .node("Conv", {"x", "w", "b"}, {"y"})
      .output("y");
  const Graph g = graph_of(m);
  CHECK(ops_of(g) == "conv");
  CHECK(g.value(only(g, OpKind::conv).inputs[2]).constant->data<float>()[1] == -1.75f);
}

TEST_CASE("codes that come in as graph inputs are quantized values") {
  Model m;
  m.input("x", {4}, kU8)
      .tensor(floats("s", {}, {2}))
      .tensor(ints("z", {}, {128}, kU8))
      .node("DequantizeLinear", {"x", "s", "z"}, {"y"})
      .output("y");
  const Graph g = graph_of(m);
  CHECK(ops_of(g) == "from_codes dequantize");
  const std::vector<std::uint8_t> codes{0, 128, 129, 255};
  const auto out = run(g, {Tensor::of<std::uint8_t>(DataType::u8, {4}, codes)});
  CHECK(out[0].data<float>()[0] == -256);
  CHECK(out[0].data<float>()[3] == 254);
}

TEST_CASE("codes may be dequantized with other parameters than they were made with") {
  CHECK(ops_of(graph_of(qdq(kU8, 130, 131))) == "quantize to_codes from_codes dequantize");
  CHECK(run(qdq(kU8, 130, 131), {4}, {1, -1.3f, -70, 1000}) == std::vector<float>{0.5f, -2, -65.5f, 62});
}

TEST_CASE("activations may have one scale per channel, and scales may be known only at run time") {
  Model channels;
  channels.input("x", {2, 2})
      .tensor(floats("s", {2}, {1, 2}))
      .node("QuantizeLinear", {"x", "s"}, {"q"})
      .node("DequantizeLinear", {"q", "s"}, {"y"})
      .output("y");
  CHECK(run(channels, {2, 2}, {3.2f, 3.2f, -1, 9}) == std::vector<float>{3, 4, 0, 8});
  Model runtime;
  runtime.input("x", {2})
      .input("s", {})
      .node("QuantizeLinear", {"x", "s"}, {"q"})
      .node("DequantizeLinear", {"q", "s"}, {"y"})
      .output("y");
  const float step = 0.5f;
  const auto out = run(graph_of(runtime), {Tensor::of<float>(DataType::f32, {2}, std::vector<float>{1.3f, 200}),
                                           Tensor::of<float>(DataType::f32, {}, std::span(&step, 1))});
  CHECK(out[0].data<float>()[0] == 1.5f);
  CHECK(out[0].data<float>()[1] == 127.5f);
}

TEST_CASE("operators on codes are the float operators between dequantize and quantize") {
  Model m;
  m.input("x", {1, 1, 2, 2}, kU8)
      .tensor(floats("xs", {}, {0.5f}))
      .tensor(ints("xz", {}, {128}, kU8))
      .tensor(ints("w", {2, 1, 1, 1}, {2, -4}, kS8))
      .tensor(floats("ws", {2}, {0.25f, 0.5f}))
      .tensor(ints("wz", {2}, {0, 0}, kS8))
      .tensor(floats("ys", {}, {0.125f}))
      .tensor(ints("yz", {}, {100}, kU8))
      .tensor(ints("b", {2}, {4, -4}, kS32));
  m.node("QLinearConv", {"x", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"}, {"y"}).output("y", kU8);
  const Graph g = graph_of(m);
  CHECK(ops_of(g) == "from_codes dequantize dequantize conv quantize to_codes");
  const std::vector<std::uint8_t> x{128, 130, 126, 255};
  const auto out = run(g, {Tensor::of<std::uint8_t>(DataType::u8, {1, 1, 2, 2}, x)});
  // Real inputs 0, 1, -1, 63.5; real weights 0.5, -2; biases 0.5, -1.
  const std::vector<int> wanted{104, 108, 100, 255, 92, 76, 108, 0};
  for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(out[0].span<std::uint8_t>()[i] == wanted[i]);
}

TEST_CASE("sums of integers stay exact beyond what a float holds") {
  // 1200 products of 255 * 127 need 26 bits.
  Model m;
  m.input("x", {1, 1200}, kU8).tensor(ints("w", {1200, 1}, Ints(1200, 127), kS8));
  m.node("MatMulInteger", {"x", "w"}, {"y"}).output("y", kS32);
  std::vector<std::uint8_t> x(1200, 255);
  x[7] = 254;
  const auto out = run(graph_of(m), {Tensor::of<std::uint8_t>(DataType::u8, {1, 1200}, x)});
  CHECK(out[0].data<std::int32_t>()[0] == 1200 * 255 * 127 - 127);
  Model conv;
  conv.input("x", {1, 1200, 1, 1}, kU8).tensor(ints("w", {1, 1200, 1, 1}, Ints(1200, 127), kS8));
  conv.node("ConvInteger", {"x", "w"}, {"y"}).output("y", kS32);
  const auto sum = run(graph_of(conv), {Tensor::of<std::uint8_t>(DataType::u8, {1, 1200, 1, 1}, x)});
  CHECK(sum[0].data<std::int32_t>()[0] == 1200 * 255 * 127 - 127);
}

TEST_CASE("quantization that is not understood is refused") {
  Model zero;
  zero.input("x", {2})
      .tensor(floats("s", {}, {0}))
      .node("QuantizeLinear", {"x", "s"}, {"q"})
      .node("DequantizeLinear", {"q", "s"}, {"y"})
      .output("y");
  CHECK(refused(zero).code == "E302");
  Model blocks(21);
  blocks.input("x", {4})
      .tensor(floats("s", {2}, {1, 1}))
      .node("QuantizeLinear", {"x", "s"}, {"q"}, {attribute("block_size", 2)})
      .output("q");
  CHECK(refused(blocks).code == "E302");
}
