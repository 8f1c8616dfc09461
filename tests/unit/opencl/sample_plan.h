// Small plans made by hand, with what the interpreter computes for them.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "opencl/group.h"
#include "opencl/kernel.h"
#include "plan/plan.h"

namespace xpuq::test {

inline QuantParams per_tensor(float scale, std::int32_t zero_point) { return {{scale}, {zero_point}, std::nullopt}; }

/// Builds a plan; every value is given elements at once, row-major.
class SamplePlan {
 public:
  explicit SamplePlan(std::uint32_t seed) : random_(seed) {}

  /// A value that no step makes, with random elements: f32 about normal, integers over their whole range (s32 and s64
  /// in a small one), booleans.
  std::uint32_t value(DataType dtype, Shape shape, Layout layout = Layout::plain, std::optional<QuantParams> quant = {});
  /// The same as a constant.
  std::uint32_t constant(DataType dtype, Shape shape, std::optional<QuantParams> quant = {});
  /// A constant with these elements.
  template <class T>
  std::uint32_t constant_of(DataType dtype, Shape shape, const std::vector<T>& elements) {
    return add_constant(Tensor::of<T>(dtype, std::move(shape), elements), {});
  }
  /// A value of these integers, s64.
  std::uint32_t indices(Shape shape, std::int64_t least, std::int64_t greatest);

  /// A step whose result is kept in `layout`; the interpreter computes it.
  std::uint32_t step(OpKind op, const Attributes& attributes, const std::vector<std::uint32_t>& inputs,
                     Layout layout = Layout::plain);

  /// Overwrites elements of a value that no step has read yet.
  Tensor& elements(std::uint32_t value) { return tensors_[value]; }
  const Tensor& elements(std::uint32_t value) const { return tensors_[value]; }

  /// The plan; the value of the last step is its output but stays in the arena, so that it may lie in any layout.
  Plan finish();

  std::mt19937& random() { return random_; }
  std::int64_t pick(std::int64_t least, std::int64_t greatest) {
    return std::uniform_int_distribution<std::int64_t>(least, greatest)(random_);
  }

 private:
  std::uint32_t add(TensorType type, Place place, Tensor elements);
  std::uint32_t add_constant(Tensor elements, std::optional<QuantParams> quant);
  Tensor random_tensor(DataType dtype, Shape shape);

  std::mt19937 random_;
  Plan plan_;
  std::vector<Tensor> tensors_;
};

/// Elements as they lie in memory, and back.
std::vector<std::byte> laid_out(const PlanValue& value, const Tensor& elements);
Tensor row_major(const PlanValue& value, const std::vector<std::byte>& bytes);

/// Runs the kernels of many plans, group by group with the interpreter's inputs, and compares the outputs.
class Comparison {
 public:
  /// `ulps`: how far a float may be from the interpreter's, in units in the last place of its type.
  /// `absolute`: f32 results as near as this are equal, too.
  void add(std::string what, SamplePlan sample, int ulps = 0, float absolute = 0);
  /// Compiles and runs all; returns what differs, empty when nothing does. Needs a device.
  std::string run(class Device& device);

  std::size_t kernels() const { return kernels_; }
  std::int64_t compared() const { return compared_; }
  int largest_ulps() const { return largest_ulps_; }

 private:
  struct Case {
    std::string what;
    SamplePlan sample;
    Plan plan;
    int ulps;
    float absolute;
  };
  std::string compare(const Case& c, std::uint32_t value, const Tensor& found);

  std::vector<Case> cases_;
  std::size_t kernels_ = 0;
  std::int64_t compared_ = 0;
  int largest_ulps_ = 0;
};

}  // namespace xpuq::test
