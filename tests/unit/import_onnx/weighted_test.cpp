// Conv, ConvTranspose, Gemm and MatMul: automatic padding, transposed and scaled constants, the forms of a bias.
#include "catch.h"
#include "model.h"

using namespace xpuq;
using namespace xpuq::onnx_test;

namespace {

Model conv_model(const std::vector<onnx::AttributeProto>& attributes, const Ints& src = {1, 2, 7, 8},
                 const Ints& wei = {4, 2, 3, 4}) {
  Model m;
  m.input("x", src).tensor(noise("w", wei)).node("Conv", {"x", "w"}, {"y"}, attributes).output("y");
  return m;
}

}  // namespace

TEST_CASE("Conv keeps explicit and asymmetric pads") {
  const Graph g = graph_of(conv_model({attribute("pads", Ints{0, 1, 2, 3}), attribute("strides", Ints{1, 2})}));
  const Node& n = only(g, OpKind::conv);
  CHECK(n.inputs.size() == 2);
  CHECK(n.attributes.get_ints("pads_begin") == Ints{0, 1});
  CHECK(n.attributes.get_ints("pads_end") == Ints{2, 3});
  CHECK(n.attributes.get_ints("strides") == Ints{1, 2});
  CHECK(n.attributes.get_ints("dilations") == Ints{1, 1});
  CHECK(n.attributes.get_int("groups", 0) == 1);
  CHECK(n.origin == std::vector<std::string>{"y_node"});
  CHECK(g.value(n.outputs[0]).name == "y");
  CHECK(output_shape(g) == Shape{1, 4, 7, 5});
}

TEST_CASE("Conv works out auto_pad, the odd element at the end or at the begin") {
  const Graph upper = graph_of(conv_model({attribute("auto_pad", "SAME_UPPER"), attribute("strides", Ints{2, 1})}));
  CHECK(only(upper, OpKind::conv).attributes.get_ints("pads_begin") == Ints{1, 1});
  CHECK(only(upper, OpKind::conv).attributes.get_ints("pads_end") == Ints{1, 2});
  CHECK(output_shape(upper) == Shape{1, 4, 4, 8});
  const Graph lower = graph_of(conv_model({attribute("auto_pad", "SAME_LOWER")}));
  CHECK(only(lower, OpKind::conv).attributes.get_ints("pads_begin") == Ints{1, 2});
  CHECK(only(lower, OpKind::conv).attributes.get_ints("pads_end") == Ints{1, 1});
  const Graph valid = graph_of(conv_model({attribute("auto_pad", "VALID"), attribute("dilations", Ints{2, 1})}));
  CHECK(output_shape(valid) == Shape{1, 4, 3, 5});
}

TEST_CASE("Conv in one and three dimensions, grouped, with bias") {
  CHECK(output_shape(graph_of(conv_model({}, {2, 2, 9}, {4, 2, 3}))) == Shape{2, 4, 7});
  CHECK(output_shape(graph_of(conv_model({}, {1, 2, 4, 5, 6}, {4, 2, 1, 2, 3}))) == Shape{1, 4, 4, 4, 4});
  Model m;
  m.input("x", {1, 4, 5, 5}).tensor(noise("w", {4, 1, 3, 3})).tensor(noise("b", {4}));
  m.node("Conv", {"x", "w", "b"}, {"y"}, {attribute("group", 4), attribute("kernel_shape", Ints{3, 3})}).output("y");
  CHECK(only(graph_of(m), OpKind::conv).inputs.size() == 3);
}

TEST_CASE("Conv refuses what contradicts itself") {
  CHECK(refused(conv_model({attribute("kernel_shape", Ints{3, 3})})).what ==
        "Conv: kernel_shape does not fit the weights");
  CHECK(refused(conv_model({attribute("pads", Ints{1, 1, 1, 1}), attribute("auto_pad", "SAME_UPPER")})).code == "E302");
  CHECK(refused(conv_model({attribute("auto_pad", "SAME")})).got == "SAME");
  CHECK(refused(conv_model({attribute("strides", Ints{0, 1})})).code == "E302");
  CHECK(refused(conv_model({attribute("pads", Ints{-1, 0, 0, 0})})).code == "E302");
  CHECK(refused(conv_model({attribute("strides", Ints{1})})).expected == "2 integers");
  CHECK(refused(conv_model({}, {1, 3, 7, 8})).node == "y_node");
}

TEST_CASE("ConvTranspose: output_padding, output_shape and auto_pad") {
  const auto shape = [](const std::vector<onnx::AttributeProto>& attributes) {
    Model m;
    m.input("x", {1, 2, 3, 3})
        .tensor(noise("w", {2, 1, 3, 3}))
        .node("ConvTranspose", {"x", "w"}, {"y"}, attributes)
        .output("y");
    return graph_of(m);
  };
  const Graph plain = shape({attribute("strides", Ints{3, 2}), attribute("output_padding", Ints{1, 1})});
  CHECK(output_shape(plain) == Shape{1, 1, 10, 8});
  const Graph sized = shape({attribute("strides", Ints{3, 2}), attribute("output_shape", Ints{8, 6})});
  CHECK(output_shape(sized) == Shape{1, 1, 8, 6});
  CHECK(only(sized, OpKind::conv_transpose).attributes.get_ints("pads_begin") ==
        Ints{1, 1});  // not SAME_UPPER: odd one in front
  CHECK(only(sized, OpKind::conv_transpose).attributes.get_ints("pads_end") == Ints{0, 0});
  const Graph larger = shape({attribute("strides", Ints{3, 2}), attribute("output_shape", Ints{10, 8})});
  CHECK(only(larger, OpKind::conv_transpose).attributes.get_ints("output_padding") == Ints{1, 1});
  CHECK(output_shape(larger) == Shape{1, 1, 10, 8});
  const Graph same = shape({attribute("strides", Ints{2, 2}), attribute("auto_pad", "SAME_UPPER")});
  CHECK(output_shape(same) == Shape{1, 1, 6, 6});
  CHECK(only(same, OpKind::conv_transpose).attributes.get_ints("pads_end") == Ints{1, 1});
}

TEST_CASE("Gemm becomes linear with constants transposed and scaled") {
  Model m;
  m.input("x", {2, 3}).tensor(floats("w", {3, 2}, {1, 2, 3, 4, 5, 6})).tensor(floats("c", {1}, {10}));
  m.node("Gemm", {"x", "w", "c"}, {"y"}, {attribute("alpha", 2.0f), attribute("beta", 0.5f)}).output("y");
  const Graph g = graph_of(m);
  CHECK(ops_of(g) == "linear");
  const Node& n = only(g, OpKind::linear);
  const Tensor& w = *g.value(n.inputs[1]).constant;
  CHECK(w.shape() == Shape{2, 3});
  CHECK(std::vector<float>(w.span<float>().begin(), w.span<float>().end()) == std::vector<float>{2, 6, 10, 4, 8, 12});
  CHECK(g.value(n.inputs[2]).constant->span<float>()[1] == 5);
  CHECK(run(m, {2, 3}, {1, 0, 0, 0, 1, 0}) == std::vector<float>{7, 9, 11, 13});
}

TEST_CASE("Gemm with transB keeps its weight; a matrix C is added") {
  Model m;
  m.input("x", {2, 3}).tensor(noise("w", {4, 3})).tensor(noise("b", {4}));
  m.node("Gemm", {"x", "w", "b"}, {"y"}, {attribute("transB", 1)}).output("y");
  const Graph g = graph_of(m);
  CHECK(ops_of(g) == "linear");
  CHECK(g.input_of(g.order().back(), 1).name == "w");
  Model matrix;
  matrix.input("x", {2, 3}).tensor(noise("w", {4, 3})).tensor(noise("c", {2, 4}));
  matrix.node("Gemm", {"x", "w", "c"}, {"y"}, {attribute("transB", 1)}).output("y");
  CHECK(ops_of(graph_of(matrix)) == "linear add");
  Model runtime;  // a bias that is computed is fine as a vector, and an addend otherwise
  runtime.input("x", {2, 3}).input("b", {1, 4}).tensor(noise("w", {4, 3}));
  runtime.node("Gemm", {"x", "w", "b"}, {"y"}, {attribute("transB", 1)}).output("y");
  CHECK(ops_of(graph_of(runtime)) == "linear add");
  Model transposed;
  transposed.input("x", {3, 2}).tensor(noise("w", {4, 3}));
  transposed.node("Gemm", {"x", "w"}, {"y"}, {attribute("transA", 1), attribute("transB", 1)}).output("y");
  CHECK(ops_of(graph_of(transposed)) == "transpose linear");
}

TEST_CASE("MatMul stays matmul, vectors become matrices") {
  Model m;
  m.input("x", {2, 5, 3}).tensor(noise("w", {3, 4})).tensor(noise("b", {4}));
  m.node("MatMul", {"x", "w"}, {"p"}).node("Add", {"p", "b"}, {"y"}).output("y");
  CHECK(ops_of(graph_of(m)) == "matmul add");
  Model v;
  v.input("x", {3}).tensor(noise("w", {2, 3, 4})).node("MatMul", {"x", "w"}, {"y"}).output("y");
  CHECK(output_shape(graph_of(v)) == Shape{2, 4});
  Model both;
  both.input("x", {3}).tensor(floats("w", {3}, {1, 2, 3})).node("MatMul", {"x", "w"}, {"y"}).output("y");
  CHECK(output_shape(graph_of(both)).empty());
  CHECK(run(both, {3}, {1, 10, 100}) == std::vector<float>{321});
}
