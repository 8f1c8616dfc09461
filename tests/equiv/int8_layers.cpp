// The int8 forms of conv and linear against the reference: equal in every code, except behind a transcendental post-op
// (one step) and with oneDNN's kernels (one step, and only on weights that cannot saturate its 16-bit sums).
#include "ops/post_ops.h"
#include "one_step.h"

using namespace xpuq;
using namespace xpuq::equiv;

namespace {

struct Layer {
  Attributes attributes;
  std::vector<Argument> arguments;
  Layout layout = Layout::channels_last;
  bool transcendental = false;
};

/// Post-ops, bias, operand of a sum, and the type of dst, all at random.
void decorate(Layer& layer, Values& values, const Shape& dst, std::int64_t channels, bool in_layout) {
  if (values.chance(70)) layer.arguments.push_back(Values::constant(values.f32({channels})));
  std::vector<PostOp> ops;
  const bool quantized = values.chance(75);
  const bool sum = values.chance(40);
  if (sum) {
    ops.push_back({"sum"});
    const bool s8_operand = quantized || values.chance(30);
    Argument other = s8_operand ? values.s8(dst, values.real(0.01f, 0.1f), static_cast<int>(values.integer(-128, 127)))
                                : values.f32(dst);
    layer.arguments.push_back(in_layout ? channels_last(other) : other);
  }
  const std::vector<PostOp> all{{"relu"},  {"clip", 0, 6},   {"hardswish"},         {"leaky_relu", 0.1},
                                {"silu"},  {"gelu", 0},      {"gelu", 1},           {"hardsigmoid", 0.2, 0.5},
                                {"sigmoid"}, {"tanh"}};
  if (values.chance(70)) {
    ops.push_back(values.pick(all));
    const std::string& kind = ops.back().kind;
    layer.transcendental = kind == "silu" || kind == "gelu" || kind == "sigmoid" || kind == "tanh";
  }
  set_post_ops(layer.attributes, ops);
  if (quantized) {
    layer.attributes.set("dst_scale", static_cast<double>(values.real(0.01f, 0.1f)));
    layer.attributes.set("dst_zero_point", values.integer(-128, 127));
  }
}

Layer random_conv(Values& values, int largest_weight = 127) {
  std::int64_t groups = 1, ic = values.integer(1, 40), oc = values.integer(1, 50);
  const std::int64_t form = values.integer(0, 4);
  if (form == 0) groups = ic = oc = values.integer(2, 40);
  if (form == 1) {
    groups = values.integer(2, 4);
    ic = groups * values.integer(1, 9);
    oc = groups * values.integer(1, 20);
  }
  const bool one_dimensional = values.chance(15);
  Ints kernel, strides, dilations, begin, end;
  Shape src{values.integer(1, 2), ic};
  for (int i = 0; i < (one_dimensional ? 1 : 2); ++i) {
    kernel.push_back(values.pick<std::int64_t>({1, 1, 2, 3, 3, 3, 5}));
    strides.push_back(values.pick<std::int64_t>({1, 1, 1, 2, 3}));
    dilations.push_back(values.pick<std::int64_t>({1, 1, 1, 2}));
    begin.push_back(values.integer(0, 2));
    end.push_back(values.integer(0, 2));
    src.push_back(values.integer(dilations.back() * (kernel.back() - 1) + 1, 24));
  }
  if (form == 2) {
    kernel.assign(kernel.size(), 3);
    strides.assign(kernel.size(), 1);
    dilations.assign(kernel.size(), 1);
    for (std::size_t i = 2; i < src.size(); ++i) src[i] = values.integer(3, 30);
  }
  Layer layer;
  layer.attributes = {{"strides", strides}, {"pads_begin", begin}, {"pads_end", end}, {"dilations", dilations},
                      {"groups", groups}};
  Shape wei{oc, ic / groups};
  wei.insert(wei.end(), kernel.begin(), kernel.end());
  const bool in_layout = values.chance(85);
  layer.layout = in_layout ? Layout::channels_last : Layout::plain;
  const int zero_point = values.pick<int>({-128, -3, 0, 40, 127});
  Argument x = values.s8(src, values.real(0.005f, 0.05f), zero_point);
  layer.arguments = {in_layout ? channels_last(x) : x, values.weights(wei, largest_weight)};
  const std::vector<TensorType> types{layer.arguments[0].type, layer.arguments[1].type};
  const Inferred plain = infer(OpKind::conv, layer.attributes, types);
  REQUIRE(plain.ok());
  decorate(layer, values, plain.types[0].shape, oc, in_layout);
  return layer;
}

Layer random_linear(Values& values, int largest_weight = 127) {
  Layer layer;
  layer.layout = Layout::plain;
  const std::int64_t inputs = values.integer(1, 200), outputs = values.integer(1, 70);
  Shape src = values.pick<Shape>({{1, inputs}, {2, inputs}, {7, inputs}, {3, 5, inputs}, {33, inputs}, {inputs}});
  layer.arguments = {values.s8(src, values.real(0.005f, 0.05f), static_cast<int>(values.integer(-128, 127))),
                     values.weights({outputs, inputs}, largest_weight)};
  Shape dst = src;
  dst.back() = outputs;
  decorate(layer, values, dst, outputs, false);
  return layer;
}

/// What Winograd's forms take: 3x3 with stride 1, whole blocks of input channels; sizes that leave tiles half filled.
Layer random_winograd_conv(Values& values) {
  const std::int64_t ic = values.pick<std::int64_t>({32, 48, 64, 112, 208}), oc = values.integer(16, 70);
  Layer layer;
  layer.attributes = {{"strides", Ints{1, 1}}, {"pads_begin", Ints{values.integer(0, 2), values.integer(0, 2)}},
                      {"pads_end", Ints{values.integer(0, 2), values.integer(0, 2)}}, {"dilations", Ints{1, 1}},
                      {"groups", std::int64_t{1}}};
  const Argument x = values.s8({values.integer(1, 3), ic, values.integer(3, 19), values.integer(3, 19)},
                               values.real(0.001f, 0.01f), values.pick<int>({-128, 0, 127}));
  layer.arguments = {channels_last(x), values.weights({oc, ic, 3, 3})};
  const std::vector<TensorType> types{layer.arguments[0].type, layer.arguments[1].type};
  const Inferred plain = infer(OpKind::conv, layer.attributes, types);
  REQUIRE(plain.ok());
  decorate(layer, values, plain.types[0].shape, oc, true);
  return layer;
}

/// `kernel` is what is asked for and then must run; empty: any own one.
void check_own(OpKind op, const Layer& layer, const std::string& kernel = {}) {
  EngineOptions options;
  options.int8_kernels = EngineOptions::Int8Kernels::own;
  if (!kernel.empty()) options.kernels.assign(8, kernel);  // of every step; those around the layer have no such kernel
  const Outcome o = run_one(op, layer.attributes, layer.arguments, layer.layout, options);
  INFO(to_string(op) << " " << to_string(layer.attributes) << " src " << to_string(layer.arguments[0].type.shape)
                     << " wei " << to_string(layer.arguments[1].type.shape) << " by " << o.implementation);
  CHECK(o.implementation.rfind("xpuq:int8", 0) == 0);
  if (!kernel.empty()) CHECK(o.implementation == kernel);
  if (o.type.dtype == DataType::f32) {
    CHECK(o.difference() <= (layer.transcendental ? 1e-5 : 0));
  } else {
    CHECK(o.difference() <= (layer.transcendental ? 1 : 0));
  }
}

void check_onednn(OpKind op, const Layer& layer, int& taken) {
  EngineOptions options;
  options.int8_kernels = EngineOptions::Int8Kernels::onednn;
  const Outcome o = run_one(op, layer.attributes, layer.arguments, layer.layout, options);
  INFO(to_string(op) << " " << to_string(layer.attributes) << " src " << to_string(layer.arguments[0].type.shape)
                     << " wei " << to_string(layer.arguments[1].type.shape) << " by " << o.implementation);
  taken += o.implementation.rfind("xpuq:", 0) == 0 ? 0 : 1;
  CHECK(o.difference() <= (o.type.dtype == DataType::f32 ? 1e-4 : 1));
}

}  // namespace

TEST_CASE("equiv: own int8 conv is exact") {
  Values values(1);
  for (int i = 0; i < 300; ++i) check_own(OpKind::conv, random_conv(values));
}

TEST_CASE("equiv: every kernel of a 3x3 int8 conv is exact") {
  Values values(6);
  for (int i = 0; i < 30; ++i) {
    const Layer layer = random_winograd_conv(values);
    for (const char* kernel : {"xpuq:int8_conv", "xpuq:int8_winograd_2x2", "xpuq:int8_winograd_4x4"}) check_own(OpKind::conv, layer, kernel);
  }
}

TEST_CASE("equiv: a kernel that a step does not have is ignored") {
  Values values(7);
  const Layer layer = random_winograd_conv(values);
  EngineOptions options;
  options.kernels.assign(100, "xpuq:no_such_kernel");
  const Outcome o = run_one(OpKind::conv, layer.attributes, layer.arguments, layer.layout, options);
  CHECK(o.implementation == run_one(OpKind::conv, layer.attributes, layer.arguments, layer.layout).implementation);
}

TEST_CASE("equiv: own int8 linear is exact") {
  Values values(2);
  for (int i = 0; i < 150; ++i) check_own(OpKind::linear, random_linear(values));
}

TEST_CASE("equiv: int8 conv and linear on oneDNN, weights that cannot saturate") {
  Values values(3);
  int taken = 0;
  for (int i = 0; i < 80; ++i) check_onednn(OpKind::conv, random_conv(values, 63), taken);
  for (int i = 0; i < 40; ++i) check_onednn(OpKind::linear, random_linear(values, 63), taken);
  CHECK(taken > 60);
}

TEST_CASE("equiv: the automatic choice is exact on this machine") {
  Values values(4);
  for (int i = 0; i < 40; ++i) {
    const Layer layer = random_conv(values);
    const Outcome o = run_one(OpKind::conv, layer.attributes, layer.arguments, layer.layout);
    CHECK(o.difference() <= (o.type.dtype == DataType::f32 ? 1e-4 : 1));
  }
}

TEST_CASE("equiv: large sums: every weight and code at its limit") {
  Values values(5);
  Argument x = values.s8({1, 512, 5, 5}, 0.01f, -128, 127, 127);
  Argument w = values.weights({32, 512, 3, 3});
  for (std::int8_t& v : w.tensor.span<std::int8_t>()) v = -128;
  Layer layer;
  layer.attributes = {{"strides", Ints{1, 1}}, {"pads_begin", Ints{1, 1}}, {"pads_end", Ints{1, 1}},
                      {"dilations", Ints{1, 1}}, {"groups", std::int64_t{1}}};
  layer.arguments = {channels_last(x), w};
  check_own(OpKind::conv, layer);
}
