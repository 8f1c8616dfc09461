// A small artifact that uses every feature of the format: two plans over shared constants, every kind of attribute,
// per-channel quantization, both layouts, an in-place step, empty and odd names, labels, self-tests, target sections.
// Frozen: tests/compat holds it as a file of format 1.0, and that file is compared with it.
#pragma once

#include <cstring>
#include <limits>
#include <map>

#include "artifact/artifact.h"
#include "plan/memory.h"

namespace xpuq::artifact_test {

/// Builds a plan value by value; constants are placed in order of their making.
class PlanBuilder {
 public:
  std::uint32_t value(Place place, std::string name, TensorType type) {
    plan_.values.push_back({.name = std::move(name), .type = std::move(type), .place = place, .offset = 0});
    const auto id = static_cast<std::uint32_t>(plan_.values.size() - 1);
    if (place == Place::input) plan_.inputs.push_back(id);
    if (place == Place::output) plan_.outputs.push_back(id);
    return id;
  }

  template <class T>
  std::uint32_t constant(std::string name, TensorType type, const std::vector<T>& values) {
    const std::uint32_t id = value(Place::constant, std::move(name), std::move(type));
    const std::uint64_t offset = align_up(constants_.size());
    plan_.values[id].offset = offset;
    constants_.resize(align_up(offset + values.size() * sizeof(T)));
    std::memcpy(constants_.data() + offset, values.data(), values.size() * sizeof(T));
    return id;
  }

  void step(OpKind op, Attributes attributes, std::vector<std::uint32_t> inputs, std::uint32_t output,
            std::vector<std::string> origin = {}, std::optional<std::uint32_t> in_place = {}) {
    plan_.steps.push_back({.op = op, .attributes = std::move(attributes), .inputs = std::move(inputs),
                           .outputs = {output}, .origin = std::move(origin), .in_place = in_place});
  }

  Plan take() {
    auto blob = std::make_shared<Tensor>(DataType::u8, Shape{static_cast<std::int64_t>(constants_.size())});
    if (!constants_.empty()) std::memcpy(blob->raw(), constants_.data(), constants_.size());
    plan_.constants = {blob->raw(), constants_.size()};
    plan_.constants_owner = blob;
    plan_memory(plan_, {});
    return std::move(plan_);
  }

 private:
  Plan plan_;
  std::vector<char> constants_;
};

inline TensorType f32(Shape shape, Layout layout = Layout::plain) {
  return {DataType::f32, std::move(shape), layout, {}};
}

inline TensorType s8(Shape shape, QuantParams quant, Layout layout = Layout::plain) {
  return {DataType::s8, std::move(shape), layout, std::move(quant)};
}

/// quantize -> int8 conv with post-op -> dequantize -> resize -> clip, and reshape in place -> slice -> leaky_relu.
/// `weight` is the value of all codes, `extra` adds a second constant of the size of the first.
inline Plan sample_plan(std::int64_t n, std::int8_t weight = 5, bool extra = false) {
  PlanBuilder b;
  const QuantParams src{{0.02f}, {3}, {}}, dst{{0.05f}, {-1}, {}};
  const QuantParams wei{{0.25f, 1e-3f, 0.125f, std::numeric_limits<float>::denorm_min()}, {0, 0, 0, 0}, 0};
  const auto in = b.value(Place::input, "image \"\xC3\xA9\"\n", f32({n, 3, 8, 8}));
  const auto q = b.value(Place::arena, "", s8({n, 3, 8, 8}, src, Layout::channels_last));
  const auto w = b.constant("w", s8({4, 3, 3, 3}, wei), std::vector<std::int8_t>(108, weight));
  const auto bias = b.constant("b", f32({4}), std::vector<float>{1, -0.0f, 2.5f, 1e-30f});
  const auto c = b.value(Place::arena, "conv", s8({n, 4, 8, 8}, dst, Layout::channels_last));
  const auto d = b.value(Place::arena, "", f32({n, 4, 8, 8}, Layout::channels_last));
  const auto big = b.value(Place::arena, "big", f32({n, 4, 16, 16}));
  const auto out0 = b.value(Place::output, "big", f32({n, 4, 16, 16}));
  const auto flat = b.value(Place::arena, "flat", f32({n, 256}));
  const auto cut = b.value(Place::arena, "cut", f32({n, 10}));
  const auto out1 = b.value(Place::output, "logits", f32({n, 10}));
  b.step(OpKind::quantize, {{"scales", Floats{0.02f}}, {"zero_points", Ints{3}}, {"type", "s8"}}, {in}, q);
  b.step(OpKind::conv,
         {{"strides", Ints{1, 1}}, {"pads_begin", Ints{1, 1}}, {"pads_end", Ints{1, 1}}, {"dilations", Ints{1, 1}},
          {"groups", std::int64_t{1}}, {"post_ops", Strings{"leaky_relu"}}, {"post_alpha", Floats{0.1}},
          {"post_beta", Floats{0}}, {"dst_scale", static_cast<double>(0.05f)}, {"dst_zero_point", std::int64_t{-1}}},
         {q, w, bias}, c, {"layer1.conv", "layer1.relu"});
  b.step(OpKind::dequantize, {{"to", "f32"}}, {c}, d);
  b.step(OpKind::resize,
         {{"mode", "nearest"}, {"coordinates", "asymmetric"}, {"nearest_mode", "floor"},
          {"sizes", Ints{n, 4, 16, 16}}, {"scales", Floats{1, 1, 2, 2}}},
         {d}, big);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  b.step(OpKind::clip, {{"min", -0.0}, {"max", kInfinity}}, {big}, out0, {"", "clip"});
  b.step(OpKind::reshape, {{"shape", Ints{n, 256}}}, {d}, flat, {}, 0);
  b.step(OpKind::slice, {{"starts", Ints{0, 255}}, {"sizes", Ints{n, 10}}, {"steps", Ints{1, -3}}}, {flat}, cut);
  if (extra) {
    const auto w2 = b.constant("", f32({10}), std::vector<float>(10, 0.5f));
    const auto sum = b.value(Place::arena, "", f32({n, 10}));
    b.step(OpKind::add, {}, {cut, w2}, sum);
    b.step(OpKind::leaky_relu, {{"alpha", 1.0 / 3}}, {sum}, out1);
  } else {
    b.step(OpKind::leaky_relu, {{"alpha", 1.0 / 3}}, {cut}, out1);
  }
  return b.take();
}

inline SelfTest sample_self_test(const Plan& plan, std::uint32_t number) {
  SelfTest test{.plan = number, .seed = 0xFEDCBA9876543210u + number, .expected = {}, .rtol = 1e-2f, .atol = 1e-3f};
  for (std::uint32_t v : plan.outputs) {
    Tensor t(plan.values[v].type.dtype, plan.values[v].type.shape);
    for (std::size_t i = 0; i < t.span<float>().size(); ++i) t.span<float>()[i] = static_cast<float>(i) / 7 - 3;
    test.expected.push_back(std::move(t));
  }
  return test;
}

inline TargetSection target(std::string key, std::string text) {
  const auto owner = std::make_shared<const std::string>(std::move(text));
  return {.key = std::move(key), .bytes = std::as_bytes(std::span(owner->data(), owner->size())), .owner = owner};
}

inline Artifact sample_artifact() {
  Artifact a;
  a.plans = {sample_plan(1), sample_plan(2)};
  a.info = Json::parse(R"({"name":"tiny","z":1,"a":[1.5,-3,null,true,"\u00e9"],"hashes":{"model":"00ff"},"empty":{}})");
  a.labels = {"tench", "", "gold\xC3\xA9 fish"};
  a.self_tests = {sample_self_test(a.plans[1], 1)};
  a.targets = {target("cpu:avx2", "packed weights"), target("gpu:dg2:driver 1.6.33578:onednn 3.13", "")};
  return a;
}

inline std::span<const std::byte> as_span(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace xpuq::artifact_test
