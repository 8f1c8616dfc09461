// Views, slices and the arithmetic on shapes that exporters write: all of it must be constant after import.
#include "catch.h"
#include "model.h"

using namespace xpuq;
using namespace xpuq::onnx_test;

namespace {

/// y = op(x, constants...), the constants as s64 initializers.
Model with(const std::string& op, const Ints& dims, const std::vector<Ints>& constants,
           const std::vector<onnx::AttributeProto>& attributes = {}, int opset = 17) {
  Model m(opset);
  Names inputs{"x"};
  m.input("x", dims);
  for (std::size_t i = 0; i < constants.size(); ++i) {
    inputs.push_back("c" + std::to_string(i));
    m.tensor(ints(inputs.back(), {static_cast<std::int64_t>(constants[i].size())}, constants[i]));
  }
  m.node(op, inputs, {"y"}, attributes).output("y");
  return m;
}
Shape shape_of(const Model& m) { return output_shape(graph_of(m)); }
Attributes slice_of(const Model& m) { return only(graph_of(m), OpKind::slice).attributes; }

}  // namespace

TEST_CASE("Reshape: 0 and -1, and which ones are flatten (Note B)") {
  CHECK(shape_of(with("Reshape", {2, 3, 4}, {{0, -1, 2}})) == Shape{2, 6, 2});
  CHECK(ops_of(graph_of(with("Reshape", {2, 3, 4}, {{0, -1, 2}}))) == "reshape");
  CHECK(ops_of(graph_of(with("Reshape", {2, 3, 4}, {{2, 12}}))) == "flatten");
  CHECK(ops_of(graph_of(with("Reshape", {2, 3, 4}, {{2, 12}}, {attribute("allowzero", 1)}))) == "flatten");
  CHECK(ops_of(graph_of(with("Reshape", {2, 3, 4}, {{6, 4}}))) == "reshape");
  CHECK(shape_of(with("Reshape", {0, 3}, {{3, 0}}, {attribute("allowzero", 1)})) == Shape{3, 0});
  CHECK(refused(with("Reshape", {2, 3}, {{-1, -1}})).what == "Reshape: more than one dimension is -1");
  CHECK(refused(with("Reshape", {2, 3}, {{4, -1}})).code == "E302");
  CHECK(refused(with("Reshape", {2, 3}, {{-2, 3}})).code == "E302");
  CHECK(refused(with("Reshape", {2, 3}, {{1, 6, 0}})).code == "E302");
  CHECK(refused(with("Reshape", {2, 3}, {{std::int64_t{1} << 40, std::int64_t{1} << 40}})).code == "E302");
}

TEST_CASE("Flatten on any axis") {
  CHECK(only(graph_of(with("Flatten", {2, 3, 4}, {})), OpKind::flatten).attributes.get_int("axis", 0) == 1);
  CHECK(shape_of(with("Flatten", {2, 3, 4}, {}, {attribute("axis", 0)})) == Shape{1, 24});
  CHECK(shape_of(with("Flatten", {2, 3, 4}, {}, {attribute("axis", -1)})) == Shape{6, 4});
  CHECK(ops_of(graph_of(with("Flatten", {2, 3, 4}, {}, {attribute("axis", 2)}))) == "reshape");
}

TEST_CASE("Squeeze and Unsqueeze: axes as attribute or input") {
  CHECK(shape_of(with("Squeeze", {1, 3, 1}, {})) == Shape{3});
  CHECK(shape_of(with("Squeeze", {1, 3, 1}, {{-1}})) == Shape{1, 3});
  CHECK(shape_of(with("Squeeze", {1, 3, 1}, {}, {attribute("axes", Ints{0})}, 11)) == Shape{3, 1});
  CHECK(refused(with("Squeeze", {1, 3, 1}, {{1}})).what == "Squeeze: axis 1 is not 1");
  CHECK(shape_of(with("Unsqueeze", {3, 4}, {{-1, 0}})) == Shape{1, 3, 4, 1});
  CHECK(shape_of(with("Unsqueeze", {3, 4}, {}, {attribute("axes", Ints{3, 1})}, 11)) == Shape{3, 1, 4, 1});
  CHECK(refused(with("Unsqueeze", {3}, {{0, -3}})).code == "E302");
  CHECK(shape_of(with("Transpose", {2, 3, 4}, {})) == Shape{4, 3, 2});
}

TEST_CASE("Slice: negative and open ends, negative steps, both forms") {
  constexpr std::int64_t kEnd = INT64_MAX;
  CHECK(slice_of(with("Slice", {10, 8}, {{-3}, {kEnd}, {0}})) ==
        Attributes{{"starts", Ints{7, 0}}, {"sizes", Ints{3, 8}}, {"steps", Ints{1, 1}}});
  CHECK(slice_of(with("Slice", {10, 8}, {{1}, {-1}, {1}, {2}})) ==
        Attributes{{"starts", Ints{0, 1}}, {"sizes", Ints{10, 3}}, {"steps", Ints{1, 2}}});
  CHECK(slice_of(with("Slice", {10}, {{-1}, {INT64_MIN}, {0}, {-3}})) ==
        Attributes{{"starts", Ints{9}}, {"sizes", Ints{4}}, {"steps", Ints{-3}}});
  CHECK(slice_of(with("Slice", {10}, {{0}, {kEnd}, {0}, {kEnd}})).get_ints("sizes") == Ints{1});
  CHECK(slice_of(with("Slice", {10}, {{5}, {2}})).get_ints("sizes") == Ints{0});
  CHECK(slice_of(with("Slice", {10, 8}, {}, {attribute("starts", Ints{2, 0}), attribute("ends", Ints{5, 100})}, 9)) ==
        Attributes{{"starts", Ints{2, 0}}, {"sizes", Ints{3, 8}}, {"steps", Ints{1, 1}}});
  CHECK(run(with("Slice", {4}, {{-1}, {INT64_MIN}, {0}, {-1}}), {4}, {1, 2, 3, 4}) == std::vector<float>{4, 3, 2, 1});
  CHECK(refused(with("Slice", {10}, {{0}, {5}, {0}, {0}})).got == "0");
  CHECK(refused(with("Slice", {10}, {{0, 0}, {5, 5}, {0, 0}})).code == "E302");
}

TEST_CASE("Split in every opset is slices") {
  const auto split = [](int opset, const std::vector<onnx::AttributeProto>& attributes, const Ints& sizes,
                        std::int64_t length) {
    Model m(opset);
    m.input("x", {2, length});
    Names inputs{"x"};
    if (!sizes.empty()) m.tensor(ints("s", {static_cast<std::int64_t>(sizes.size())}, sizes)), inputs.push_back("s");
    m.node("Split", inputs, {"a", "b"}, attributes).output("a").output("b");
    return m;
  };
  const Graph equal = graph_of(split(11, {attribute("axis", 1)}, {}, 6));
  CHECK(output_shape(equal, 1) == Shape{2, 3});
  CHECK(equal.value(equal.outputs()[1]).name == "b");
  CHECK(output_shape(graph_of(split(11, {attribute("axis", 1), attribute("split", Ints{1, 4})}, {}, 5)), 1) ==
        Shape{2, 4});
  CHECK(output_shape(graph_of(split(13, {attribute("axis", -1)}, {4, 1}, 5)), 0) == Shape{2, 4});
  CHECK(output_shape(graph_of(split(18, {attribute("axis", 1), attribute("num_outputs", 2)}, {}, 5)), 1) ==
        Shape{2, 2});
  CHECK(refused(split(13, {attribute("axis", 1)}, {}, 5)).code == "E302");
  CHECK(refused(split(13, {attribute("axis", 1)}, {4, 2}, 5)).what == "Split: the parts do not add up");
}

TEST_CASE("Gather of one constant index is a select; otherwise gather") {
  Model m;
  m.input("x", {2, 3, 4})
      .tensor(ints("i", {}, {-1}))
      .node("Gather", {"x", "i"}, {"y"}, {attribute("axis", 1)})
      .output("y");
  CHECK(ops_of(graph_of(m)) == "slice reshape");
  CHECK(slice_of(m).get_ints("starts") == Ints{0, 2, 0});
  CHECK(shape_of(m) == Shape{2, 4});
  Model ids;
  ids.input("ids", {2, 5}, onnx::TensorProto::INT64)
      .tensor(noise("table", {7, 3}))
      .node("Gather", {"table", "ids"}, {"y"})
      .output("y");
  CHECK(ops_of(graph_of(ids)) == "gather");
  CHECK(shape_of(ids) == Shape{2, 5, 3});
  CHECK(refused(with("Gather", {3}, {{3}})).what == "Gather: an index is out of range");
}

TEST_CASE("Pad: both forms, some axes, negative amounts") {
  CHECK(shape_of(with("Pad", {2, 3}, {{0, 1, 0, 2}})) == Shape{2, 6});
  CHECK(only(graph_of(with("Pad", {2, 3}, {}, {attribute("pads", Ints{0, 1, 0, 2}), attribute("value", 3.0f)}, 10)),
             OpKind::pad)
            .attributes.get_float("value", 0) == 3);
  CHECK(ops_of(graph_of(with("Pad", {2, 5}, {{0, -1, 0, 2}}))) == "slice pad");
  CHECK(shape_of(with("Pad", {2, 5}, {{0, -1, 0, -2}})) == Shape{2, 2});
  CHECK(refused(with("Pad", {2, 5}, {{0, -3, 0, -3}})).code == "E302");
  CHECK(refused(with("Pad", {2, 5}, {{0, -3, 0, 0}}, {attribute("mode", "reflect")})).code == "E302");
  CHECK(refused(with("Pad", {2, 5}, {{0, 1, 0, 1}}, {attribute("mode", "wrap")}, 19)).got == "wrap");
  Model some(18);
  some.input("x", {1, 2, 4}).tensor(ints("p", {2}, {1, 2})).tensor(ints("axes", {1}, {-1}));
  some.node("Pad", {"x", "p", "", "axes"}, {"y"}, {attribute("mode", "edge")}).output("y");
  CHECK(run(some, {1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8}) == std::vector<float>{1, 1, 2, 3, 4, 4, 4, 5, 5, 6, 7, 8, 8, 8});
}

TEST_CASE("Expand, Tile, Concat, DepthToSpace, SpaceToDepth") {
  CHECK(shape_of(with("Expand", {3, 1}, {{2, 1, 6}})) == Shape{2, 3, 6});
  CHECK(refused(with("Expand", {3, 2}, {{5}})).code == "E302");
  CHECK(graph_of(with("Expand", {3, 2}, {{1, 2}})).order().empty());
  CHECK(run(with("Tile", {2}, {{3}}), {2}, {1, 2}) == std::vector<float>{1, 2, 1, 2, 1, 2});
  CHECK(shape_of(with("Tile", {2, 3}, {{2, 2}})) == Shape{4, 6});
  Model cat;
  cat.input("a", {1, 2, 2})
      .input("b", {1, 3, 2})
      .node("Concat", {"a", "b"}, {"y"}, {attribute("axis", -2)})
      .output("y");
  CHECK(shape_of(cat) == Shape{1, 5, 2});
  CHECK(run(with("DepthToSpace", {1, 4, 1, 1}, {}, {attribute("blocksize", 2)}), {1, 4, 1, 1}, {1, 2, 3, 4}) ==
        std::vector<float>{1, 2, 3, 4});
  CHECK(ops_of(graph_of(with("SpaceToDepth", {1, 1, 4, 4}, {}, {attribute("blocksize", 2)}))) ==
        "reshape transpose reshape");
  CHECK(refused(with("DepthToSpace", {1, 3, 1, 1}, {}, {attribute("blocksize", 2)})).code == "E302");
}

TEST_CASE("shape arithmetic is constant: x.view(x.size(0), -1) and a split computed from shapes") {
  Model m(13);
  m.input("x", {2, 3, 4});
  m.tensor(ints("zero", {}, {0})).tensor(ints("axis", {1}, {0})).tensor(ints("minus", {1}, {-1}));
  m.node("Shape", {"x"}, {"s"}).node("Gather", {"s", "zero"}, {"n"}).node("Unsqueeze", {"n", "axis"}, {"n1"});
  m.node("Concat", {"n1", "minus"}, {"shape"}, {attribute("axis", 0)})
      .node("Reshape", {"x", "shape"}, {"y"})
      .output("y");
  const Graph g = graph_of(m);
  CHECK(ops_of(g) == "flatten");
  CHECK(output_shape(g) == Shape{2, 12});

  Model chunk(13);
  chunk.input("x", {2, 6})
      .tensor(ints("one", {}, {1}))
      .tensor(ints("two", {}, {2}))
      .tensor(ints("axis", {1}, {0}))
      .tensor(ints("from", {1}, {0}))
      .tensor(ints("axes", {1}, {1}));
  chunk.node("Shape", {"x"}, {"s"})
      .node("Gather", {"s", "one"}, {"w"})
      .node("Add", {"w", "one"}, {"w1"})
      .node("Div", {"w1", "two"}, {"h"});
  chunk.node("Unsqueeze", {"h", "axis"}, {"end"}).node("Slice", {"x", "from", "end", "axes"}, {"y"}).output("y");
  CHECK(shape_of(chunk) == Shape{2, 3});
}

TEST_CASE("shape arithmetic: Size, Range, ConstantOfShape, Where, Equal, Cast through double") {
  Model m(17);
  m.input("x", {2, 3});
  m.node("Size", {"x"}, {"n"}).tensor(ints("zero", {}, {0})).tensor(ints("two", {}, {2}));
  m.node("Range", {"zero", "n", "two"}, {"r"});  // 0 2 4
  m.node("Shape", {"r"}, {"rs"})
      .node("ConstantOfShape", {"rs"}, {"c"}, {attribute("value", ints("", {1}, {4}))});  // 4 4 4
  m.node("Equal", {"r", "c"}, {"e"}).node("Where", {"e", "r", "c"}, {"w"});               // 4 4 4
  m.node("Cast", {"w"}, {"d"}, {attribute("to", 11)}).node("Constant", {}, {"third"}, {attribute("value", [] {
                                                             onnx::TensorProto t;
                                                             t.set_data_type(onnx::TensorProto::DOUBLE);
                                                             t.add_double_data(1.0 / 4);
                                                             return t;
                                                           }())});
  m.node("Mul", {"d", "third"}, {"q"}).node("Cast", {"q"}, {"i"}, {attribute("to", 7)});  // 1 1 1
  m.node("Expand", {"x3", "i"}, {"y"})
      .node("Unsqueeze", {"x", "zero1"}, {"x3"})
      .tensor(ints("zero1", {1}, {0}))
      .output("y");  // out of order
  CHECK(shape_of(m) == Shape{1, 2, 3});
}

TEST_CASE("Constant in all its forms; Shape with start and end") {
  Model m(17);
  m.input("x", {2, 3, 4, 5});
  m.node("Constant", {}, {"a"}, {attribute("value_int", 3)})
      .node("Constant", {}, {"b"}, {attribute("value_ints", Ints{1, 2})});
  m.node("Constant", {}, {"c"}, {attribute("value_float", 1.5f)})
      .node("Constant", {}, {"d"}, {attribute("value_floats", std::vector<float>{1, 2})});
  m.node("Shape", {"x"}, {"s"}, {attribute("start", -3), attribute("end", -1)});
  for (const char* o : {"a", "b", "c", "d", "s"}) m.output(o);
  const Graph g = graph_of(m);
  CHECK(g.order().empty());
  CHECK(g.value(g.outputs()[0]).type.shape.empty());
  CHECK(g.value(g.outputs()[1]).constant->data<std::int64_t>()[1] == 2);
  CHECK(g.value(g.outputs()[3]).constant->data<float>()[1] == 2);
  CHECK(g.value(g.outputs()[4]).constant->data<std::int64_t>()[1] == 4);
}

TEST_CASE("Resize and Upsample in every opset's form") {
  const auto attributes = [](const Model& m) { return only(graph_of(m), OpKind::resize).attributes; };
  Model up(9);
  up.input("x", {1, 1, 2, 3}).tensor(floats("s", {4}, {1, 1, 2, 2})).node("Upsample", {"x", "s"}, {"y"}).output("y");
  CHECK(attributes(up).get_string("coordinates") == "asymmetric");
  CHECK(attributes(up).get_string("nearest_mode") == "floor");
  CHECK(output_shape(graph_of(up)) == Shape{1, 1, 4, 6});
  Model old(10);  // shrinking nearest takes the pixel above
  old.input("x", {1, 1, 2, 4})
      .tensor(floats("s", {4}, {1, 1, 0.6f, 0.6f}))
      .node("Resize", {"x", "s"}, {"y"})
      .output("y");
  CHECK(run(old, {1, 1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8}) == std::vector<float>{1, 3});
  Model sizes(13);
  sizes.input("x", {1, 1, 2, 3}).tensor(ints("n", {4}, {1, 1, 5, 6}));
  sizes
      .node("Resize", {"x", "", "", "n"}, {"y"},
            {attribute("mode", "linear"), attribute("coordinate_transformation_mode", "pytorch_half_pixel")})
      .output("y");
  CHECK(attributes(sizes).get_floats("scales") == Floats{1, 1, 2.5, 2});
  CHECK(attributes(sizes).get_string("coordinates") == "pytorch_half_pixel");
  Model some(18);
  some.input("x", {1, 1, 4, 8}).tensor(ints("n", {2}, {6, 6}));
  some.node("Resize", {"x", "", "", "n"}, {"y"},
            {attribute("axes", Ints{2, 3}), attribute("keep_aspect_ratio_policy", "not_larger")})
      .output("y");
  CHECK(output_shape(graph_of(some)) == Shape{1, 1, 3, 6});
  Model crop(13);
  crop.input("x", {1, 1, 2, 3}).tensor(ints("n", {4}, {1, 1, 5, 6}));
  crop.node("Resize", {"x", "", "", "n"}, {"y"}, {attribute("coordinate_transformation_mode", "tf_crop_and_resize")})
      .output("y");
  CHECK(refused(crop).got == "tf_crop_and_resize");
  Model corners(13);  // ONNX and ONNX Runtime disagree about this one
  corners.input("x", {1, 1, 4, 4}).tensor(floats("s", {4}, {1, 1, 0.8f, 0.8f}));
  corners
      .node("Resize", {"x", "", "s"}, {"y"},
            {attribute("mode", "linear"), attribute("coordinate_transformation_mode", "align_corners")})
      .output("y");
  CHECK(refused(corners).code == "E302");
}
