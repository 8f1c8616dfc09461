// Activations and arithmetic: defaults that differ from PyTorch's, bounds in both forms, variadic and composed ones.
#include <cmath>

#include "catch.h"
#include "model.h"

using namespace xpuq;
using namespace xpuq::onnx_test;

namespace {

Model one(const std::string& op, const std::vector<onnx::AttributeProto>& attributes = {}, int opset = 17) {
  Model m(opset);
  m.input("x", {4}).node(op, {"x"}, {"y"}, attributes).output("y");
  return m;
}
Attributes attributes_of(const Model& m, OpKind kind) { return only(graph_of(m), kind).attributes; }
const std::vector<float> kInputs{-2, -0.5f, 0.25f, 3};
std::vector<float> values(const Model& m) { return run(m, {4}, kInputs); }

}  // namespace

TEST_CASE("HardSigmoid and friends have ONNX's defaults") {
  CHECK(attributes_of(one("HardSigmoid"), OpKind::hardsigmoid) == Attributes{{"alpha", double{0.2f}}, {"beta", 0.5}});
  CHECK(
      attributes_of(one("HardSigmoid", {attribute("alpha", 0.16666667f)}), OpKind::hardsigmoid).get_float("alpha", 0) ==
      double{0.16666667f});
  CHECK(attributes_of(one("LeakyRelu"), OpKind::leaky_relu).get_float("alpha", 0) == double{0.01f});
  CHECK(attributes_of(one("Elu"), OpKind::elu).get_float("alpha", 0) == 1);
  CHECK(attributes_of(one("Gelu", {}, 20), OpKind::gelu).get_string("approximate") == "none");
  CHECK(attributes_of(one("Gelu", {attribute("approximate", "tanh")}, 20), OpKind::gelu).get_string("approximate") ==
        "tanh");
  CHECK(refused(one("Gelu", {attribute("approximate", "fast")}, 20)).code == "E302");
}

TEST_CASE("Clip: bounds as attributes before opset 11, as inputs since, or none") {
  const Attributes old = attributes_of(one("Clip", {attribute("min", 0.0f), attribute("max", 6.0f)}, 10), OpKind::clip);
  CHECK(old == Attributes{{"min", 0.0}, {"max", 6.0}});
  Model m;
  m.input("x", {4}).tensor(floats("hi", {}, {6})).node("Clip", {"x", "", "hi"}, {"y"}).output("y");
  CHECK(attributes_of(m, OpKind::clip).get_float("max", 0) == 6);
  CHECK(std::isinf(attributes_of(m, OpKind::clip).get_float("min", 0)));
  CHECK(ops_of(graph_of(one("Clip"))).empty());
  Model runtime;
  runtime.input("x", {4}).input("lo", {}).node("Clip", {"x", "lo"}, {"y"}).output("y");
  CHECK(ops_of(graph_of(runtime)) == "maximum");
  Model whole;
  whole.input("x", {2}, onnx::TensorProto::INT64)
      .tensor(ints("lo", {}, {(std::int64_t{1} << 60) + 1}))
      .node("Clip", {"x", "lo"}, {"y"})
      .output("y");
  const auto out = run(graph_of(whole), {Tensor::vector_s64({5, std::int64_t{1} << 61})});
  CHECK(out[0].data<std::int64_t>()[0] == (std::int64_t{1} << 60) + 1);
}

TEST_CASE("one-to-one operators") {
  for (const auto& [op, name] : std::map<std::string, std::string>{{"Relu", "relu"},
                                                                   {"HardSwish", "hardswish"},
                                                                   {"Sigmoid", "sigmoid"},
                                                                   {"Tanh", "tanh"},
                                                                   {"Softplus", "softplus"},
                                                                   {"Erf", "erf"},
                                                                   {"Exp", "exp"},
                                                                   {"Log", "log"},
                                                                   {"Sqrt", "sqrt"},
                                                                   {"Reciprocal", "reciprocal"},
                                                                   {"Abs", "abs"},
                                                                   {"Neg", "neg"},
                                                                   {"Floor", "floor"},
                                                                   {"Ceil", "ceil"},
                                                                   {"Round", "round"},
                                                                   {"Sin", "sin"},
                                                                   {"Cos", "cos"},
                                                                   {"Sign", "sign"}})
    CHECK(ops_of(graph_of(one(op))) == name);
  CHECK(ops_of(graph_of(one("Swish", {}, 24))) == "silu");
}

TEST_CASE("composed activations give their formula") {
  const auto check = [&](const Model& m, auto formula) {
    const auto got = values(m);
    for (std::size_t i = 0; i < 4; ++i) CHECK(got[i] == Approx(formula(double{kInputs[i]})).epsilon(1e-5));
  };
  check(one("Selu"), [](double x) { return 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * std::expm1(x)); });
  check(one("Celu", {attribute("alpha", 2.0f)}),
        [](double x) { return std::max(0.0, x) + std::min(0.0, 2 * std::expm1(x / 2)); });
  check(one("Softsign"), [](double x) { return x / (1 + std::abs(x)); });
  check(one("ThresholdedRelu", {attribute("alpha", 1.0f)}), [](double x) { return x > 1 ? x : 0; });
  check(one("Mish", {}, 18), [](double x) { return x * std::tanh(std::log1p(std::exp(x))); });
}

TEST_CASE("variadic operators are chains; one input is itself") {
  Model m;
  m.input("a", {2})
      .input("b", {2})
      .input("c", {1})
      .node("Sum", {"a", "b", "c"}, {"y"})
      .node("Mean", {"a", "b", "c"}, {"z"})
      .output("y")
      .output("z");
  const Graph g = graph_of(m);
  CHECK(ops_of(g) == "add add add add div");
  const auto vec = [](std::vector<float> v) {
    const Shape s{static_cast<std::int64_t>(v.size())};
    return Tensor::of<float>(DataType::f32, s, v);
  };
  const auto out = run(g, {vec({1, 2}), vec({10, 20}), vec({4})});
  CHECK(out[0].data<float>()[1] == 26);
  CHECK(out[1].data<float>()[0] == 5);
  CHECK(g.value(g.outputs()[0]).name == "y");
  Model single;
  single.input("a", {2}).node("Max", {"a"}, {"y"}).output("y");
  CHECK(graph_of(single).order().empty());
}

TEST_CASE("powers of mixed types and remainders of both kinds") {
  Model m;
  m.input("x", {4}).tensor(ints("two", {}, {2})).node("Pow", {"x", "two"}, {"y"}).output("y");
  CHECK(values(m) == std::vector<float>{4, 0.25f, 0.0625f, 9});
  const auto mod = [](int fmod) {
    Model r;
    r.input("x", {4}, onnx::TensorProto::INT64).tensor(ints("d", {4}, {3, -3, 3, -3}));
    r.node("Mod", {"x", "d"}, {"y"}, {attribute("fmod", fmod)}).output("y");
    const auto out = run(graph_of(r), {Tensor::vector_s64({7, 7, -7, -7})});
    return Ints(out[0].span<std::int64_t>().begin(), out[0].span<std::int64_t>().end());
  };
  CHECK(mod(0) == Ints{1, -2, 2, -1});
  CHECK(mod(1) == Ints{1, 1, -1, -1});
}

TEST_CASE("logic: Xor and IsNaN are composed, Where takes three") {
  Model m;
  m.input("a", {2}, onnx::TensorProto::BOOL)
      .tensor(ints("b", {2}, {1, 0}, onnx::TensorProto::BOOL))
      .node("Xor", {"a", "b"}, {"y"})
      .output("y");
  CHECK(ops_of(graph_of(m)) == "equal logical_not");
  Model guard;  // the dynamo exporter's mask for rows without any key
  guard.input("x", {4})
      .tensor(floats("zero", {}, {0}))
      .node("IsNaN", {"x"}, {"n"})
      .node("Where", {"n", "zero", "x"}, {"y"})
      .output("y");
  const auto out = run(guard, {4}, {1, NAN, 3, NAN});
  CHECK(out == std::vector<float>{1, 0, 3, 0});
}

TEST_CASE("Trilu keeps a triangle") {
  const auto keep = [](int upper, std::int64_t k) {
    Model m;
    m.input("x", {2, 2})
        .tensor(ints("k", {}, {k}))
        .node("Trilu", {"x", "k"}, {"y"}, {attribute("upper", upper)})
        .output("y");
    return run(m, {2, 2}, {1, 2, 3, 4});
  };
  CHECK(keep(1, 0) == std::vector<float>{1, 2, 0, 4});
  CHECK(keep(0, -1) == std::vector<float>{0, 0, 3, 0});
  CHECK(keep(1, INT64_MIN) == std::vector<float>{1, 2, 3, 4});
}
