// No bytes crash the ONNX reader: one case per defect, each with its code, the file and the words of the defect; then
// every cut and thousands of mutations of sound files.
#include "../../unit/import_onnx/model.h"
#include "catch.h"
#include "ir/verify.h"

using namespace xpuq;
using namespace xpuq::onnx_test;

namespace {

Model sound() {
  Model m;
  m.input("x", {1, 2, 4, 4})
      .tensor(noise("w", {2, 2, 3, 3}))
      .tensor(noise("b", {2}))
      .tensor(ints("shape", {2}, {1, -1}));
  m.node("Conv", {"x", "w", "b"}, {"c"}, {attribute("pads", Ints{1, 1, 1, 1})}).node("Relu", {"c"}, {"r"});
  m.node("MaxPool", {"r"}, {"p"}, {attribute("kernel_shape", Ints{2, 2}), attribute("strides", Ints{2, 2})});
  m.node("Shape", {"p"}, {"s"})
      .node("Reshape", {"p", "shape"}, {"f"})
      .node("Softmax", {"f"}, {"y"}, {attribute("axis", -1)})
      .output("y");
  return m;
}

onnx::GraphProto& graph(Model& m) { return *m.proto.mutable_graph(); }

struct Defect {
  const char* name;
  const char* code;
  const char* message;
  void (*damage)(Model&);
};

const Defect kDefects[] = {
    {"newer opset", "E303", "opset 30", [](Model& m) { m.proto.mutable_opset_import(0)->set_version(30); }},
    {"names the newest opset", "E303", "opset 6 to 26",
     [](Model& m) { m.proto.mutable_opset_import(0)->set_version(30); }},
    {"old opset", "E303", "opset 5", [](Model& m) { m.proto.mutable_opset_import(0)->set_version(5); }},
    {"no opset", "E303", "uses no opset", [](Model& m) { m.proto.clear_opset_import(); }},
    {"two opsets", "E303", "uses two opsets at once", [](Model& m) { m.proto.add_opset_import()->set_version(9); }},
    {"negative opset", "E303", "uses no opset", [](Model& m) { m.proto.mutable_opset_import(0)->set_version(-1); }},
    {"no graph", "E304", "no graph in it", [](Model& m) { m.proto.clear_graph(); }},
    {"no outputs", "E306", "has no outputs", [](Model& m) { graph(m).clear_output(); }},
    {"output of no node", "E306", "output 'nothing' is made by no node",
     [](Model& m) { graph(m).mutable_output(0)->set_name("nothing"); }},
    {"undefined input", "E306", "reads 'ghost', which nothing defines",
     [](Model& m) { graph(m).mutable_node(1)->set_input(0, "ghost"); }},
    {"cycle", "E306", "'c_node' <- 'r_node' <- 'c_node'",
     [](Model& m) { graph(m).mutable_node(0)->set_input(0, "r"); }},
    {"self-loop", "E306", "is part of a cycle", [](Model& m) { graph(m).mutable_node(1)->set_input(0, "r"); }},
    {"output made twice", "E306", "'c' is defined twice",
     [](Model& m) { graph(m).mutable_node(1)->set_output(0, "c"); }},
    {"output shadows an input", "E306", "'x' is defined twice",
     [](Model& m) { graph(m).mutable_node(5)->set_output(0, "x"); }},
    {"initializer twice", "E306", "initializer 'w' is given twice",
     [](Model& m) { *graph(m).add_initializer() = graph(m).initializer(0); }},
    {"input twice", "E306", "input 'x' is given twice", [](Model& m) { *graph(m).add_input() = graph(m).input(0); }},
    {"input without name", "E306", "an input has no name", [](Model& m) { graph(m).mutable_input(0)->clear_name(); }},
    {"initializer without name", "E306", "an initializer has no name",
     [](Model& m) { graph(m).mutable_initializer(0)->clear_name(); }},
    {"negative dimension", "E306", "impossible dimension",
     [](Model& m) {
       graph(m).mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(1)->set_dim_value(
           -5);
     }},
    {"huge dimension", "E306", "impossible dimension",
     [](Model& m) {
       graph(m).mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(3)->set_dim_value(
           INT64_MAX);
     }},
    {"huge product", "E306", "too large",
     [](Model& m) {
       for (int i = 2; i < 4; ++i)
         graph(m)
             .mutable_input(0)
             ->mutable_type()
             ->mutable_tensor_type()
             ->mutable_shape()
             ->mutable_dim(i)
             ->set_dim_value(std::int64_t{1} << 29);
     }},
    {"symbolic dimension", "E205", "'batch'",
     [](Model& m) {
       graph(m).mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(0)->set_dim_param(
           "batch");
     }},
    {"double input", "E305", "is DOUBLE",
     [](Model& m) { graph(m).mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(11); }},
    {"half input", "E305", "is FLOAT16",
     [](Model& m) { graph(m).mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(10); }},
    {"string input", "E305", "STRING",
     [](Model& m) { graph(m).mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(8); }},
    {"sequence input", "E305", "is no dense tensor",
     [](Model& m) { graph(m).mutable_input(0)->mutable_type()->mutable_sequence_type(); }},
    {"untyped input", "E305", "is no dense tensor", [](Model& m) { graph(m).mutable_input(0)->clear_type(); }},
    {"output of another type", "E305", "not of its declared type",
     [](Model& m) { graph(m).mutable_output(0)->mutable_type()->mutable_tensor_type()->set_elem_type(7); }},
    {"short raw data", "E306", "raw data do not fit the shape",
     [](Model& m) {
       graph(m).mutable_initializer(0)->clear_float_data(), graph(m).mutable_initializer(0)->set_raw_data("short");
     }},
    {"too few floats", "E306", "float_data does not fit",
     [](Model& m) { graph(m).mutable_initializer(0)->mutable_float_data()->RemoveLast(); }},
    {"negative tensor dimension", "E306", "impossible shape",
     [](Model& m) { graph(m).mutable_initializer(0)->set_dims(0, -2); }},
    {"tensor of strings", "E305", "STRING", [](Model& m) { graph(m).mutable_initializer(0)->set_data_type(8); }},
    {"tensor of a new type", "E305", "FLOAT4E2M1",
     [](Model& m) { graph(m).mutable_initializer(0)->set_data_type(23); }},
    {"external data escape", "E304", "leads out of the model's folder",
     [](Model& m) {
       auto& t = *graph(m).mutable_initializer(0);
       t.clear_float_data();
       t.set_data_location(onnx::TensorProto::EXTERNAL);
       t.add_external_data()->set_key("location");
       t.mutable_external_data(0)->set_value("../../etc/passwd");
     }},
    {"external data missing", "E304", "file 'gone.data' is missing",
     [](Model& m) {
       auto& t = *graph(m).mutable_initializer(0);
       t.clear_float_data();
       t.set_data_location(onnx::TensorProto::EXTERNAL);
       t.add_external_data()->set_key("location");
       t.mutable_external_data(0)->set_value("gone.data");
     }},
    {"sparse initializer", "E301", "sparse initializers", [](Model& m) { graph(m).add_sparse_initializer(); }},
    {"unknown operators, all of them", "E301", "RoiAlign (2): 'c_node', 'r_node'; NonMaxSuppression (1): 'p_node'",
     [](Model& m) {
       graph(m).mutable_node(0)->set_op_type("RoiAlign");
       graph(m).mutable_node(1)->set_op_type("RoiAlign");
       graph(m).mutable_node(2)->set_op_type("NonMaxSuppression");
     }},
    {"unknown domain", "E301", "com.microsoft.Conv",
     [](Model& m) { graph(m).mutable_node(0)->set_domain("com.microsoft"); }},
    {"loop", "E301", "operator Loop is not supported", [](Model& m) { graph(m).mutable_node(1)->set_op_type("Loop"); }},
    {"lstm", "E301", "operator LSTM is not supported",
     [](Model& m) { graph(m).mutable_node(1)->set_op_type("LSTM"); }},
    {"attribute of another type", "E302", "attribute 'pads' has the wrong type",
     [](Model& m) { *graph(m).mutable_node(0)->mutable_attribute(0) = attribute("pads", 1.0f); }},
    {"attribute of a type nobody knows", "E302", "has the wrong type",
     [](Model& m) { graph(m).mutable_node(0)->mutable_attribute(0)->set_type(onnx::AttributeProto::TYPE_PROTOS); }},
    {"unknown attribute", "E302", "attribute 'activation' is not known",
     [](Model& m) { *graph(m).mutable_node(0)->add_attribute() = attribute("activation", "Relu"); }},
    {"attribute twice", "E302", "attribute 'pads' is given twice",
     [](Model& m) { *graph(m).mutable_node(0)->add_attribute() = attribute("pads", Ints{1, 1, 1, 1}); }},
    {"missing attribute", "E302", "attribute 'kernel_shape' is missing",
     [](Model& m) { graph(m).mutable_node(2)->clear_attribute(); }},
    {"attribute of no function", "E302", "refers to 'p', which no function provides",
     [](Model& m) { graph(m).mutable_node(0)->mutable_attribute(0)->set_ref_attr_name("p"); }},
    {"too few inputs", "E302", "input 1 is missing",
     [](Model& m) { graph(m).mutable_node(0)->mutable_input()->DeleteSubrange(1, 2); }},
    {"skipped input", "E302", "input 1 is missing", [](Model& m) { graph(m).mutable_node(0)->set_input(1, ""); }},
    {"too many inputs", "E302", "too many inputs", [](Model& m) { graph(m).mutable_node(1)->add_input("w"); }},
    {"shape at run time", "E302", "the shape is not constant",
     [](Model& m) {
       m.input("wanted", {2}, onnx::TensorProto::INT64);
       graph(m).mutable_node(4)->set_input(1, "wanted");
     }},
    {"axis out of range", "E302", "axis is out of range",
     [](Model& m) { *graph(m).mutable_node(5)->mutable_attribute(0) = attribute("axis", 7); }},
    {"weights of another rank", "E302", "another rank",
     [](Model& m) { *graph(m).mutable_initializer(0) = noise("w", {2, 2, 3}); }},
    {"channels do not fit", "E302", "input channels",
     [](Model& m) { *graph(m).mutable_initializer(0) = noise("w", {2, 3, 3, 3}); }},
    {"bias of another type", "E302", "bia is s64",
     [](Model& m) { *graph(m).mutable_initializer(1) = ints("b", {2}, {1, 2}); }},
    {"strides of nothing", "E302", "out of range",
     [](Model& m) { *graph(m).mutable_node(2)->mutable_attribute(1) = attribute("strides", Ints{0, INT64_MIN}); }},
    {"huge result", "E302", "elements",
     [](Model& m) {
       *graph(m).mutable_initializer(2) =
           ints("shape", {3}, {std::int64_t{1} << 40, std::int64_t{1} << 40, std::int64_t{1} << 40});
       *graph(m).mutable_node(4) = node("Expand", {"b1", "shape"}, {"f"});
       m.node("ReduceSum", {"p"}, {"b1"});
     }},
};

std::uint32_t next(std::uint32_t& state) { return state = state * 1664525u + 1013904223u; }

void must_not_crash(const std::string& bytes) {
  looks_like_onnx(std::as_bytes(std::span<const char>(bytes.data(), bytes.size())));
  const auto imported = import_bytes(bytes);
  if (imported) {
    CHECK(verify(imported->graph) == "");
    return;
  }
  CHECK(imported.error().code.size() == 4);
  CHECK_FALSE(imported.error().what.empty());
}

}  // namespace

TEST_CASE("a sound model is read") { REQUIRE(sound().import()); }

TEST_CASE("every defect of a model has its code and says what it is") {
  for (const Defect& d : kDefects) {
    INFO(d.name);
    Model m = sound();
    d.damage(m);
    const auto imported = m.import();
    CHECK_FALSE(imported.ok());
    if (imported) continue;
    INFO(imported.error().text());
    CHECK(imported.error().code == d.code);
    CHECK_THAT(imported.error().text(), ContainsSubstring(d.message) && ContainsSubstring("model.onnx"));
  }
}

TEST_CASE("bytes that are no model") {
  for (const std::string& bytes :
       {std::string(), std::string("hello"), std::string(100, '\xff'), std::string(1000, '\x0a')}) {
    const auto imported = import_bytes(bytes);
    REQUIRE_FALSE(imported.ok());
    CHECK(imported.error().code == "E304");
  }
  // Graphs in attributes of nodes in graphs, deeper than any stack.
  std::string nested = "\x0a\x00";
  for (int i = 0; i < 20000; ++i) {
    const auto length = [](std::size_t n) {
      std::string out;
      for (; n >= 128; n >>= 7) out += static_cast<char>(n | 128);
      return out + static_cast<char>(n);
    };
    const std::string attribute_bytes = "\x32" + length(nested.size()) + nested;               // AttributeProto.g
    const std::string node_bytes = "\x2a" + length(attribute_bytes.size()) + attribute_bytes;  // NodeProto.attribute
    nested = "\x0a" + length(node_bytes.size()) + node_bytes;                                  // GraphProto.node
    if (nested.size() > 200000) break;
  }
  std::string model = "\x08\x08\x3a";
  std::size_t n = nested.size();
  for (; n >= 128; n >>= 7) model += static_cast<char>(n | 128);
  model += static_cast<char>(n);
  const auto imported = import_bytes(model + nested);
  REQUIRE_FALSE(imported.ok());
  CHECK(imported.error().code == "E304");
}

TEST_CASE("every cut of a sound file is refused") {
  const std::string bytes = sound().bytes();
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    const auto imported = import_bytes(bytes.substr(0, n));
    // A cut between two fields of the model is a model without its last field, the opset.
    CHECK_FALSE(imported.ok());
  }
}

TEST_CASE("changed bytes never crash") {
  const std::string bytes = sound().bytes();
  std::uint32_t state = 7;
  for (int round = 0; round < 4000; ++round) {
    std::string damaged = bytes;
    const int changes = 1 + static_cast<int>(next(state) >> 30);
    for (int i = 0; i < changes; ++i) {
      const std::size_t at = (next(state) >> 8) % damaged.size();
      switch (next(state) >> 30) {
        case 0: damaged[at] = static_cast<char>(next(state) >> 24); break;
        case 1: damaged[at] = static_cast<char>(damaged[at] ^ (1 << (next(state) >> 29))); break;
        case 2: damaged.erase(at, 1 + (next(state) >> 29)); break;
        default: damaged.insert(at, 1, static_cast<char>(next(state) >> 24)); break;
      }
      if (damaged.empty()) damaged = "x";
    }
    must_not_crash(damaged);
  }
}

// Wrong in meaning rather than in form: numbers that the format allows and nobody expects, everywhere.
TEST_CASE("strange numbers in attributes, shapes and constants never crash") {
  const std::int64_t strange[] = {0,
                                  -1,
                                  1,
                                  2,
                                  -2,
                                  3,
                                  100,
                                  INT64_MAX,
                                  INT64_MIN,
                                  std::int64_t{1} << 31,
                                  std::int64_t{1} << 40,
                                  -(std::int64_t{1} << 40),
                                  65536};
  std::uint32_t state = 99;
  const auto pick = [&] { return strange[(next(state) >> 8) % std::size(strange)]; };
  const Names operators{"Conv",
                        "ConvTranspose",
                        "MaxPool",
                        "AveragePool",
                        "Reshape",
                        "Slice",
                        "Pad",
                        "Tile",
                        "Expand",
                        "Gather",
                        "Split",
                        "Squeeze",
                        "Unsqueeze",
                        "Flatten",
                        "Transpose",
                        "ReduceSum",
                        "ReduceMean",
                        "ArgMax",
                        "Softmax",
                        "Concat",
                        "Resize",
                        "DepthToSpace",
                        "SpaceToDepth",
                        "LRN",
                        "GroupNormalization",
                        "LayerNormalization",
                        "ConstantOfShape",
                        "Range",
                        "Shape",
                        "Clip",
                        "Cast",
                        "Mod",
                        "Div",
                        "Pow",
                        "QuantizeLinear",
                        "DequantizeLinear",
                        "Upsample",
                        "BatchNormalization",
                        "InstanceNormalization",
                        "Gemm",
                        "MatMul",
                        "Compress",
                        "ConvInteger",
                        "CumSum",
                        "DynamicQuantizeLinear",
                        "EyeLike",
                        "GatherElements",
                        "GatherND",
                        "GridSample",
                        "Hardmax",
                        "MatMulInteger",
                        "NonZero",
                        "OneHot",
                        "PRelu",
                        "QLinearConv",
                        "QLinearMatMul",
                        "ScatterElements",
                        "ScatterND",
                        "TopK"};
  const char* lists[] = {"pads",   "strides", "dilations", "kernel_shape", "output_padding", "output_shape", "axes",
                         "starts", "ends",    "split",     "perm"};
  const char* numbers[] = {"axis",      "group", "blocksize", "size",   "num_groups",  "to",       "keepdims",
                           "ceil_mode", "start", "end",       "transA", "num_outputs", "allowzero",
                           "k",         "dtype", "broadcast", "is_test"};
  constexpr int kTypes[] = {onnx::TensorProto::INT64, onnx::TensorProto::UINT8, onnx::TensorProto::INT8,
                            onnx::TensorProto::INT32};
  for (int round = 0; round < 9000; ++round) {
    const int opset = 6 + static_cast<int>((next(state) >> 8) % 18);
    Model m(opset);
    const auto dims = [&] {
      Ints out((next(state) >> 8) % 5);
      for (auto& d : out) d = 1 + (next(state) >> 8) % 4;
      return out;
    };
    const int type = kTypes[(next(state) >> 8) % std::size(kTypes)];
    const int input_type = next(state) >> 31 ? type : int{onnx::TensorProto::FLOAT};
    m.input("x", dims(), input_type).tensor(noise("w", dims()));
    Names inputs{next(state) >> 31 ? "x" : "w"};
    for (int i = static_cast<int>((next(state) >> 8) % (round % 3 == 0 ? 9 : 4)); i > 0; --i) {
      const std::string name = "c" + std::to_string(i);
      Ints values((next(state) >> 8) % 5);
      for (auto& v : values) v = pick();
      if (next(state) >> 31)
        m.tensor(ints(name, values.size() == 1 ? Ints{} : Ints{static_cast<std::int64_t>(values.size())}, values,
                      next(state) >> 31 ? int{onnx::TensorProto::INT64} : type));
      else m.tensor(noise(name, dims()));
      inputs.push_back(name);
    }
    std::vector<onnx::AttributeProto> attributes;
    for (int i = static_cast<int>((next(state) >> 8) % 4); i > 0; --i) {
      Ints values((next(state) >> 8) % 5);
      for (auto& v : values) v = pick();
      if (next(state) >> 31) attributes.push_back(attribute(lists[(next(state) >> 8) % std::size(lists)], values));
      else attributes.push_back(attribute(numbers[(next(state) >> 8) % std::size(numbers)], pick()));
    }
    m.node(operators[(next(state) >> 8) % operators.size()], inputs, {"y"}, attributes).output("y");
    must_not_crash(m.bytes());
  }
}

TEST_CASE("strange equations never crash, and are refused where they say nothing") {
  static constexpr char kLetters[] = "iijk.,->. A\x01";
  std::uint32_t state = 5;
  for (int round = 0; round < 3000; ++round) {
    std::string equation;
    for (int i = static_cast<int>((next(state) >> 8) % 14); i > 0; --i)
      equation += kLetters[(next(state) >> 8) % (sizeof(kLetters) - 1)];
    if (round % 2 == 0) equation = "ij,jk->" + equation;
    Model m;
    m.input("a", {2, 3}).input("b", {3, 3});
    m.node("Einsum", {"a", "b"}, {"y"}, {attribute("equation", equation.c_str())}).output("y");
    must_not_crash(m.bytes());
  }
  const auto refusal = [](const char* equation) {
    Model m;
    m.input("a", {2, 3}).input("b", {3, 3});
    m.node("Einsum", {"a", "b"}, {"y"}, {attribute("equation", equation)}).output("y");
    const auto imported = import_bytes(m.bytes());
    return imported.ok() ? std::string("taken") : imported.error().code;
  };
  CHECK(refusal("ij,jk->ik") == "taken");
  for (const char* wrong : {"", "ij", "ij,jk->il", "ij,jk->ii", "ijk,jk", "ij,ij->i", "i.j,jk", "ij,jk,->i"})
    CHECK(refusal(wrong) == "E302");
}
