// One step of a plan as something that runs, and what a maker of steps may look at. Knows no oneDNN.
//
// Storage in this engine: a per-tensor quantized s8 value lies in memory as u8 codes, 128 higher ("shifted"), because
// u8 is what the CPU's dot products take. Constants that are weights keep the form of the plan until they are packed.
#pragma once

#include <cstdint>
#include <memory>

#include "runtime/engine.h"

namespace xpuq {

struct RunContext {
  std::byte* const* values;  ///< where each value of the plan lies now
  std::byte* scratch;        ///< shared by all steps, as large as the greediest asked for
};

class StepImpl {
 public:
  virtual ~StepImpl() = default;
  /// Fails only where a value of the input decides (an index out of range).
  virtual Result<void> run(const RunContext& context) = 0;
  virtual std::size_t scratch_bytes() const { return 0; }
  /// Weights and tables in a form of its own.
  virtual std::size_t packed_bytes() const { return 0; }

  const std::string& primitive() const { return primitive_; }
  const std::string& implementation() const { return implementation_; }
  StepImpl* named(std::string primitive, std::string implementation) {
    primitive_ = std::move(primitive);
    implementation_ = std::move(implementation);
    return this;
  }

 private:
  std::string primitive_;
  std::string implementation_;
};
using StepPtr = std::unique_ptr<StepImpl>;

/// True for values that this engine stores as u8 codes 128 above the s8 ones.
inline bool is_shifted(const TensorType& type) {
  return type.dtype == DataType::s8 && type.quant && type.quant->per_tensor();
}
inline bool is_quantized_activation(const TensorType& type) {
  return (type.dtype == DataType::s8 || type.dtype == DataType::u8) && type.quant && type.quant->per_tensor();
}
/// Zero point of the codes as stored.
inline std::int32_t stored_zero_point(const TensorType& type) {
  return type.quant->zero_points[0] + (is_shifted(type) ? 128 : 0);
}

/// Distance in elements between neighbours along each logical axis.
std::vector<std::int64_t> strides_of(const TensorType& type);
/// True when both layouts are the same order of memory for this shape (one channel, or one pixel).
bool same_order(const TensorType& type, Layout layout);
inline bool same_order(const TensorType& a, const TensorType& b) { return same_order(a, b.layout); }

class StepContext {
 public:
  StepContext(const Plan& plan, const Step& step, const EngineOptions& options, int threads, std::string kernel = {})
      : plan_(plan), step_(step), options_(options), threads_(threads), kernel_(std::move(kernel)) {}

  OpKind op() const { return step_.op; }
  const Step& step() const { return step_; }
  const Plan& plan() const { return plan_; }
  const Attributes& attributes() const { return step_.attributes; }
  const EngineOptions& options() const { return options_; }
  int threads() const { return threads_; }
  /// The implementation that is asked for; empty: any.
  const std::string& kernel() const { return kernel_; }
  StepContext any_kernel() const { return {plan_, step_, options_, threads_}; }

  std::size_t input_count() const { return step_.inputs.size(); }
  const TensorType& in(std::size_t i) const { return plan_.values[step_.inputs[i]].type; }
  const TensorType& out() const { return plan_.values[step_.outputs[0]].type; }
  std::uint32_t in_value(std::size_t i) const { return step_.inputs[i]; }
  std::uint32_t out_value() const { return step_.outputs[0]; }

  /// Bytes of a constant input as the plan has them; null when input `i` is no constant.
  template <class T>
  const T* constant(std::size_t i) const {
    const std::uint32_t v = step_.inputs[i];
    return plan_.values[v].place == Place::constant ? reinterpret_cast<const T*>(plan_.constant_bytes(v)) : nullptr;
  }

  /// Types of all inputs, for rules of src/ops.
  std::vector<TensorType> input_types() const;
  /// True when an input or output has no elements: such steps take the plain loops, which have every special case.
  bool has_empty() const;

 private:
  const Plan& plan_;
  const Step& step_;
  const EngineOptions& options_;
  int threads_;
  std::string kernel_;
};

}  // namespace xpuq
