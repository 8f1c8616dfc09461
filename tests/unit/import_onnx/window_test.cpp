// Pools, reductions, softmax and normalizations.
#include "catch.h"
#include "model.h"

using namespace xpuq;
using namespace xpuq::onnx_test;

namespace {

Model one(const std::string& op, const Ints& dims, const std::vector<onnx::AttributeProto>& attributes = {},
          int opset = 17) {
  Model m(opset);
  m.input("x", dims).node(op, {"x"}, {"y"}, attributes).output("y");
  return m;
}

}  // namespace

TEST_CASE("MaxPool: ceil_mode drops a window that would start in the padding") {
  const auto pool = [](int ceil_mode) {
    return output_shape(graph_of(one("MaxPool", {1, 1, 5, 5},
                                     {attribute("kernel_shape", Ints{2, 2}), attribute("strides", Ints{2, 2}),
                                      attribute("pads", Ints{1, 1, 1, 1}), attribute("ceil_mode", ceil_mode)})));
  };
  CHECK(pool(0) == Shape{1, 1, 3, 3});
  CHECK(pool(1) == Shape{1, 1, 3, 3});  // the formula alone would say 4
  CHECK(output_shape(graph_of(one("MaxPool", {1, 1, 6, 6},
                                  {attribute("kernel_shape", Ints{3, 3}), attribute("strides", Ints{2, 2}),
                                   attribute("ceil_mode", 1)}))) == Shape{1, 1, 3, 3});
  Model indices;
  indices.input("x", {1, 1, 4, 4})
      .node("MaxPool", {"x"}, {"y", "i"}, {attribute("kernel_shape", Ints{2, 2})})
      .output("i");
  CHECK(refused(indices).code == "E302");
}

TEST_CASE("AveragePool leaves padding out by default") {
  const std::vector<onnx::AttributeProto> same{attribute("kernel_shape", Ints{3}), attribute("auto_pad", "SAME_UPPER")};
  CHECK(only(graph_of(one("AveragePool", {1, 1, 4}, same)), OpKind::avg_pool)
            .attributes.get_int("count_include_pad", 1) == 0);
  CHECK(run(one("AveragePool", {1, 1, 4}, same), {1, 1, 4}, {2, 4, 6, 8}) == std::vector<float>{3, 4, 6, 7});
  std::vector<onnx::AttributeProto> torch = same;
  torch.push_back(attribute("count_include_pad", 1));
  CHECK(run(one("AveragePool", {1, 1, 4}, torch), {1, 1, 4}, {2, 4, 6, 8})[0] == 2);
  CHECK(
      refused(one("AveragePool", {1, 1, 4}, {attribute("kernel_shape", Ints{2}), attribute("dilations", Ints{2})}, 19))
          .code == "E302");
  CHECK(refused(one("AveragePool", {1, 1, 4})).what == "AveragePool: attribute 'kernel_shape' is missing");
}

TEST_CASE("which means are an adaptive pool (Note A)") {
  CHECK(ops_of(graph_of(one("GlobalAveragePool", {1, 2, 4, 4}))) == "adaptive_avg_pool");
  const auto mean = [](const Ints& axes, int keep) {
    return ops_of(
        graph_of(one("ReduceMean", {1, 2, 4, 4}, {attribute("axes", axes), attribute("keepdims", keep)}, 13)));
  };
  CHECK(mean({-1, -2}, 1) == "adaptive_avg_pool");
  CHECK(mean({-1, -2}, 0) == "reduce_mean");
  CHECK(mean({2, 3}, 1) == "reduce_mean");
  CHECK(mean({-2, -1}, 1) == "reduce_mean");
}

TEST_CASE("reductions: axes as attribute or input, none meaning all or nothing") {
  Model m(18);
  m.input("x", {2, 3, 4})
      .tensor(ints("axes", {2}, {-1, 0}))
      .node("ReduceMax", {"x", "axes"}, {"y"}, {attribute("keepdims", 0)})
      .output("y");
  CHECK(only(graph_of(m), OpKind::reduce_max).attributes.get_ints("axes") == Ints{0, 2});
  CHECK(output_shape(graph_of(m)) == Shape{3});
  CHECK(output_shape(graph_of(one("ReduceSum", {2, 3}))) == Shape{1, 1});
  Model noop(13);
  noop.input("x", {2, 3}).node("ReduceSum", {"x"}, {"y"}, {attribute("noop_with_empty_axes", 1)}).output("y");
  CHECK(graph_of(noop).order().empty());
  CHECK(refused(one("ReduceSum", {2, 3}, {attribute("axes", Ints{0, -2})}, 11)).what ==
        "ReduceSum: an axis is named twice");
  CHECK(run(one("ReduceL2", {1, 4}, {attribute("axes", Ints{1})}), {1, 4}, {1, 2, 4, 2}) == std::vector<float>{5});
  CHECK(run(one("ReduceSumSquare", {1, 4}, {attribute("axes", Ints{1})}), {1, 4}, {1, 2, 4, 2}) ==
        std::vector<float>{25});
  CHECK(run(one("ReduceLogSumExp", {1, 2}, {attribute("axes", Ints{1}), attribute("keepdims", 0)}), {1, 2},
            {1000, 1000})[0] == Approx(1000.6931));
}

TEST_CASE("ArgMax, and ArgMin of the negated input") {
  CHECK(output_shape(graph_of(one("ArgMax", {2, 5}, {attribute("axis", -1), attribute("keepdims", 0)}))) == Shape{2});
  CHECK(ops_of(graph_of(one("ArgMin", {2, 5}, {attribute("axis", 1)}))) == "neg argmax");
  const auto last = [](const std::vector<float>& row) {
    const auto out = run(graph_of(one("ArgMax", {1, 4}, {attribute("axis", 1), attribute("select_last_index", 1)})),
                         {Tensor::of<float>(DataType::f32, {1, 4}, row)});
    return out[0].data<std::int64_t>()[0];
  };
  CHECK(last({1, 5, 5, 2}) == 2);
}

TEST_CASE("Softmax flattens before opset 13, where that matters") {
  const Graph modern = graph_of(one("Softmax", {2, 3, 4}));
  CHECK(only(modern, OpKind::softmax).attributes.get_int("axis", 0) == 2);
  CHECK(ops_of(graph_of(one("Softmax", {2, 3, 4}, {}, 12))) == "reshape softmax reshape");
  CHECK(ops_of(graph_of(one("Softmax", {2, 3, 4}, {attribute("axis", 2)}, 12))) == "softmax");
  CHECK(ops_of(graph_of(one("Softmax", {2, 3, 1, 1}, {}, 12))) == "softmax");
  CHECK(ops_of(graph_of(one("LogSoftmax", {2, 3}, {}, 12))) == "log_softmax");
  const auto rows = run(one("Softmax", {1, 2, 2}, {}, 11), {1, 2, 2}, {0, 0, 0, 0});
  CHECK(rows == std::vector<float>{0.25f, 0.25f, 0.25f, 0.25f});
}

TEST_CASE("normalizations in their canonical forms") {
  Model bn;
  bn.input("x", {1, 2, 3, 3});
  for (const char* p : {"g", "b", "m", "v"}) bn.tensor(floats(p, {2}, {1, 2}));
  bn.node("BatchNormalization", {"x", "g", "b", "m", "v"}, {"y"}, {attribute("epsilon", 1e-3f)}).output("y");
  CHECK(only(graph_of(bn), OpKind::batchnorm).attributes.get_float("eps", 0) == double{1e-3f});
  Model training = bn;
  *training.proto.mutable_graph()->mutable_node(0)->add_attribute() = attribute("training_mode", 1);
  CHECK(refused(training).remedy == "export the model after model.eval()");

  Model instance;
  instance.input("x", {1, 6, 4})
      .tensor(noise("g", {6}))
      .tensor(noise("b", {6}))
      .node("InstanceNormalization", {"x", "g", "b"}, {"y"})
      .output("y");
  CHECK(only(graph_of(instance), OpKind::group_norm).attributes.get_int("groups", 0) == 6);

  for (const int opset : {18, 21}) {
    Model group(opset);
    const std::int64_t parameters = opset == 18 ? 3 : 6;
    group.input("x", {1, 6, 4}).tensor(noise("g", {parameters})).tensor(noise("b", {parameters}));
    group.node("GroupNormalization", {"x", "g", "b"}, {"y"}, {attribute("num_groups", 3)}).output("y");
    const Graph g = graph_of(group);
    CHECK(only(g, OpKind::group_norm).attributes.get_int("groups", 0) == 3);
    CHECK(g.value(only(g, OpKind::group_norm).inputs[1]).type.shape == Shape{6});
  }
  Model layer;
  layer.input("x", {2, 5, 8})
      .tensor(noise("g", {8}))
      .tensor(noise("b", {1, 1, 8}))
      .node("LayerNormalization", {"x", "g", "b"}, {"y"})
      .output("y");
  CHECK(only(graph_of(layer), OpKind::layer_norm).attributes.get_int("axis", 0) == 2);
  CHECK(ops_of(graph_of(one("LRN", {1, 4, 2, 2}, {attribute("size", 3)}))) ==
        "mul reshape avg_pool reshape mul add pow div");
}
