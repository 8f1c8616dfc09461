// oneDNN's view of plan values, and a step made of oneDNN primitives.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>

#include <initializer_list>
#include <vector>

#include "runtime/cpu/step.h"

namespace xpuq::onednn {

using Dims = dnnl::memory::dims;

/// The element type as this engine stores it (u8 for shifted s8); undef for types that oneDNN has not.
dnnl::memory::data_type stored_type(const TensorType& type);
/// Logical dimensions with the strides of the value's layout; a scalar has one axis.
dnnl::memory::desc describe(const TensorType& type);
/// The same value in another layout.
dnnl::memory::desc describe(const TensorType& type, Layout layout);
/// The same elements under `dims`, row-major.
dnnl::memory::desc row_major(const Dims& dims, dnnl::memory::data_type type = dnnl::memory::data_type::f32);

/// True for f32 and anything else this engine hands to oneDNN's float primitives.
inline bool is_f32(const TensorType& type) { return type.dtype == DataType::f32; }

/// What every maker of a oneDNN step needs.
struct Library {
  dnnl::engine engine;
  dnnl::stream stream;
};

/// Primitives executed one after the other, their memory objects made once. No allocation when it runs.
class PrimitiveStep final : public StepImpl {
 public:
  explicit PrimitiveStep(const Library& library) : library_(library) {}

  /// Where the bytes of an argument are.
  struct Slot {
    enum class Kind { value, scratch, owned } kind;
    std::size_t at;
  };
  Slot value(std::uint32_t v) const { return {Slot::Kind::value, v}; }
  /// New scratch, for this step only.
  Slot scratch(const dnnl::memory::desc& desc);
  /// Memory kept by the step: packed weights, scales.
  Slot own(dnnl::memory memory);
  Slot own_f32(const std::vector<float>& values);
  Slot own_s32(std::int32_t value);
  /// `bytes` in form `from`, packed into `to` now.
  Slot own_packed(const void* bytes, const dnnl::memory::desc& from, const dnnl::memory::desc& to);

  struct Argument {
    int name;
    Slot slot;
    dnnl::memory::desc desc;
  };
  void add(const dnnl::primitive& primitive, const dnnl::memory::desc& scratchpad, std::vector<Argument> arguments);
  void add_reorder(Slot from, const dnnl::memory::desc& from_desc, Slot to, const dnnl::memory::desc& to_desc);
  /// Copies value `from` to `to` first when they are not the same memory (the accumulator of a sum).
  void copy_first(std::uint32_t from, std::uint32_t to, std::size_t bytes) { copy_ = {from, to, bytes}; }

  std::size_t scratch_bytes() const override { return scratch_bytes_ + pad_bytes_; }
  std::size_t packed_bytes() const override { return owned_bytes_; }
  Result<void> run(const RunContext& context) override;

 private:
  struct Call {
    dnnl::primitive primitive;
    std::vector<dnnl::memory> memories;
    std::vector<Slot> slots;
    std::vector<dnnl_exec_arg_t> arguments;
  };
  struct Copy {
    std::uint32_t from = 0, to = 0;
    std::size_t bytes = 0;
  };

  Library library_;
  std::vector<Call> calls_;
  std::vector<dnnl::memory> owned_;
  std::size_t scratch_bytes_ = 0;  ///< staged values
  std::size_t pad_bytes_ = 0;      ///< oneDNN's own scratchpad, after them
  std::size_t owned_bytes_ = 0;
  Copy copy_;
};

/// Attributes with a scratchpad that the user supplies; every primitive here starts from these.
dnnl::primitive_attr user_scratchpad();

}  // namespace xpuq::onednn
