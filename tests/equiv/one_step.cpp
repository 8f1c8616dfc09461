#include "one_step.h"

#include <cmath>

#include "ops/post_ops.h"

namespace xpuq::equiv {
namespace {

/// A plan under construction; every value gets its own memory.
class PlanBuilder {
 public:
  std::uint32_t value(const TensorType& type, Place place) {
    PlanValue v{"v" + std::to_string(plan_.values.size()), type, place, 0};
    if (place == Place::arena) {
      v.offset = plan_.arena_bytes;
      plan_.arena_bytes += aligned(type.bytes());
    }
    plan_.values.push_back(v);
    const auto index = static_cast<std::uint32_t>(plan_.values.size() - 1);
    if (place == Place::input) plan_.inputs.push_back(index);
    if (place == Place::output) plan_.outputs.push_back(index);
    return index;
  }
  std::uint32_t constant(const TensorType& type, const Tensor& tensor) {
    const std::uint32_t index = value(type, Place::constant);
    plan_.values[index].offset = bytes_.size();
    bytes_.resize(bytes_.size() + aligned(type.bytes()));
    std::memcpy(bytes_.data() + plan_.values[index].offset, tensor.raw(), tensor.bytes());
    return index;
  }
  /// An arena value in the memory of `other`.
  std::uint32_t over(std::uint32_t other, const TensorType& type) {
    const std::uint32_t index = value(type, Place::arena);
    plan_.values[index].offset = plan_.values[other].offset;
    return index;
  }
  void step(OpKind op, Attributes attributes, std::vector<std::uint32_t> in, std::uint32_t out,
            std::optional<std::uint32_t> in_place = {}) {
    plan_.steps.push_back({op, std::move(attributes), std::move(in), {out}, {"step"}, in_place});
  }
  std::uint32_t reorder(std::uint32_t from, Layout layout, Place place) {
    TensorType type = plan_.values[from].type;
    type.layout = layout;
    const std::uint32_t to = value(type, place);
    step(OpKind::reorder, {{"layout", std::string(to_string(layout))}}, {from}, to);
    return to;
  }
  const PlanValue& operator[](std::uint32_t v) const { return plan_.values[v]; }
  Plan finish() {
    auto tensor = std::make_shared<Tensor>(DataType::u8, Shape{static_cast<std::int64_t>(bytes_.size())});
    if (!bytes_.empty()) std::memcpy(tensor->raw(), bytes_.data(), bytes_.size());
    plan_.constants = {tensor->raw(), bytes_.size()};
    plan_.constants_owner = tensor;
    return plan_;
  }

 private:
  static std::uint64_t aligned(std::uint64_t n) { return (n + kPlanAlignment - 1) / kPlanAlignment * kPlanAlignment; }
  Plan plan_;
  std::vector<std::byte> bytes_;
};

struct Built {
  Plan plan;
  std::size_t step;  ///< index of the operation among the steps
};

Built build(OpKind op, const Attributes& attributes, const std::vector<Argument>& arguments, TensorType out,
            Layout output_layout) {
  PlanBuilder b;
  std::vector<std::uint32_t> in;
  for (const Argument& a : arguments) {
    if (a.constant) {
      in.push_back(b.constant(a.type, a.tensor));
      continue;
    }
    TensorType plain = a.type;
    plain.layout = Layout::plain;
    in.push_back(b.value(plain, Place::input));
  }
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].type.layout == Layout::channels_last) {
      in[i] = b.reorder(in[i], Layout::channels_last, Place::arena);
    }
  }
  const bool weighted = op == OpKind::conv || op == OpKind::linear;
  const int other = weighted ? weighted_inputs(attributes, in.size()).other : -1;
  const bool takes_over = other >= 0 && b[in[other]].place == Place::arena && b[in[other]].type.bytes() == out.bytes();
  out.layout = output_layout;
  std::uint32_t result = 0;
  if (takes_over) {
    result = b.over(in[other], out);
  } else {
    result = b.value(out, output_layout == Layout::plain ? Place::output : Place::arena);
  }
  b.step(op, attributes, in, result, takes_over ? std::optional<std::uint32_t>(other) : std::nullopt);
  Plan before = b.finish();
  const std::size_t index = before.steps.size() - 1;
  if (b[result].place != Place::output) b.reorder(result, Layout::plain, Place::output);
  return {b.finish(), index};
}

Tensor execute(const Plan& plan, const std::vector<Argument>& arguments, const TensorType& out, EngineOptions options,
               std::vector<StepInfo>& infos) {
  auto loaded = cpu_engine()->load(plan, options);
  if (!loaded.ok()) FAIL(loaded.error().text());
  std::vector<const void*> inputs;
  for (const Argument& a : arguments) {
    if (!a.constant) inputs.push_back(a.tensor.raw());
  }
  Tensor result(out.dtype, out.shape);
  std::memset(result.raw(), 0x55, result.bytes());
  void* outputs[] = {result.raw()};
  // Twice: the second run must not see what the first left behind.
  for (int i = 0; i < 2; ++i) {
    auto done = (*loaded)->run(inputs, outputs);
    if (!done.ok()) FAIL(done.error().text());
  }
  infos = (*loaded)->steps();
  return result;
}

Tensor widened(const Tensor& bf16) {
  Tensor out(DataType::f32, bf16.shape());
  for (std::int64_t i = 0; i < bf16.elements(); ++i)
    out.data<float>()[i] = std::bit_cast<float>(static_cast<std::uint32_t>(bf16.data<std::uint16_t>()[i]) << 16);
  return out;
}

template <class T>
double largest_difference(const Tensor& a, const Tensor& b, bool relative) {
  double worst = 0;
  const auto x = a.span<T>(), y = b.span<T>();
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto e = static_cast<double>(x[i]), v = static_cast<double>(y[i]);
    if (std::isnan(e) && std::isnan(v)) continue;
    if (e == v) continue;
    const double d = std::abs(e - v) / (relative ? 1 + std::abs(e) : 1);
    worst = std::isnan(d) ? INFINITY : std::max(worst, d);
  }
  return worst;
}

}  // namespace

std::shared_ptr<Engine> cpu_engine() {
  static const std::shared_ptr<Engine> engine = [] {
    auto loaded = load_engine("cpu");
    if (!loaded.ok()) FAIL(loaded.error().text());
    return *loaded;
  }();
  return engine;
}

double Outcome::difference() const {
  switch (type.dtype) {
    case DataType::bf16: return largest_difference<float>(widened(expected), widened(actual), true);
    case DataType::f32: return largest_difference<float>(expected, actual, true);
    case DataType::s8: return largest_difference<std::int8_t>(expected, actual, false);
    case DataType::s32: return largest_difference<std::int32_t>(expected, actual, false);
    case DataType::s64: return largest_difference<std::int64_t>(expected, actual, false);
    default: return largest_difference<std::uint8_t>(expected, actual, false);
  }
}

Outcome run_one(OpKind op, const Attributes& attributes, const std::vector<Argument>& arguments, Layout output_layout,
                EngineOptions options) {
  std::vector<Tensor> tensors;
  std::vector<TensorType> types;
  for (const Argument& a : arguments) {
    tensors.push_back(a.tensor);
    types.push_back(a.type);
    types.back().layout = Layout::plain;
  }
  const Inferred inferred = infer(op, attributes, types);
  INFO(to_string(op) << " " << to_string(attributes));
  if (!inferred.ok()) FAIL(inferred.problem);
  auto expected = evaluate(op, attributes, tensors, types);
  if (!expected.ok()) FAIL(expected.error().text());
  REQUIRE(expected->size() == 1);
  REQUIRE(expected->front().elements() > 0);

  const Built built = build(op, attributes, arguments, inferred.types[0], output_layout);
  REQUIRE(verify(built.plan) == "");
  Outcome outcome{inferred.types[0], expected->front(), {}, {}};
  std::vector<StepInfo> infos;
  options.threads = 1;
  outcome.actual = execute(built.plan, arguments, outcome.type, options, infos);
  outcome.implementation = infos[built.step].implementation;
  options.threads = 2;
  const Tensor two = execute(built.plan, arguments, outcome.type, options, infos);
  // Own kernels give the same bits for any number of threads. oneDNN may block a float primitive by their number (3.7
  // does), which moves the last bits of a sum; its integers stay equal.
  const bool ours = outcome.implementation.starts_with("xpuq:");
  if (outcome.type.dtype == DataType::bf16) {
    CHECK(largest_difference<float>(widened(two), widened(outcome.actual), true) <= 0x1p-8);
  } else if (ours || outcome.type.dtype != DataType::f32) {
    REQUIRE(std::memcmp(two.raw(), outcome.actual.raw(), two.bytes()) == 0);
  } else {
    for (std::int64_t i = 0; i < two.elements(); ++i)
      REQUIRE(std::abs(two.data<float>()[i] - outcome.actual.data<float>()[i]) <= 1e-5f * (1.0f + std::abs(two.data<float>()[i])));
  }
  return outcome;
}

}  // namespace xpuq::equiv
