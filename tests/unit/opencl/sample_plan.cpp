#include "sample_plan.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <map>

#include "device.h"
#include "reference/element.h"
#include "reference/evaluate.h"
#include "support/check.h"

namespace xpuq::test {

std::uint32_t SamplePlan::add(TensorType type, Place place, Tensor elements) {
  plan_.values.push_back({.name = {}, .type = std::move(type), .place = place, .offset = 0});
  tensors_.push_back(std::move(elements));
  return static_cast<std::uint32_t>(plan_.values.size() - 1);
}

std::uint32_t SamplePlan::value(DataType dtype, Shape shape, Layout layout, std::optional<QuantParams> quant) {
  Tensor t = random_tensor(dtype, shape);
  return add({dtype, std::move(shape), layout, std::move(quant)}, Place::arena, std::move(t));
}

std::uint32_t SamplePlan::add_constant(Tensor elements, std::optional<QuantParams> quant) {
  TensorType type{elements.dtype(), elements.shape(), Layout::plain, std::move(quant)};
  return add(std::move(type), Place::constant, std::move(elements));
}

std::uint32_t SamplePlan::constant(DataType dtype, Shape shape, std::optional<QuantParams> quant) {
  Tensor t = random_tensor(dtype, shape);
  return add_constant(std::move(t), std::move(quant));
}

std::uint32_t SamplePlan::indices(Shape shape, std::int64_t least, std::int64_t greatest) {
  Tensor t(DataType::s64, shape);
  for (auto& v : t.span<std::int64_t>()) v = pick(least, greatest);
  return add({DataType::s64, std::move(shape), Layout::plain, {}}, Place::arena, std::move(t));
}

Tensor SamplePlan::random_tensor(DataType dtype, Shape shape) {
  Tensor t(dtype, std::move(shape));
  std::normal_distribution<float> normal(0.0f, 2.0f);
  switch (dtype) {
    case DataType::f32:
      for (auto& v : t.span<float>()) v = normal(random_);
      break;
    case DataType::bf16:
      for (auto& v : t.span<reference::Bf16>()) v = reference::Bf16(normal(random_));
      break;
    case DataType::boolean:
      for (auto& v : t.span<std::uint8_t>()) v = static_cast<std::uint8_t>(pick(0, 2));
      break;
    case DataType::s32:
      for (auto& v : t.span<std::int32_t>()) v = static_cast<std::int32_t>(pick(-70000, 70000));
      break;
    case DataType::s64:
      for (auto& v : t.span<std::int64_t>()) v = pick(-70000, 70000);
      break;
    default:
      for (std::size_t i = 0; i < t.bytes(); ++i) t.raw()[i] = static_cast<std::byte>(random_());
      break;
  }
  return t;
}

std::uint32_t SamplePlan::step(OpKind op, const Attributes& attributes, const std::vector<std::uint32_t>& inputs,
                               Layout layout) {
  std::vector<TensorType> types;
  std::vector<Tensor> sources;
  for (const std::uint32_t v : inputs) {
    types.push_back(plan_.values[v].type);
    sources.push_back(tensors_[v]);
  }
  const Inferred inferred = infer(op, attributes, types);
  XPUQ_CHECK(inferred.ok(), inferred.problem);
  auto made = evaluate(op, attributes, sources, types);
  XPUQ_CHECK(made.ok(), "the interpreter runs every sample");
  TensorType type = inferred.types[0];
  if (type.shape.size() >= 3 && type.shape.size() <= 5) type.layout = layout;
  const std::uint32_t out = add(std::move(type), Place::arena, std::move((*made)[0]));
  plan_.steps.push_back({.op = op, .attributes = attributes, .inputs = inputs, .outputs = {out}, .origin = {}, .in_place = {}});
  return out;
}

Plan SamplePlan::finish() {
  std::uint64_t size = 0;
  for (PlanValue& v : plan_.values) {
    if (v.place != Place::constant) continue;
    v.offset = size;
    size += (v.type.bytes() + 63) / 64 * 64;
  }
  auto blob = std::make_shared<std::vector<std::byte>>(size);
  for (std::size_t i = 0; i < plan_.values.size(); ++i)
    if (plan_.values[i].place == Place::constant && tensors_[i].bytes() > 0)
      std::memcpy(blob->data() + plan_.values[i].offset, tensors_[i].raw(), tensors_[i].bytes());
  Plan out = plan_;
  out.constants = {blob->data(), blob->size()};
  out.constants_owner = blob;
  out.outputs = {plan_.steps.back().outputs[0]};
  return out;
}

namespace {

/// Calls f(row-major place, place in memory) for every element.
template <class F>
void for_each_place(const PlanValue& value, F f) {
  const Shape& shape = value.type.shape;
  const std::int64_t count = element_count(shape);
  const bool last = value.place == Place::arena && value.type.layout == Layout::channels_last && shape.size() >= 3;
  std::int64_t pixels = 1;
  for (std::size_t i = 2; i < shape.size(); ++i) pixels *= shape[i];
  for (std::int64_t i = 0; i < count; ++i) {
    if (!last) {
      f(i, i);
      continue;
    }
    const std::int64_t pixel = i % pixels, channel = i / pixels % shape[1], n = i / pixels / shape[1];
    f(i, (n * pixels + pixel) * shape[1] + channel);
  }
}

}  // namespace

std::vector<std::byte> laid_out(const PlanValue& value, const Tensor& elements) {
  const std::size_t size = size_of(value.type.dtype);
  std::vector<std::byte> out(elements.bytes());
  for_each_place(value, [&](std::int64_t from, std::int64_t to) {
    std::memcpy(out.data() + static_cast<std::size_t>(to) * size, elements.raw() + static_cast<std::size_t>(from) * size, size);
  });
  return out;
}

Tensor row_major(const PlanValue& value, const std::vector<std::byte>& bytes) {
  const std::size_t size = size_of(value.type.dtype);
  Tensor out(value.type.dtype, value.type.shape);
  for_each_place(value, [&](std::int64_t to, std::int64_t from) {
    std::memcpy(out.raw() + static_cast<std::size_t>(to) * size, bytes.data() + static_cast<std::size_t>(from) * size, size);
  });
  return out;
}

void Comparison::add(std::string what, SamplePlan sample, int ulps, float absolute) {
  Plan plan = sample.finish();
  cases_.push_back({std::move(what), std::move(sample), std::move(plan), ulps, absolute});
}

namespace {

std::int64_t ordered(std::int64_t bits, std::int64_t sign) { return bits & sign ? sign - bits : bits; }

}  // namespace

std::string Comparison::compare(const Case& c, std::uint32_t value, const Tensor& found) {
  const Tensor& wanted = c.sample.elements(value);
  const DataType dtype = wanted.dtype();
  for (std::int64_t i = 0; i < wanted.elements(); ++i) {
    ++compared_;
    const auto k = static_cast<std::size_t>(i);
    std::int64_t distance = 0;
    if (dtype == DataType::f32) {
      const float a = found.data<float>()[k], b = wanted.data<float>()[k];
      if ((a != a && b != b) || (c.absolute > 0 && std::abs(a - b) <= c.absolute)) continue;
      distance = std::abs(ordered(std::bit_cast<std::int32_t>(a) & 0xFFFFFFFFll, 0x80000000ll) -
                          ordered(std::bit_cast<std::int32_t>(b) & 0xFFFFFFFFll, 0x80000000ll));
      if (c.ulps == 0 && std::bit_cast<std::uint32_t>(a) != std::bit_cast<std::uint32_t>(b)) distance = std::max<std::int64_t>(distance, 1);
    } else if (dtype == DataType::bf16) {
      const std::uint16_t a = found.data<std::uint16_t>()[k], b = wanted.data<std::uint16_t>()[k];
      if ((a & 0x7FFF) > 0x7F80 && (b & 0x7FFF) > 0x7F80) continue;
      distance = std::abs(ordered(a, 0x8000) - ordered(b, 0x8000));
      if (c.ulps == 0 && a != b) distance = std::max<std::int64_t>(distance, 1);
    } else {
      const std::size_t size = size_of(dtype);
      distance = std::memcmp(found.raw() + k * size, wanted.raw() + k * size, size) == 0 ? 0 : c.ulps + 1;
    }
    largest_ulps_ = std::max(largest_ulps_, static_cast<int>(std::min<std::int64_t>(distance, 1 << 30)));
    if (distance > c.ulps) {
      const auto show = [&](const Tensor& t) {
        if (dtype == DataType::f32) return std::to_string(t.data<float>()[k]);
        if (dtype == DataType::s8) return std::to_string(t.data<std::int8_t>()[k]);
        std::string out;
        for (std::size_t b = size_of(dtype); b-- > 0;) out += " " + std::to_string(static_cast<int>(t.raw()[k * size_of(dtype) + b]));
        return out;
      };
      return c.what + ": element " + std::to_string(i) + " of " + to_string(wanted.shape()) + " is " + show(found) +
             ", expected " + show(wanted) + " (" + std::to_string(distance) + " ulp)\n";
    }
  }
  return {};
}

std::string Comparison::run(Device& device) {
  struct Launch {
    std::size_t which;  // case
    opencl::Kernel kernel;
    bool last;          // of its group
    std::vector<std::uint32_t> outputs;
    std::size_t number = 0;
  };
  std::vector<Launch> launches;
  std::string problems;
  for (std::size_t i = 0; i < cases_.size(); ++i) {
    const Plan& plan = cases_[i].plan;
    for (const opencl::Group& group : opencl::group_steps(plan, [](const Step&) { return true; })) {
      auto kernels = opencl::emit(plan, group);
      if (!kernels.ok()) {
        problems += cases_[i].what + ": " + kernels.error().text() + "\n";
        continue;
      }
      for (std::size_t k = 0; k < kernels->size(); ++k)
        launches.push_back({i, (*kernels)[k], k + 1 == kernels->size(), group.outputs});
    }
  }
  kernels_ += launches.size();
  std::map<std::string, std::size_t> numbers;
  std::vector<const opencl::Kernel*> distinct;
  for (Launch& l : launches) {
    const auto [at, fresh] = numbers.try_emplace(l.kernel.source, distinct.size());
    if (fresh) distinct.push_back(&l.kernel);
    l.number = at->second;
  }
  if (distinct.empty()) return problems + "nothing to compare\n";
  if (std::string log = device.build(distinct); !log.empty()) return problems + log;

  std::map<std::uint32_t, std::vector<std::byte>> written;
  std::vector<std::vector<std::byte>> scratch;
  for (Launch& l : launches) {
    const Case& c = cases_[l.which];
    std::vector<std::vector<std::byte>> memory(l.kernel.arguments.size());
    Device::Buffers buffers;
    std::size_t scratches = 0;
    for (std::size_t a = 0; a < memory.size(); ++a) {
      const opencl::KernelArgument& argument = l.kernel.arguments[a];
      using Kind = opencl::KernelArgument::Kind;
      const PlanValue& v = c.plan.values[argument.value];
      if (argument.kind == Kind::literal) memory[a] = argument.literal;
      else if (argument.kind == Kind::scratch) {
        if (scratch.size() <= scratches) scratch.emplace_back(argument.scratch_bytes, std::byte{0x5A});
        buffers.push_back(&scratch[scratches++]);
        continue;
      } else if (argument.written) {
        auto& bytes = written[argument.value];
        if (bytes.empty()) bytes.assign(v.type.bytes(), std::byte{0x5A});
        buffers.push_back(&bytes);
        continue;
      } else memory[a] = laid_out(v, c.sample.elements(argument.value));
      buffers.push_back(&memory[a]);
    }
    if (std::string failed = device.run(l.number, l.kernel, buffers); !failed.empty())
      problems += c.what + ": " + failed + "\n" + l.kernel.source;
    if (!l.last) continue;
    for (const std::uint32_t v : l.outputs) {
      const std::string differs = compare(c, v, row_major(c.plan.values[v], written[v]));
      if (!differs.empty()) problems += differs + l.kernel.source;
      if (problems.size() > 20000) return problems;
    }
    written.clear();
    scratch.clear();
  }
  return problems;
}

}  // namespace xpuq::test
