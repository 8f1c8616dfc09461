// Traps of exported programs, on archives made in code.
#include "archive_builder.h"
#include "run_graph.h"

namespace xpuq::test {
namespace {

ImportedModel imported(const ProgramBuilder& p, const ImportOptions& options = {}) {
  auto model = import_bytes(p.archive(), options);
  INFO((model.ok() ? std::string() : model.error().text()));
  REQUIRE(model.ok());
  return std::move(*model);
}

Error refused(const ProgramBuilder& p, const ImportOptions& options = {}) {
  auto model = import_bytes(p.archive(), options);
  REQUIRE(!model.ok());
  return model.error();
}

std::vector<float> run(const ImportedModel& m, const std::vector<float>& x) {
  const Shape& shape = m.graph.value(m.graph.inputs()[0]).type.shape;
  const auto out = outputs_of(m.graph, {Tensor::of<float>(DataType::f32, shape, x)});
  return {out[0].span<float>().begin(), out[0].span<float>().end()};
}

std::vector<std::string> origins(const Graph& g) {
  std::vector<std::string> out;
  for (NodeId n : g.order()) out.push_back(g.node(n).origin.at(0));
  return out;
}

std::vector<OpKind> kinds(const Graph& g) {
  std::vector<OpKind> out;
  for (NodeId n : g.order()) out.push_back(g.node(n).op);
  return out;
}

}  // namespace

TEST_CASE("names: inputs, fx nodes and full parameter names", "[pt2]") {
  ProgramBuilder p;
  p.parameter("p_l_weight", "l.weight", {2, 3}, {1, 0, 0, 0, 1, 0}).input("x", {1, 3});
  p.node("linear", "aten.linear.default", {{"input", tensor_arg("x")}, {"weight", tensor_arg("p_l_weight")}},
         "k,,M;k_l,l,Linear");
  p.node("add", "aten.add.Tensor", {{"self", tensor_arg("linear")}, {"other", float_arg(0.5)}}, "k,,M");
  p.output("add");
  const ImportedModel m = imported(p);
  CHECK(m.format == "pt2");
  CHECK(m.version == "schema 8.20");
  CHECK(m.graph.find("x") == m.graph.inputs()[0]);
  CHECK(m.graph.find("l.weight") != ValueId::none);
  CHECK(m.graph.find("add") == m.graph.outputs()[0]);
  CHECK(origins(m.graph) == std::vector<std::string>{"l", "add"});
  CHECK(run(m, {1, 2, 3}) == std::vector<float>{1.5f, 2.5f});
}

TEST_CASE("origins: module path, and path with the fx name where a module does several things", "[pt2]") {
  ProgramBuilder p;
  p.input("x", {1, 4});
  const std::string block = "k,,M;k_b,block,Block";
  p.node("relu", "aten.relu.default", {{"self", tensor_arg("x")}}, block + ";k_b_r,block.act,ReLU");
  p.node("view", "aten.view.default", {{"self", tensor_arg("relu")}, {"size", ints_arg({2, 2})}},
         block + ";k_b_r,block.act,ReLU");
  p.node("add", "aten.add.Tensor", {{"self", tensor_arg("view")}, {"other", tensor_arg("view")}}, block);
  p.node("relu_1", "aten.relu.default", {{"self", tensor_arg("add")}}, block + ";k_b_r@1,block.act,ReLU");
  p.node("sig", "aten.sigmoid.default", {{"self", tensor_arg("relu_1")}}, "k,,M;k_o,out,Out");
  p.node("tanh", "aten.tanh.default", {{"self", tensor_arg("sig")}}, "k,,M;k_o,out,Out");
  p.output("tanh");
  CHECK(origins(imported(p).graph) ==
        std::vector<std::string>{"block.act", "block.act/view", "block/add", "block.act", "out/sig", "out/tanh"});
}

TEST_CASE("in-place operators change every alias of their target", "[pt2]") {
  ProgramBuilder p;
  p.input("x", {1, 4});
  p.node("y", "aten.add.Tensor", {{"self", tensor_arg("x")}, {"other", int_arg(0)}});
  p.node("same", "aten.detach.default", {{"self", tensor_arg("y")}});
  p.node("copy", "aten.clone.default", {{"self", tensor_arg("y")}});
  p.node("view", "aten.view.default", {{"self", tensor_arg("y")}, {"size", ints_arg({2, 2})}});
  p.node("relu_", "aten.relu_.default", {{"self", tensor_arg("y")}});
  p.node("flat", "aten.view.default", {{"self", tensor_arg("view")}, {"size", ints_arg({1, 4})}});
  p.node("a", "aten.add.Tensor", {{"self", tensor_arg("flat")}, {"other", tensor_arg("same")}});
  p.node("b", "aten.add.Tensor", {{"self", tensor_arg("a")}, {"other", tensor_arg("y")}});
  p.node("c", "aten.add.Tensor", {{"self", tensor_arg("b")}, {"other", tensor_arg("copy")}});
  p.output("c");
  // three times relu(x), once x itself
  CHECK(run(imported(p), {-1, 2, -3, 4}) == std::vector<float>{-1, 8, -3, 16});
}

TEST_CASE("a write through a view reaches the tensor that it views", "[pt2]") {
  ProgramBuilder p;
  p.input("x", {2, 2});
  p.node("y", "aten.add.Tensor", {{"self", tensor_arg("x")}, {"other", int_arg(1)}});
  p.node("select", "aten.select.int", {{"self", tensor_arg("y")}, {"dim", int_arg(0)}, {"index", int_arg(0)}});
  p.node("zero_", "aten.zero_.default", {{"self", tensor_arg("select")}});
  p.node("out", "aten.relu.default", {{"self", tensor_arg("y")}});
  p.output("out");
  CHECK(run(imported(p), {1, 2, 3, 4}) == std::vector<float>{0, 0, 4, 5});
}

TEST_CASE("updates of buffers that nobody reads are dropped", "[pt2]") {
  ProgramBuilder p;
  p.stored("b_count", "bn.num_batches_tracked", 5, {}, {}, 0, "no_such_file").input("x", {2});
  p.node("add_", "aten.add_.Tensor", {{"self", tensor_arg("b_count")}, {"other", int_arg(1)}});
  p.node("relu", "aten.relu.default", {{"self", tensor_arg("x")}});
  p.output("relu");
  CHECK(imported(p).graph.order().size() == 1);

  ProgramBuilder q;  // the functional form
  q.stored("b_count", "bn.num_batches_tracked", 5, {}, {}, 0, "no_such_file").input("x", {2});
  q.node("add", "aten.add.Tensor", {{"self", tensor_arg("b_count")}, {"other", int_arg(1)}});
  q.node("relu", "aten.relu.default", {{"self", tensor_arg("x")}});
  q.document["graph_module"]["signature"]["output_specs"].push_back(
      {{"buffer_mutation", {{"arg", {{"name", "add"}}}, {"buffer_name", "bn.num_batches_tracked"}}}});
  q.output("relu");
  const ImportedModel m = imported(q);
  CHECK(m.graph.order().size() == 1);
  CHECK_THAT(m.notes.at(0), ContainsSubstring("updates of buffers"));
}

TEST_CASE("all unsupported operators are told at once, dead ones not at all", "[pt2]") {
  ProgramBuilder p;
  p.input("x", {2});
  p.node("dead", "aten.fft_rfft.default", {{"self", tensor_arg("x")}});
  p.node("e1", "aten.erfinv.default", {{"self", tensor_arg("x")}});
  p.node("e2", "aten.erfinv.default", {{"self", tensor_arg("e1")}}, "k,,M;k_h,head,Head");
  p.node("lg", "aten.lgamma.default", {{"self", tensor_arg("e2")}});
  p.output("lg");
  const Error e = refused(p);
  CHECK(e.code == "E301");
  CHECK_THAT(e.text(), ContainsSubstring("aten.erfinv.default (2): 'e1', 'head'") &&
                           ContainsSubstring("aten.lgamma.default (1)") && !ContainsSubstring("fft") &&
                           ContainsSubstring("3 such nodes out of 4"));
}

TEST_CASE("addmm with a transposed weight is linear with the weight itself", "[pt2]") {
  ProgramBuilder p;
  p.parameter("w", "w", {2, 3}, {1, 2, 3, 4, 5, 6}).parameter("b", "b", {2}, {10, 20}).input("x", {1, 3});
  p.node("permute", "aten.permute.default", {{"self", tensor_arg("w")}, {"dims", ints_arg({1, 0})}});
  p.node("addmm", "aten.addmm.default",
         {{"self", tensor_arg("b")}, {"mat1", tensor_arg("x")}, {"mat2", tensor_arg("permute")}});
  p.output("addmm");
  const ImportedModel m = imported(p);
  REQUIRE(kinds(m.graph) == std::vector<OpKind>{OpKind::linear});
  CHECK(m.graph.input_of(m.graph.order()[0], 1).name == "w");
  CHECK(run(m, {1, 1, 1}) == std::vector<float>{16, 35});
}

TEST_CASE("the last operation of a node has its name, the parts of a split have theirs", "[pt2]") {
  ProgramBuilder p;
  p.input("x", {2, 4});
  p.node("rsqrt", "aten.rsqrt.default", {{"self", tensor_arg("x")}});
  p.node("pick", "aten.select.int", {{"self", tensor_arg("rsqrt")}, {"dim", int_arg(0)}, {"index", int_arg(1)}});
  p.list_node({"low", "high"}, "aten.chunk.default", {{"self", tensor_arg("pick")}, {"chunks", int_arg(2)}});
  p.output("high").output("low");
  const ImportedModel m = imported(p);
  const Graph& g = m.graph;
  std::vector<std::string> names;
  for (NodeId n : g.order()) names.push_back(g.output_of(n).name);
  CHECK(names == std::vector<std::string>{"rsqrt/sqrt", "rsqrt", "pick/slice", "pick", "low", "high"});
}

TEST_CASE("tied weights are one constant", "[pt2]") {
  ProgramBuilder p;
  p.parameter("p_a", "a.weight", {2, 2}, {1, 2, 3, 4}).input("x", {1, 2});
  p.stored("p_b", "b.weight", 7, {2, 2}, {2, 1}, 0, "weight_0");
  p.node("l1", "aten.linear.default", {{"input", tensor_arg("x")}, {"weight", tensor_arg("p_a")}});
  p.node("l2", "aten.linear.default", {{"input", tensor_arg("l1")}, {"weight", tensor_arg("p_b")}});
  p.output("l2");
  const ImportedModel m = imported(p);
  CHECK(m.graph.node(m.graph.order()[0]).inputs[1] == m.graph.node(m.graph.order()[1]).inputs[1]);
}

TEST_CASE("stored weights are used in place", "[pt2]") {
  ProgramBuilder p;
  p.parameter("w", "w", {1, 64}, std::vector<float>(64, 1)).input("x", {1, 64});
  p.node("add", "aten.add.Tensor", {{"self", tensor_arg("x")}, {"other", tensor_arg("w")}});
  p.output("add");
  // Any of eight lengths of the name makes the payload aligned.
  bool in_place = false;
  for (std::size_t length = 1; length <= 8; ++length) {
    const auto bytes = std::make_shared<const std::string>(p.archive(std::string(length, 'm')));
    const auto model = import_pt2("m.pt2", std::as_bytes(std::span(*bytes)), bytes, {});
    REQUIRE(model.ok());
    const auto* raw = reinterpret_cast<const char*>(model->graph.value(model->graph.find("w")).constant->raw());
    in_place = in_place || (raw >= bytes->data() && raw < bytes->data() + bytes->size());
  }
  CHECK(in_place);
}

TEST_CASE("deflated entries are accepted", "[pt2]") {
  ProgramBuilder p;
  p.parameter("w", "w", {4}, {1, 2, 3, 4}).input("x", {4});
  p.node("add", "aten.add.Tensor", {{"self", tensor_arg("x")}, {"other", tensor_arg("w")}});
  p.output("add");
  auto entries = p.entries("some.name");
  for (ZipItem& item : entries) item.deflated = true;
  const auto model = import_bytes(make_zip(entries));
  REQUIRE(model.ok());
  CHECK(run(*model, {0, 0, 0, 0}) == std::vector<float>{1, 2, 3, 4});
}

TEST_CASE("half precision parameters become f32 with a note", "[pt2]") {
  ProgramBuilder p;
  p.items.push_back({"data/weights/h", bytes_of(std::vector<std::uint16_t>{0x3C00, 0xC000, 0x0001})});
  p.items.push_back({"data/weights/b", bytes_of(std::vector<std::uint16_t>{0x3F80, 0xC000, 0x7F80})});
  p.stored("h", "h", 6, {3}, {1}, 0, "h").stored("b", "b", 13, {3}, {1}, 0, "b").input("x", {3});
  p.node("a", "aten.add.Tensor", {{"self", tensor_arg("x")}, {"other", tensor_arg("h")}});
  p.node("c", "aten.add.Tensor", {{"self", tensor_arg("a")}, {"other", tensor_arg("b")}});
  p.output("a").output("c");
  const ImportedModel m = imported(p);
  CHECK(run(m, {0, 0, 0}) == std::vector<float>{1, -2, 0x1p-24f});
  CHECK(m.notes.size() == 2);
}

TEST_CASE("infinities and defaults: clamp without a bound, softmax over a mask", "[pt2]") {
  ProgramBuilder p;
  p.input("x", {1, 2});
  p.node("clamp", "aten.clamp.default", {{"self", tensor_arg("x")}, {"min", float_arg(0.0)}});
  p.node("gt", "aten.gt.Scalar", {{"self", tensor_arg("clamp")}, {"other", int_arg(1)}});
  p.node("fill", "aten.masked_fill.Scalar",
         {{"self", tensor_arg("clamp")}, {"mask", tensor_arg("gt")}, {"value", float_arg("-Infinity")}});
  p.node("soft", "aten.softmax.int", {{"self", tensor_arg("fill")}, {"dim", int_arg(-1)}});
  p.output("soft");
  CHECK(run(imported(p), {-3, 5}) == std::vector<float>{1, 0});
}

TEST_CASE("canonical forms that both doors share", "[pt2]") {
  ProgramBuilder p;
  p.input("x", {1, 2, 4, 4});
  p.node("pool", "aten.mean.dim",
         {{"self", tensor_arg("x")}, {"dim", ints_arg({-1, -2})}, {"keepdim", bool_arg(true)}});
  p.node("mean", "aten.mean.dim", {{"self", tensor_arg("x")}, {"dim", ints_arg({2, 3})}, {"keepdim", bool_arg(true)}});
  p.node("flat", "aten.flatten.using_ints", {{"self", tensor_arg("pool")}, {"start_dim", int_arg(1)}});
  p.node("front", "aten.flatten.using_ints", {{"self", tensor_arg("mean")}, {"end_dim", int_arg(1)}});
  p.node("six", "aten.relu6.default", {{"self", tensor_arg("flat")}});
  p.list_node({"c0", "c1"}, "aten.chunk.default",
              {{"self", tensor_arg("six")}, {"chunks", int_arg(2)}, {"dim", int_arg(1)}});
  p.output("c0").output("front");
  CHECK(kinds(imported(p).graph) == std::vector<OpKind>{OpKind::adaptive_avg_pool, OpKind::reduce_mean, OpKind::flatten,
                                                        OpKind::reshape, OpKind::clip, OpKind::slice});
}

TEST_CASE("sizes that follow from symbols are computed, also when only sym_size can tell", "[pt2]") {
  ProgramBuilder p;
  p.input("x", {"Symbol('s0', positive=True, integer=True)", 4});
  auto& graph = p.document["graph_module"]["graph"];
  p.node("sym", "aten.sym_size.int", {{"self", tensor_arg("x")}, {"dim", int_arg(0)}});
  graph["nodes"].back()["outputs"] = {{{"as_sym_int", {{"as_name", "sym"}}}}};
  graph["sym_int_values"]["sym"] = {{"as_expr", {{"expr_str", "Unknown(Symbol('u0'))"}}}};
  graph["sym_int_values"]["twice"] = {
      {"as_expr", {{"expr_str", "Mul(Integer(2), Symbol('s0', positive=True, integer=True))"}}}};
  p.node("view", "aten.view.default",
         {{"self", tensor_arg("x")}, {"size", {{"as_sym_ints", {{{"as_name", "twice"}}, {{"as_int", -1}}}}}}});
  p.node("ones", "aten.ones.default", {{"size", {{"as_sym_ints", {{{"as_name", "sym"}}, {{"as_int", 2}}}}}}});
  p.output("view").output("ones");
  ImportOptions options;
  options.batch = 3;
  const ImportedModel m = imported(p, options);
  CHECK(m.graph.value(m.graph.outputs()[0]).type.shape == Shape{6, 2});
  CHECK(m.graph.value(m.graph.outputs()[1]).type.shape == Shape{3, 2});
  CHECK(refused(p).code == "E205");
}

TEST_CASE("inputs and outputs that are no tensors are refused", "[pt2]") {
  ProgramBuilder p;
  p.input("x", {2});
  p.document["graph_module"]["signature"]["input_specs"].push_back(
      {{"custom_obj", {{"arg", {{"name", "obj"}, {"class_fqn", "C"}}}, {"custom_obj_name", "obj"}}}});
  p.output("x");
  CHECK_THAT(refused(p).text(), ContainsSubstring("E301") && ContainsSubstring("custom_obj"));
  ProgramBuilder q;
  q.input("x", {2}).output("x");
  q.document["graph_module"]["signature"]["output_specs"].push_back({{"user_output", {{"arg", sym_arg("s")}}}});
  CHECK_THAT(refused(q).text(),
             ContainsSubstring("E301") && ContainsSubstring("output 1") && ContainsSubstring("as_sym_int"));
}

TEST_CASE("f64 is refused wherever it comes from", "[pt2]") {
  ProgramBuilder p;
  p.input("x", {2}, 8).output("x");
  CHECK_THAT(refused(p).text(), ContainsSubstring("E305") && ContainsSubstring("float64") && ContainsSubstring("'x'"));
  ProgramBuilder q;
  q.items.push_back({"data/weights/d", bytes_of(std::vector<double>{1, 2})});
  q.stored("d", "layer.d", 8, {2}, {1}, 0, "d").input("x", {2});
  q.node("add", "aten.add.Tensor", {{"self", tensor_arg("x")}, {"other", tensor_arg("d")}}).output("add");
  CHECK_THAT(refused(q).text(), ContainsSubstring("E305") && ContainsSubstring("layer.d"));
  ProgramBuilder r;
  r.input("x", {2});
  r.node("to", "aten.to.dtype", {{"self", tensor_arg("x")}, {"dtype", type_arg(8)}}).output("to");
  CHECK_THAT(refused(r).text(), ContainsSubstring("E305") && ContainsSubstring("'to'"));
}

TEST_CASE("older schemas parse the same, unknown keys are ignored", "[pt2]") {
  ProgramBuilder p;
  p.input("x", {2}).node("relu", "aten.relu.default", {{"self", tensor_arg("x")}}).output("relu");
  p.document["schema_version"] = {{"major", 5}, {"minor", 3}};
  p.document["something"] = "new";
  p.document.erase("torch_version");
  auto& node = p.document["graph_module"]["graph"]["nodes"][0];
  node.erase("name");
  node.erase("metadata");
  node["inputs"][0].erase("kind");
  const ImportedModel m = imported(p);
  CHECK(m.version == "schema 5.3");
  CHECK(m.producer.empty());
  CHECK(m.graph.find("relu") == m.graph.outputs()[0]);
}

}  // namespace xpuq::test
