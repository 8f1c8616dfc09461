// Every operation of the vocabulary at least once, against the reference. The last test makes sure of "every".
#include <set>

#include "one_step.h"

using namespace xpuq;
using namespace xpuq::equiv;

namespace {

std::set<OpKind>& seen() {
  static std::set<OpKind> kinds;
  return kinds;
}

/// Exact for everything that is not f32.
Outcome check(OpKind op, const Attributes& attributes, const std::vector<Argument>& arguments,
              Layout layout = Layout::plain, double tolerance = 2e-5) {
  seen().insert(op);
  const Outcome o = run_one(op, attributes, arguments, layout);
  INFO(to_string(op) << " " << to_string(attributes) << " of " << to_string(arguments[0].type.shape) << " by "
                     << o.implementation);
  CHECK(o.difference() <= (o.type.dtype == DataType::f32 ? tolerance : 0));
  return o;
}

constexpr Layout kLast = Layout::channels_last;

}  // namespace

TEST_CASE("equiv: unary") {
  Values v(21);
  const std::vector<std::pair<OpKind, Attributes>> cases{
      {OpKind::relu, {}},
      {OpKind::clip, {{"min", -0.5}, {"max", 1.0}}},
      {OpKind::hardswish, {}},
      {OpKind::hardsigmoid, {{"alpha", 0.2}, {"beta", 0.5}}},
      {OpKind::silu, {}},
      {OpKind::gelu, {{"approximate", std::string("none")}}},
      {OpKind::gelu, {{"approximate", std::string("tanh")}}},
      {OpKind::leaky_relu, {{"alpha", 0.1}}},
      {OpKind::elu, {{"alpha", 1.5}}},
      {OpKind::sigmoid, {}},
      {OpKind::tanh, {}},
      {OpKind::softplus, {}},
      {OpKind::erf, {}},
      {OpKind::exp, {}},
      {OpKind::abs, {}},
      {OpKind::neg, {}},
      {OpKind::floor, {}},
      {OpKind::ceil, {}},
      {OpKind::round, {}},
      {OpKind::sin, {}},
      {OpKind::cos, {}},
      {OpKind::sign, {}},
  };
  for (const auto& [op, attributes] : cases) {
    check(op, attributes, {v.f32({3, 7}, -8, 8)});
    check(op, attributes, {channels_last(v.f32({2, 5, 3, 4}, -8, 8))}, kLast);
  }
  for (OpKind op : {OpKind::tan, OpKind::asin, OpKind::acos, OpKind::atan, OpKind::sinh, OpKind::cosh, OpKind::asinh,
                    OpKind::atanh})
    check(op, {}, {v.f32({2, 9}, -0.9f, 0.9f)});
  check(OpKind::acosh, {}, {v.f32({2, 9}, 1.1f, 9)});
  Argument small = v.f32({2, 9}, -12, -9);  // what softplus leaves there is compared relative to itself
  const Outcome plus = check(OpKind::softplus, {}, {small});
  for (std::size_t i = 0; i < 18; ++i)
    CHECK(plus.actual.data<float>()[i] == Approx(plus.expected.data<float>()[i]).epsilon(1e-5));
  for (OpKind op : {OpKind::log, OpKind::sqrt, OpKind::reciprocal}) check(op, {}, {v.f32({2, 9}, 0.1f, 9)});
  check(OpKind::logical_not, {}, {integers(DataType::boolean, {4}, {0, 1, 1, 0})});
  check(OpKind::relu, {}, {integers(DataType::s32, {3}, {-4, 0, 9})});
  check(OpKind::relu, {}, {v.f32({}, -8, 8)});
}

TEST_CASE("equiv: binary") {
  Values v(22);
  for (OpKind op : {OpKind::add, OpKind::sub, OpKind::mul, OpKind::div, OpKind::minimum, OpKind::maximum}) {
    check(op, {}, {v.f32({3, 7}), v.f32({3, 7}, 0.5f, 2)});
    check(op, {}, {v.f32({3, 7}), v.f32({}, 0.5f, 2)});
    check(op, {}, {v.f32({}), v.f32({3, 7}, 0.5f, 2)});
    check(op, {}, {v.f32({7}), v.f32({2, 3, 7}, 0.5f, 2)});
    check(op, {}, {v.f32({3, 1}), v.f32({1, 7}, 0.5f, 2)});
    const Argument image = channels_last(v.f32({2, 5, 3, 4}));
    check(op, {}, {image, channels_last(v.f32({2, 5, 3, 4}, 0.5f, 2))}, kLast);
    check(op, {}, {image, v.f32({2, 5, 1, 1}, 0.5f, 2)}, kLast);
    check(op, {}, {image, Values::constant(v.f32({1, 5, 1, 1}, 0.5f, 2))}, kLast);
    check(op, {}, {image, Values::constant(v.f32({5, 1, 1}, 0.5f, 2))}, kLast);
    check(op, {}, {image, Values::constant(v.f32({1}, 0.5f, 2))}, kLast);
    check(op, {}, {image, v.f32({3, 4}, 0.5f, 2)}, kLast);
    check(op, {}, {v.f32({2, 5, 1, 1}), channels_last(v.f32({2, 5, 3, 4}, 0.5f, 2))}, kLast);
  }
  check(OpKind::pow, {}, {v.f32({3, 7}, 0.1f, 3), Values::constant(v.f32({}, 2, 2))});
  check(OpKind::pow, {}, {v.f32({3, 7}, 0.1f, 3), v.f32({7}, -2, 2)});
  check(OpKind::prelu, {}, {v.f32({2, 3, 4}), v.f32({3, 1})});
  check(OpKind::mod, {}, {integers(DataType::s64, {4}, {7, -7, 7, -7}), integers(DataType::s64, {4}, {3, 3, -3, -3})});
  check(OpKind::fmod, {}, {integers(DataType::s64, {4}, {7, -7, 7, -7}), integers(DataType::s64, {4}, {3, 3, -3, -3})});
  for (OpKind op : {OpKind::mod, OpKind::fmod}) check(op, {}, {v.f32({3, 7}, -9, 9), v.f32({7}, 0.5f, 2)}, Layout::plain, 0);
  const Argument a = integers(DataType::s64, {4}, {1, 2, 3, 4}), b = integers(DataType::s64, {4}, {4, 2, 3, 1});
  for (OpKind op : {OpKind::equal, OpKind::less, OpKind::less_equal, OpKind::greater, OpKind::greater_equal}) {
    check(op, {}, {a, b});
  }
  const Argument p = integers(DataType::boolean, {4}, {0, 1, 0, 1}), q = integers(DataType::boolean, {4}, {0, 0, 1, 1});
  check(OpKind::logical_and, {}, {p, q});
  check(OpKind::logical_or, {}, {p, q});
  check(OpKind::add, {}, {a, b});
  check(OpKind::where, {}, {p, v.f32({4}), v.f32({2, 4})});
  check(OpKind::cast, {{"to", std::string("f32")}}, {a});
}

TEST_CASE("equiv: normalization, softmax, reductions") {
  Values v(23);
  const auto positive = [&](std::int64_t n) { return Values::constant(v.f32({n}, 0.2f, 2)); };
  check(OpKind::batchnorm, {{"eps", 1e-5}},
        {channels_last(v.f32({2, 5, 3, 4})), positive(5), positive(5), positive(5), positive(5)}, kLast);
  check(OpKind::batchnorm, {{"eps", 1e-5}}, {v.f32({2, 5}), positive(5), positive(5), positive(5), positive(5)});
  check(OpKind::layer_norm, {{"axis", std::int64_t{2}}, {"eps", 1e-5}}, 
        {v.f32({2, 3, 48}), positive(48), positive(48)});
  check(OpKind::layer_norm, {{"axis", std::int64_t{1}}, {"eps", 1e-5}}, {v.f32({4, 3, 5})});
  check(OpKind::layer_norm, {{"axis", std::int64_t{1}}, {"eps", 1e-5}}, {v.f32({4, 7}), positive(7)});
  check(OpKind::layer_norm, {{"axis", std::int64_t{0}}, {"eps", 1e-5}}, {v.f32({9})});
  check(OpKind::group_norm, {{"groups", std::int64_t{2}}, {"eps", 1e-5}}, 
        {v.f32({2, 6, 3, 3}), positive(6), positive(6)});
  for (OpKind op : {OpKind::softmax, OpKind::log_softmax}) {
    for (std::int64_t axis : {0, 1, 2}) check(op, {{"axis", axis}}, {v.f32({3, 5, 17}, -20, 20)});
  }
  for (OpKind op :
       {OpKind::reduce_mean, OpKind::reduce_sum, OpKind::reduce_max, OpKind::reduce_min, OpKind::reduce_prod}) {
    for (std::int64_t keep : {0, 1}) {
      check(op, {{"axes", Ints{2, 3}}, {"keepdims", keep}}, {channels_last(v.f32({2, 20, 3, 4}, 0.5f, 1.5f))});
      check(op, {{"axes", Ints{1}}, {"keepdims", keep}}, {v.f32({3, 9, 4}, 0.5f, 1.5f)});
      check(op, {{"axes", Ints{0, 1}}, {"keepdims", keep}}, {v.f32({3, 9}, 0.5f, 1.5f)});
    }
    check(op, {{"axes", Ints{1}}, {"keepdims", std::int64_t{1}}}, {v.f32({3, 1}, 0.5f, 1.5f)});
  }
  Argument masked = v.f32({3, 9});
  for (float& x : masked.tensor.span<float>()) x = -std::numeric_limits<float>::infinity();
  for (OpKind op : {OpKind::reduce_max, OpKind::reduce_min})
    CHECK(check(op, {{"axes", Ints{1}}, {"keepdims", std::int64_t{0}}}, {masked}).actual.data<float>()[2] ==
          -std::numeric_limits<float>::infinity());
  check(OpKind::argmax, {{"axis", std::int64_t{1}}, {"keepdims", std::int64_t{0}}}, {v.f32({3, 9})});
  for (std::int64_t flag : {0, 1}) {
    check(OpKind::topk, {{"axis", std::int64_t{1}}, {"k", std::int64_t{3}}, {"largest", flag}}, {v.f32({2, 9, 4})});
    check(OpKind::cumsum, {{"axis", std::int64_t{1}}, {"exclusive", flag}, {"reverse", 1 - flag}}, {v.f32({2, 9, 4})});
  }
}

TEST_CASE("equiv: pools") {
  Values v(24);
  const auto window = [](Ints kernel, Ints strides, Ints begin, Ints end, std::int64_t ceil) {
    return Attributes{
        {"kernel", kernel}, {"strides", strides}, {"pads_begin", begin}, {"pads_end", end}, {"ceil_mode", ceil}};
  };
  const std::vector<Attributes> windows{
      window({3, 3}, {2, 2}, {1, 1}, {1, 1}, 0), window({3, 3}, {2, 2}, {0, 0}, {0, 0}, 1),
      window({2, 3}, {2, 1}, {0, 1}, {1, 0}, 0), window({3, 3}, {2, 2}, {1, 1}, {1, 1}, 1)};
  // 150 channels: more than one pass of the int8 kernel, and a rest.
  for (std::int64_t channels : {5, 32, 150}) {
    const Shape shape{2, channels, 10, 9};
    for (const Argument& x : {v.f32(shape), v.s8(shape, 0.05f, -17)}) {
      for (Layout layout : {Layout::plain, kLast}) {
        const Argument src = layout == kLast ? channels_last(x) : x;
        for (const Attributes& w : windows) {
          check(OpKind::max_pool, Attributes(w).set("dilations", Ints{1, 1}), {src}, layout);
          check(OpKind::avg_pool, Attributes(w).set("count_include_pad", std::int64_t{0}), {src}, layout);
          check(OpKind::avg_pool, Attributes(w).set("count_include_pad", std::int64_t{1}), {src}, layout);
        }
        const Attributes dilated = Attributes(windows[0]).set("dilations", Ints{2, 2}).set("pads_begin", Ints{2, 2});
        check(OpKind::max_pool, dilated, {src}, layout);
        Attributes by_three = windows[0];
        by_three.set("count_include_pad", std::int64_t{0}).set("divisor_override", std::int64_t{3});
        check(OpKind::avg_pool, by_three, {src}, layout);
        check(OpKind::adaptive_avg_pool, {{"output_size", Ints{1, 1}}}, {src}, layout);
        check(OpKind::adaptive_avg_pool, {{"output_size", Ints{5, 3}}}, {src}, layout);
        check(OpKind::adaptive_avg_pool, {{"output_size", Ints{3, 4}}}, {src}, layout);
      }
    }
  }
}

TEST_CASE("equiv: operations that move elements") {
  Values v(25);
  for (int quantized : {0, 1}) {
    const auto make = [&](Shape shape) {
      return quantized ? v.s8(std::move(shape), 0.1f, 5) : v.f32(std::move(shape));
    };
    check(OpKind::concat, {{"axis", std::int64_t{1}}},
          {channels_last(make({2, 5, 3, 4})), channels_last(make({2, 32, 3, 4}))}, kLast);
    check(OpKind::concat, {{"axis", std::int64_t{2}}}, {make({2, 5, 3}), make({2, 5, 1}), make({2, 5, 8})});
    check(OpKind::concat, {{"axis", std::int64_t{0}}}, {make({2, 5}), Values::constant(make({1, 5}))});
    check(OpKind::reshape, {{"shape", Ints{6, 10}}}, {make({3, 4, 5})});
    check(OpKind::flatten, {{"axis", std::int64_t{1}}}, {make({3, 4, 5})});
    check(OpKind::transpose, {{"perm", Ints{0, 2, 1}}}, {make({3, 40, 50})});
    check(OpKind::transpose, {{"perm", Ints{0, 2, 1, 3}}}, {make({2, 3, 4, 5})});
    check(OpKind::transpose, {{"perm", Ints{3, 1, 2, 0}}}, {make({70, 3, 4, 65})});
    check(OpKind::slice, {{"starts", Ints{0, 7}}, {"sizes", Ints{2, 3}}, {"steps", Ints{1, -2}}}, {make({2, 9})});
    check(OpKind::slice, {{"starts", Ints{1, 0, 2}}, {"sizes", Ints{2, 4, 3}}, {"steps", Ints{1, 1, 1}}},
          {make({3, 4, 5})});
    for (const char* mode : {"constant", "reflect", "edge"}) {
      check(OpKind::pad,
            {{"begin", Ints{0, 1, 2}}, {"end", Ints{0, 2, 1}}, {"mode", std::string(mode)}, {"value", 0.0}},
            {make({2, 4, 5})});
    }
    check(OpKind::expand, {{"shape", Ints{4, 3, 5}}}, {make({3, 1})});
    check(OpKind::gather, {{"axis", std::int64_t{1}}}, {make({3, 6}), integers(DataType::s64, {2, 2}, {0, 5, -1, 2})});
    check(OpKind::gather_elements, {{"axis", std::int64_t{1}}},
          {make({3, 6}), integers(DataType::s64, {2, 2}, {0, 5, -1, 2})});
    check(OpKind::gather_nd, {{"batch_dims", std::int64_t{1}}},
          {make({2, 3, 4}), integers(DataType::s32, {2, 2, 1}, {0, 2, -1, 1})});
    check(OpKind::reorder, {{"layout", std::string("channels_last")}}, {make({2, 37, 8, 9})}, kLast);
    for (Layout layout : {Layout::plain, kLast}) {
      const auto image = [&](Argument a) { return layout == kLast ? channels_last(a) : a; };
      for (const char* coordinates : {"half_pixel", "asymmetric", "align_corners"}) {
        for (const char* mode : {"nearest", "linear", "cubic"}) {
          if (quantized && std::string(mode) != "nearest") continue;
          for (const auto& [size, scale] : {std::pair{Ints{1, 6, 10, 8}, 2.0}, std::pair{Ints{1, 6, 7, 4}, 1.4}}) {
            const double sy = static_cast<double>(size[2]) / 5, sx = static_cast<double>(size[3]) / 4;
            check(OpKind::resize,
                  {{"mode", std::string(mode)},
                   {"coordinates", std::string(coordinates)},
                   {"nearest_mode", std::string("floor")},
                   {"sizes", size},
                   {"scales", Floats{1, 1, sy, sx}}},
                  {image(make({1, 6, 5, 4}))}, layout);
          }
        }
      }
    }
  }
  check(OpKind::pad, {{"begin", Ints{1}}, {"end", Ints{2}}, {"mode", std::string("constant")}, {"value", 1.5}},
        {v.f32({3})});
}

TEST_CASE("equiv: scatter and grid_sample") {
  Values v(27);
  for (const char* reduction : {"none", "add", "mul", "min", "max"}) {
    const std::string how = reduction;
    check(OpKind::scatter_elements, {{"axis", std::int64_t{1}}, {"reduction", how}},
          {v.f32({2, 5}), integers(DataType::s64, {2, 3}, {0, 4, 0, -1, 2, 2}), v.f32({2, 3})});
    check(OpKind::scatter_nd, {{"reduction", how}},
          {channels_last(v.f32({2, 3, 4})), integers(DataType::s64, {2, 2}, {0, 2, -1, 1}), v.f32({2, 4})});
  }
  for (const char* mode : {"nearest", "linear", "cubic"})
    for (const char* padding : {"zeros", "border", "reflection"})
      check(OpKind::grid_sample,
            {{"mode", std::string(mode)}, {"padding", std::string(padding)}, {"align_corners", std::int64_t{0}}},
            {channels_last(v.f32({2, 3, 4, 5})), v.f32({2, 6, 7, 2}, -1.8f, 1.8f)});
}

TEST_CASE("equiv: quantization") {
  Values v(26);
  const auto quantize = [](double scale, std::int64_t zero_point, const char* type) {
    return Attributes{{"scales", Floats{scale}}, {"zero_points", Ints{zero_point}}, {"type", std::string(type)}};
  };
  Argument x = v.f32({2, 19, 5, 7}, -3, 3);
  x.tensor.span<float>()[0] = std::numeric_limits<float>::quiet_NaN();
  x.tensor.span<float>()[1] = std::numeric_limits<float>::infinity();
  x.tensor.span<float>()[2] = -1e38f;
  for (Layout in : {Layout::plain, kLast}) {
    for (Layout out : {Layout::plain, kLast}) {
      const Argument src = in == kLast ? channels_last(x) : x;
      check(OpKind::quantize, quantize(0.013, 11, "s8"), {src}, out);
      check(OpKind::quantize, quantize(0.013, 200, "u8"), {src}, out);
      const Argument q = v.s8({2, 19, 5, 7}, 0.0123456789f, -100);
      check(OpKind::dequantize, {{"to", std::string("f32")}}, {in == kLast ? channels_last(q) : q}, out, 0);
    }
  }
  check(OpKind::quantize,
        {{"scales", Floats{0.1, 0.2, 0.3}},
         {"zero_points", Ints{0, 0, 0}},
         {"axis", std::int64_t{0}},
         {"type", std::string("s8")}},
        {v.f32({3, 5})});
  check(OpKind::dequantize, {{"to", std::string("f32")}}, {Values::constant(v.s8({40}, 0.02f, 3))}, Layout::plain, 0);
  for (const char* to : {"s8", "u8"})
    check(OpKind::to_codes, {{"to", std::string(to)}}, {channels_last(v.s8({2, 5, 3, 4}, 0.1f, 7))});
  Argument plain = v.s8({2, 5, 3, 4}, 1, 0);
  plain.type.quant.reset();
  check(OpKind::from_codes, {{"scales", Floats{0.1}}, {"zero_points", Ints{7}}}, {plain}, kLast);
  Argument table = v.s8({256}, 1, 0);
  table.type.quant.reset();
  const Attributes dst{{"dst_scale", 0.05}, {"dst_zero_point", std::int64_t{-4}}};
  check(OpKind::lookup, dst, {v.s8({1000}, 0.1f, 7), Values::constant(table)});
  check(OpKind::lookup, dst, {channels_last(v.s8({2, 5, 3, 4}, 0.1f, 7)), Values::constant(table)}, kLast);
}

TEST_CASE("equiv: weighted operations are in their own files") {
  for (OpKind op : {OpKind::conv, OpKind::conv_transpose, OpKind::linear, OpKind::matmul}) seen().insert(op);
  for (const OpSchema& s : all_ops()) {
    if (s.kind == OpKind::observe || s.kind == OpKind::dropout) continue;  // never in a plan
    INFO(s.name);
    CHECK(seen().count(s.kind) == 1);
  }
}
