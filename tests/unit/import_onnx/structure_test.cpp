// Names, order, functions, branches, inputs and versions: everything of a file that is not an operator.
#include "catch.h"
#include "model.h"

using namespace xpuq;
using namespace xpuq::onnx_test;

namespace {

onnx::FunctionProto function(const std::string& name, const Names& inputs, const Names& outputs) {
  onnx::FunctionProto f;
  f.set_domain("local");
  f.set_name(name);
  for (const auto& i : inputs) f.add_input(i);
  for (const auto& o : outputs) f.add_output(o);
  f.add_opset_import()->set_version(17);
  return f;
}

onnx::NodeProto call(const std::string& name, const Names& inputs, const Names& outputs,
                     const std::vector<onnx::AttributeProto>& attributes = {}) {
  onnx::NodeProto n = onnx_test::node(name, inputs, outputs, attributes);
  n.set_domain("local");
  return n;
}

onnx::GraphProto branch(const std::string& op, const std::string& input, const std::string& output) {
  onnx::GraphProto g;
  *g.add_node() = onnx_test::node(op, {input}, {output});
  g.add_output()->set_name(output);
  return g;
}

}  // namespace

TEST_CASE("what the file says about itself") {
  Model m(13);
  m.input("x", {2}).node("Relu", {"x"}, {"y"}).output("y");
  m.proto.set_producer_version("1.2");
  auto imported = m.import();
  REQUIRE(imported);
  CHECK(imported->format == "onnx");
  CHECK(imported->version == "opset 13");
  CHECK(imported->producer == "test 1.2");
  CHECK(imported->notes.empty());
}

TEST_CASE("nodes may come in any order; a sorted file keeps its own") {
  Model m;
  m.input("x", {2}).node("Exp", {"b"}, {"y"}).node("Abs", {"x"}, {"a"}).node("Relu", {"a"}, {"b"}).output("y");
  CHECK(ops_of(graph_of(m)) == "abs relu exp");
  Model two;
  two.input("x", {2}).node("Relu", {"x"}, {"b"}).node("Abs", {"x"}, {"a"}).node("Add", {"a", "b"}, {"y"}).output("y");
  CHECK(ops_of(graph_of(two)) == "relu abs add");
}

TEST_CASE("nodes that feed no output are left out and noted, even unsupported ones") {
  Model m;
  m.input("x", {2}).node("Relu", {"x"}, {"y"}).node("NonZero", {"x"}, {"z"}).output("y");
  auto imported = m.import();
  REQUIRE(imported);
  CHECK(imported->notes == std::vector<std::string>{"1 node feeds no output, left out"});
}

TEST_CASE("initializers listed as inputs are constants") {
  Model m;
  m.input("x", {2}).input("w", {2}).tensor(noise("w", {2})).node("Mul", {"x", "w"}, {"y"}).output("y");
  const Graph g = graph_of(m);
  CHECK(g.inputs().size() == 1);
  CHECK(g.find("w") != ValueId::none);
  CHECK(g.value(g.find("w")).is_constant());
}

TEST_CASE("Identity emits nothing, Dropout stays for the quantizer, and outputs keep their names") {
  Model m;
  m.input("x", {2}).node("Relu", {"x"}, {"a"}).node("Identity", {"a"}, {"b"}).node("Dropout", {"b"}, {"c"}).node("Identity", {"c"}, {"y"}).output("y");
  const Graph g = graph_of(m);
  CHECK(ops_of(g) == "relu dropout");
  CHECK(g.value(g.outputs()[0]).name == "y");
  Model shared;  // both are outputs: each name stays where it is
  shared.input("x", {2}).node("Relu", {"x"}, {"a"}).node("Identity", {"a"}, {"b"}).output("a").output("b");
  const Graph s = graph_of(shared);
  CHECK(s.outputs()[0] == s.outputs()[1]);
  CHECK(s.value(s.outputs()[0]).name == "a");
  Model training(17);
  training.input("x", {2})
      .tensor(floats("r", {}, {0.5f}))
      .tensor(ints("t", {}, {1}, onnx::TensorProto::BOOL))
      .node("Dropout", {"x", "r", "t"}, {"y"})
      .output("y");
  CHECK(refused(training).remedy == "export the model after model.eval()");
}

TEST_CASE("origins are node names, or the first output where there is none") {
  Model m;
  m.input("x", {2}).node("Relu", {"x"}, {"y"}).output("y");
  m.proto.mutable_graph()->mutable_node(0)->clear_name();
  const Graph g = graph_of(m);
  CHECK(only(g, OpKind::relu).origin == std::vector<std::string>{"y"});
}

TEST_CASE("symbolic dimensions are settled by options or named in the error") {
  Model m;
  m.input("x", {-1, 3, -1}).node("Relu", {"x"}, {"y"}).output("y");
  const Error e = refused(m);
  CHECK(e.code == "E205");
  CHECK_THAT(e.text(), ContainsSubstring("'d0'") && ContainsSubstring("'d2'") && ContainsSubstring("--shape x:1x3xN"));
  ImportOptions options;
  options.batch = 4;
  CHECK(refused(m, options).code == "E205");
  options.shapes["x"] = {2, 3, 7};
  options.batch.reset();
  auto imported = m.import(options);
  REQUIRE(imported);
  CHECK(imported->graph.value(imported->graph.outputs()[0]).type.shape == Shape{2, 3, 7});
  options.shapes["x"] = {2, 4, 7};
  CHECK(refused(m, options).code == "E205");
  options.shapes = {{"typo", {1}}};
  CHECK(refused(m, options).what == "has no input 'typo'");
}

TEST_CASE("an input without a shape needs --shape; -1 means any size") {
  Model m;
  m.input("x", {}).node("Relu", {"x"}, {"y"}).output("y");
  auto* type = m.proto.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type();
  type->clear_shape();
  CHECK(refused(m).code == "E205");
  ImportOptions options;
  options.shapes[""] = {2, 2};
  CHECK(m.import(options).ok());
  type->mutable_shape()->add_dim()->set_dim_value(-1);
  type->mutable_shape()->add_dim()->set_dim_value(2);
  CHECK(refused(m).code == "E205");
  CHECK(m.import(options).ok());
}

TEST_CASE("If with a condition that follows from shapes is its branch") {
  const auto model = [](std::int64_t dim) {
    Model m;
    m.input("x", {2, dim}).tensor(ints("one", {}, {1})).tensor(ints("index", {}, {1}));
    m.node("Shape", {"x"}, {"s"})
        .node("Gather", {"s", "index"}, {"d"})
        .node("Equal", {"d", "one"}, {"c"})
        .node("Abs", {"x"}, {"a"});
    m.node("If", {"c"}, {"y"},
           {attribute("then_branch", branch("Squeeze", "a", "t")), attribute("else_branch", branch("Relu", "a", "e"))})
        .output("y");
    return m;
  };
  CHECK(ops_of(graph_of(model(1))) == "abs reshape");
  CHECK(ops_of(graph_of(model(5))) == "abs relu");
  Model runtime;
  runtime.input("x", {2}).input("c", {}, onnx::TensorProto::BOOL);
  runtime
      .node("If", {"c"}, {"y"},
            {attribute("then_branch", branch("Abs", "x", "t")), attribute("else_branch", branch("Relu", "x", "e"))})
      .output("y");
  CHECK(refused(runtime).code == "E301");
}

TEST_CASE("local functions are inlined with their attributes, defaults of the call and inner calls") {
  Model m;
  m.input("x", {4});
  *m.proto.mutable_graph()->add_node() = call("Outer", {"x"}, {"y"}, {attribute("slope", 0.5f)});
  *m.proto.mutable_graph()->add_node() = call("Outer", {"y"}, {"z"});
  m.output("z");
  auto outer = function("Outer", {"a"}, {"r"});
  outer.add_attribute("slope");
  *outer.add_node() = call("Inner", {"a"}, {"t"});
  auto* leaky = outer.add_node();
  *leaky = onnx_test::node("LeakyRelu", {"t"}, {"r"}, {attribute("alpha", 0.0f)});
  leaky->mutable_attribute(0)->clear_f();
  leaky->mutable_attribute(0)->set_ref_attr_name("slope");
  auto inner = function("Inner", {"a"}, {"r"});
  *inner.add_node() = onnx_test::node("Neg", {"a"}, {"r"});
  *m.proto.add_functions() = outer;
  *m.proto.add_functions() = inner;
  const Graph g = graph_of(m);
  CHECK(ops_of(g) == "neg leaky_relu neg leaky_relu");
  CHECK(g.node(g.order()[1]).attributes.get_float("alpha", 0) == 0.5);
  CHECK(g.node(g.order()[3]).attributes.get_float("alpha", 0) == double{0.01f});
  CHECK(run(m, {4}, {2, -2, 0, 4}) == std::vector<float>{1, -0.02f, 0, 2});
}

TEST_CASE("functions that call themselves or hand an input through") {
  Model loop;
  loop.input("x", {4});
  *loop.proto.mutable_graph()->add_node() = call("F", {"x"}, {"y"});
  loop.output("y");
  auto f = function("F", {"a"}, {"r"});
  *f.add_node() = call("F", {"a"}, {"r"});
  *loop.proto.add_functions() = f;
  CHECK(refused(loop).code == "E306");

  Model doubling;  // each calls the one below twice: 2^40 nodes if nobody counted
  doubling.input("x", {4});
  *doubling.proto.mutable_graph()->add_node() = call("F40", {"x"}, {"y"});
  doubling.output("y");
  for (int i = 0; i <= 40; ++i) {
    auto level = function("F" + std::to_string(i), {"a"}, {"r"});
    const std::string below = "F" + std::to_string(i - 1);
    *level.add_node() = i == 0 ? onnx_test::node("Neg", {"a"}, {"m"}) : call(below, {"a"}, {"m"});
    *level.add_node() = i == 0 ? onnx_test::node("Neg", {"m"}, {"r"}) : call(below, {"m"}, {"r"});
    *doubling.proto.add_functions() = level;
  }
  CHECK(refused(doubling).what == "functions unfold to too many nodes");

  Model through;
  through.input("x", {4});
  *through.proto.mutable_graph()->add_node() = call("F", {"x"}, {"y", "z"});
  through.node("Add", {"y", "z"}, {"s"}).output("s");
  auto id = function("F", {"a"}, {"a", "r"});
  *id.add_node() = onnx_test::node("Neg", {"a"}, {"r"});
  *through.proto.add_functions() = id;
  CHECK(run(through, {4}, {1, 2, 3, 4}) == std::vector<float>{0, 0, 0, 0});
}

TEST_CASE("files are told by content") {
  Model m;
  m.input("x", {2}).node("Relu", {"x"}, {"y"}).output("y");
  const std::string bytes = m.bytes();
  const auto looks = [](std::string_view s) {
    return looks_like_onnx(std::as_bytes(std::span<const char>(s.data(), s.size())));
  };
  CHECK(looks(bytes));
  CHECK(looks(std::string_view(bytes).substr(0, bytes.size() / 2)));
  CHECK_FALSE(looks(""));
  CHECK_FALSE(looks("PK\x03\x04 and so on"));
  CHECK_FALSE(looks("{\"schema\": \"xpuq.calibration/1\"}"));
  CHECK_FALSE(looks("some text\n"));
  CHECK_FALSE(
      looks(std::string_view("\x7f"
                             "ELF\x02\x01\x01\0\0\0",
                             10)));
  CHECK_FALSE(looks(std::string_view("\x89PNG\r\n\x1a\n", 8)));
}
