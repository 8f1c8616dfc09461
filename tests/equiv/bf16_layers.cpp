// Steps on bf16 values against the reference, which computes in f32 and rounds once: the engine may differ by the
// rounding of its f32 sums, which moves a bf16 result by at most one step of 2^-8.
#include "one_step.h"
#include "ops/post_ops.h"

using namespace xpuq;
using namespace xpuq::equiv;

namespace {

constexpr double kStep = 0x1p-7;  // one bf16 step relative to 1 + |x|, both neighbours included
constexpr Layout kLast = Layout::channels_last;

Attributes conv_attributes(std::int64_t groups) {
  return {{"strides", Ints{1, 1}}, {"pads_begin", Ints{1, 1}}, {"pads_end", Ints{1, 1}}, {"dilations", Ints{1, 1}}, {"groups", groups}};
}

void check(OpKind op, const Attributes& a, const std::vector<Argument>& arguments, Layout layout = Layout::plain, double bound = kStep) {
  const Outcome o = run_one(op, a, arguments, layout);
  INFO(to_string(op) << " " << to_string(a) << " by " << o.implementation);
  CHECK(o.difference() <= bound);
  CHECK(o.implementation.find("reference") == std::string::npos);
}

}  // namespace

TEST_CASE("equiv: bf16 convolution and linear") {
  Values v(31);
  for (std::int64_t groups : {1, 2, 6}) {
    for (int bias = 0; bias < 2; ++bias) {
      for (int sum = 0; sum < 2; ++sum) {
        Attributes a = conv_attributes(groups);
        std::vector<Argument> in{channels_last(v.bf16({2, 6, 9, 7})), Values::constant(v.bf16({12, 6 / groups, 3, 3}, -0.5f, 0.5f))};
        if (bias) in.push_back(Values::constant(v.f32({12})));
        if (sum) in.push_back(channels_last(v.bf16({2, 12, 9, 7})));
        std::vector<PostOp> ops;
        if (sum) ops.push_back({"sum"});
        ops.push_back({"relu"});
        set_post_ops(a, ops);
        check(OpKind::conv, a, in, kLast);
      }
    }
  }
  check(OpKind::linear, {}, {v.bf16({3, 40}), Values::constant(v.bf16({17, 40}, -0.3f, 0.3f)), Values::constant(v.f32({17}))});
  check(OpKind::matmul, {}, {v.bf16({2, 5, 8}), v.bf16({2, 8, 6})});
}

TEST_CASE("equiv: int8 layers with bf16 around them") {
  Values v(32);
  Attributes a = conv_attributes(1);
  a.set("dst_type", std::string("bf16"));
  check(OpKind::conv, a, {channels_last(v.s8({1, 16, 8, 8}, 0.02f, 3)), v.weights({24, 16, 3, 3}), Values::constant(v.f32({24}))}, kLast);
  set_post_ops(a, {{"sum"}, {"relu"}});
  check(OpKind::conv, a, {channels_last(v.s8({1, 16, 8, 8}, 0.02f, -128)), v.weights({24, 16, 3, 3}), channels_last(v.bf16({1, 24, 8, 8}))}, kLast);
  // An int8 result may take one code more or less where the sum lands on a tie.
  Attributes q = conv_attributes(1);
  set_post_ops(q, {{"sum"}});
  q.set("dst_scale", 0.05);
  q.set("dst_zero_point", std::int64_t{-7});
  check(OpKind::conv, q, {channels_last(v.s8({1, 16, 8, 8}, 0.02f, -128)), v.weights({24, 16, 3, 3}), channels_last(v.bf16({1, 24, 8, 8}))}, kLast, 1);
  check(OpKind::linear, {{"dst_type", std::string("bf16")}}, {v.s8({3, 40}, 0.02f, 4), v.weights({17, 40}), Values::constant(v.f32({17}))});
}

TEST_CASE("equiv: bf16 pools, pointwise operations and conversions") {
  Values v(33);
  const Argument x = v.bf16({2, 5, 8, 6}, -3, 3);
  const Attributes window{{"kernel", Ints{2, 2}}, {"strides", Ints{2, 2}}, {"pads_begin", Ints{0, 0}}, {"pads_end", Ints{0, 0}}, {"ceil_mode", std::int64_t{0}}};
  Attributes max = window, avg = window;
  max.set("dilations", Ints{1, 1});
  avg.set("count_include_pad", std::int64_t{1});
  check(OpKind::max_pool, max, {channels_last(x)}, kLast, 0);
  check(OpKind::avg_pool, avg, {channels_last(x)}, kLast);
  for (OpKind op : {OpKind::relu, OpKind::hardswish, OpKind::silu, OpKind::sigmoid}) check(op, {}, {x});
  check(OpKind::relu, {}, {x}, Layout::plain, 0);
  check(OpKind::add, {}, {x, v.bf16({2, 5, 8, 6})});
  check(OpKind::mul, {}, {x, v.bf16({2, 5, 1, 1})});
  check(OpKind::concat, {{"axis", std::int64_t{1}}}, {x, v.bf16({2, 3, 8, 6})}, Layout::plain, 0);
  check(OpKind::transpose, {{"perm", Ints{0, 2, 3, 1}}}, {x}, Layout::plain, 0);
  check(OpKind::cast, {{"to", std::string("f32")}}, {x}, Layout::plain, 0);
  Argument wide = v.f32({2, 5, 8, 6}, -3, 3);
  wide.tensor.span<float>()[0] = std::numeric_limits<float>::quiet_NaN();
  wide.tensor.span<float>()[1] = std::numeric_limits<float>::infinity();
  wide.tensor.span<float>()[2] = 3.4e38f;  // beyond the largest bf16
  wide.tensor.span<float>()[3] = 1.00390625f;  // a tie, to the even neighbour
  check(OpKind::cast, {{"to", std::string("bf16")}}, {channels_last(wide)}, kLast, 0);
  check(OpKind::quantize, {{"scales", Floats{0.02}}, {"zero_points", Ints{4}}, {"type", std::string("s8")}}, {channels_last(x)}, kLast, 0);
}
