#include "driver/check_steps.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include "reference/evaluate.h"
#include "runtime/gpu_device.h"

namespace xpuq {
namespace {

/// Where element `row_major` of a channels_last value lies in memory, in elements.
std::vector<std::size_t> memory_order(const TensorType& type) {
  const auto count = static_cast<std::size_t>(type.elements());
  std::vector<std::size_t> at(count);
  const auto channels = static_cast<std::size_t>(type.shape[1]);
  const std::size_t pixels = count / static_cast<std::size_t>(type.shape[0]) / channels;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t n = i / (channels * pixels), c = i / pixels % channels, p = i % pixels;
    at[i] = (n * pixels + p) * channels + c;
  }
  return at;
}

double number(const TensorType& type, const std::byte* bytes, std::size_t i) {
  switch (type.dtype) {
    case DataType::f32: { float v; std::memcpy(&v, bytes + 4 * i, 4); return v; }
    case DataType::bf16: { std::uint16_t h; std::memcpy(&h, bytes + 2 * i, 2); const std::uint32_t w = std::uint32_t{h} << 16; float v; std::memcpy(&v, &w, 4); return v; }
    case DataType::s8: return static_cast<double>(static_cast<std::int8_t>(bytes[i]));
    case DataType::u8: case DataType::boolean: return static_cast<double>(static_cast<std::uint8_t>(bytes[i]));
    case DataType::s32: { std::int32_t v; std::memcpy(&v, bytes + 4 * i, 4); return v; }
    case DataType::s64: { std::int64_t v; std::memcpy(&v, bytes + 8 * i, 8); return static_cast<double>(v); }
    default: return 0;
  }
}

class Checker final : public StepObserver {
 public:
  Checker(const Plan& plan, const gpu::Program& program) : plan_(plan), program_(program) {
    for (std::uint32_t s = 0; s < program.steps.size(); ++s) {
      const std::uint32_t into = program.steps[s].fused_into.value_or(s);
      members_[into].push_back(s);
    }
  }
  StepReport report;

  Result<void> before(std::uint32_t step, const ReadValue& read) override {
    values_.clear();
    for (std::uint32_t s : members_.at(step))
      for (std::uint32_t v : plan_.steps[s].inputs) {
        if (values_.contains(v) || made_inside(step, v)) continue;
        XPUQ_ASSIGN(values_[v], fetch(v, read));
      }
    return {};
  }

  Result<void> after(std::uint32_t step, const ReadValue& read) override {
    for (std::uint32_t s : members_.at(step)) XPUQ_TRY(compute(s));
    for (std::uint32_t s : members_.at(step))
      for (std::uint32_t v : plan_.steps[s].outputs) {
        if (!program_.values[v]) continue;  // only in registers
        XPUQ_ASSIGN(const Tensor got, fetch(v, read));
        compare(s, v, got, values_.at(v));
      }
    return {};
  }

 private:
  bool made_inside(std::uint32_t step, std::uint32_t v) const {
    const auto& members = members_.at(step);
    return std::any_of(members.begin(), members.end(), [&](std::uint32_t s) { return std::count(plan_.steps[s].outputs.begin(), plan_.steps[s].outputs.end(), v) > 0; });
  }

  /// Elements in row-major order.
  Result<Tensor> fetch(std::uint32_t v, const ReadValue& read) {
    const PlanValue& value = plan_.values[v];
    const TensorType& type = value.type;
    Tensor t(type.dtype, type.shape);
    if (type.bytes() == 0) return t;
    if (value.place == Place::constant) {
      std::memcpy(t.raw(), plan_.constant_bytes(v), type.bytes());
      return t;
    }
    XPUQ_TRY(read(v, {t.raw(), type.bytes()}));
    if (value.place != Place::arena || type.layout != Layout::channels_last || type.shape.size() < 3) return t;
    Tensor turned(type.dtype, type.shape);
    const std::size_t size = size_of(type.dtype);
    const std::vector<std::size_t> from = memory_order(type);
    for (std::size_t i = 0; i < from.size(); ++i) std::memcpy(turned.raw() + i * size, t.raw() + from[i] * size, size);
    return turned;
  }

  Result<void> compute(std::uint32_t s) {
    const Step& step = plan_.steps[s];
    std::vector<Operand> sources;
    std::vector<MutableOperand> sinks;
    for (std::uint32_t v : step.inputs) sources.push_back({&plan_.values[v].type, values_.at(v).raw()});
    for (std::uint32_t v : step.outputs) {
      values_[v] = Tensor(plan_.values[v].type.dtype, plan_.values[v].type.shape);
      sinks.push_back({&plan_.values[v].type, values_[v].raw()});
    }
    const bool library = !program_.steps[s].implementation.starts_with("xpuq:");
    return evaluate({step.op, &step.attributes, sources, sinks, library ? Arithmetic::source_first : Arithmetic::product_first});
  }

  void compare(std::uint32_t s, std::uint32_t v, const Tensor& got, const Tensor& expected) {
    const TensorType& type = plan_.values[v].type;
    StepDifference d;
    d.step = s;
    d.nodes = plan_.steps[s].origin;
    d.op = std::string(to_string(plan_.steps[s].op));
    d.implementation = program_.steps[s].implementation;
    d.elements = static_cast<std::uint64_t>(type.elements());
    double scale = 0;
    const bool real = type.dtype == DataType::f32 || type.dtype == DataType::bf16;
    for (std::size_t i = 0; i < d.elements && real; ++i) scale = std::max(scale, std::abs(number(type, expected.raw(), i)));
    for (std::size_t i = 0; i < d.elements; ++i) {
      const double a = number(type, got.raw(), i), b = number(type, expected.raw(), i);
      if (a == b || (std::isnan(a) && std::isnan(b))) continue;
      if (d.different++ == 0) {
        d.first = i;
        d.got = a;
        d.expected = b;
      }
      const double distance = std::abs(a - b) / (real && scale > 0 ? scale : 1);
      d.largest = std::isnan(distance) ? INFINITY : std::max(d.largest, distance);
    }
    report.steps.push_back(std::move(d));
  }

  const Plan& plan_;
  const gpu::Program& program_;
  std::map<std::uint32_t, std::vector<std::uint32_t>> members_;
  std::map<std::uint32_t, Tensor> values_;
};

}  // namespace

Result<StepReport> check_steps(const Plan& plan, Placement& placement, const std::vector<Tensor>& inputs, int threads) {
  XPUQ_ASSIGN(const std::unique_ptr<GpuExecutable> executable, placement.load_on_gpu({.threads = threads, .checks = true}));
  Checker checker(plan, *placement.program());
  std::vector<const void*> in;
  std::vector<Tensor> outputs;
  std::vector<void*> out;
  for (const Tensor& t : inputs) in.push_back(t.raw());
  for (std::uint32_t v : plan.outputs) outputs.emplace_back(plan.values[v].type.dtype, plan.values[v].type.shape);
  for (Tensor& t : outputs) out.push_back(t.raw());
  XPUQ_TRY(executable->run_observed(in, out, checker));
  checker.report.work = executable->work();
  checker.report.outputs = std::move(outputs);
  return std::move(checker.report);
}

}  // namespace xpuq
