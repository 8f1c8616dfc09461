// conv, conv_transpose, linear and matmul on f32 against the reference.
#include "ops/post_ops.h"
#include "one_step.h"

using namespace xpuq;
using namespace xpuq::equiv;

namespace {

void check_close(OpKind op, const Attributes& attributes, const std::vector<Argument>& arguments, Layout layout,
                 int& taken) {
  const Outcome o = run_one(op, attributes, arguments, layout);
  INFO(to_string(op) << " " << to_string(attributes) << " src " << to_string(arguments[0].type.shape) << " wei "
                     << to_string(arguments[1].type.shape) << " by " << o.implementation);
  CHECK(o.difference() <= 2e-5);
  taken += o.implementation == "xpuq:reference" ? 0 : 1;
}

std::vector<PostOp> random_post_ops(Values& values, bool sum) {
  std::vector<PostOp> ops;
  if (sum) ops.push_back({"sum"});
  const std::vector<PostOp> all{{"relu"}, {"clip", -1, 1}, {"hardswish"}, {"leaky_relu", 0.1}, {"silu"},
                                {"gelu", 0}, {"gelu", 1}, {"hardsigmoid", 0.2, 0.5}, {"sigmoid"}, {"tanh"}};
  if (values.chance(60)) ops.push_back(values.pick(all));
  return ops;
}

}  // namespace

TEST_CASE("equiv: f32 conv") {
  Values values(11);
  int taken = 0;
  for (int i = 0; i < 100; ++i) {
    std::int64_t groups = values.pick<std::int64_t>({1, 1, 1, 2, 8});
    const std::int64_t ic = groups * values.integer(1, 5), oc = groups * values.integer(1, 6);
    const int rank = static_cast<int>(values.pick<std::int64_t>({1, 2, 2, 2, 3}));
    Shape src{values.integer(1, 2), ic}, wei{oc, ic / groups};
    Ints strides, dilations, begin, end;
    for (int k = 0; k < rank; ++k) {
      wei.push_back(values.integer(1, 3));
      strides.push_back(values.integer(1, 2));
      dilations.push_back(values.integer(1, 2));
      begin.push_back(values.integer(0, 2));
      end.push_back(values.integer(0, 2));
      src.push_back(values.integer(6, 12));
    }
    Attributes a{{"strides", strides}, {"pads_begin", begin}, {"pads_end", end}, {"dilations", dilations},
                 {"groups", groups}};
    const bool last = values.chance(80);
    Argument x = values.f32(src);
    std::vector<Argument> arguments{last ? channels_last(x) : x, values.f32(wei)};
    arguments[1].constant = values.chance(90);
    const Inferred plain = infer(OpKind::conv, a, std::vector{x.type, arguments[1].type});
    REQUIRE(plain.ok());
    if (values.chance(70)) arguments.push_back(Values::constant(values.f32({oc})));
    const bool sum = values.chance(40);
    if (sum) {
      Argument other = values.f32(plain.types[0].shape);
      arguments.push_back(last ? channels_last(other) : other);
    }
    set_post_ops(a, random_post_ops(values, sum));
    check_close(OpKind::conv, a, arguments, last ? Layout::channels_last : Layout::plain, taken);
  }
  CHECK(taken >= 95);
}

TEST_CASE("equiv: f32 conv_transpose") {
  Values values(12);
  int taken = 0;
  for (int i = 0; i < 40; ++i) {
    const std::int64_t groups = values.pick<std::int64_t>({1, 1, 2, 3});
    const std::int64_t ic = groups * values.integer(1, 4), oc = values.integer(1, 5);
    const int rank = static_cast<int>(values.pick<std::int64_t>({1, 2, 2, 3}));
    Shape src{1, ic}, wei{ic, oc};
    Ints strides, dilations, begin, end, padding;
    for (int k = 0; k < rank; ++k) {
      wei.push_back(values.integer(2, 3));
      strides.push_back(values.integer(1, 3));
      dilations.push_back(values.integer(1, 2));
      begin.push_back(values.integer(0, 1));
      end.push_back(values.integer(0, 1));
      padding.push_back(values.integer(0, strides.back() - 1));
      src.push_back(values.integer(3, 6));
    }
    const Attributes a{{"strides", strides},     {"pads_begin", begin}, {"pads_end", end},
                       {"dilations", dilations}, {"groups", groups},    {"output_padding", padding}};
    const bool last = values.chance(80);
    Argument x = values.f32(src);
    std::vector<Argument> arguments{last ? channels_last(x) : x, Values::constant(values.f32(wei))};
    if (values.chance(60)) arguments.push_back(Values::constant(values.f32({oc * groups})));
    check_close(OpKind::conv_transpose, a, arguments, last ? Layout::channels_last : Layout::plain, taken);
  }
  CHECK(taken >= 25);
}

TEST_CASE("equiv: f32 linear and matmul") {
  Values values(13);
  int taken = 0;
  for (int i = 0; i < 60; ++i) {
    const std::int64_t inputs = values.integer(1, 300), outputs = values.integer(1, 90);
    Shape src = values.pick<Shape>({{1, inputs}, {9, inputs}, {2, 7, inputs}, {inputs}});
    Shape dst = src;
    dst.back() = outputs;
    std::vector<Argument> arguments{values.f32(src), values.f32({outputs, inputs}, -0.2f, 0.2f)};
    arguments[1].constant = values.chance(90);
    if (values.chance(70)) arguments.push_back(Values::constant(values.f32({outputs})));
    const bool sum = values.chance(30);
    if (sum) arguments.push_back(values.f32(dst));
    Attributes a;
    set_post_ops(a, random_post_ops(values, sum));
    check_close(OpKind::linear, a, arguments, Layout::plain, taken);
  }
  const std::vector<std::pair<Shape, Shape>> products{
      {{5, 7}, {7, 3}},           {{2, 3, 17, 32}, {2, 3, 32, 17}}, {{2, 3, 4, 5}, {5, 6}},
      {{4, 5}, {2, 1, 5, 6}},     {{3, 1, 4, 5}, {1, 2, 5, 6}}};
  for (const auto& [a, b] : products) {
    check_close(OpKind::matmul, {}, {values.f32(a), values.f32(b)}, Layout::plain, taken);
  }
  CHECK(taken >= 63);
}
