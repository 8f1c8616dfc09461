// oneDNN's view of plan values, and a step made of oneDNN primitives.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>

#include <cstddef>
#include <span>
#include <vector>

#include "runtime/cpu/step.h"

namespace xpuq::onednn {

using Dims = dnnl::memory::dims;

/// A CPU's dot products take u8, so its engine keeps s8 activations as codes 128 higher; a GPU takes them as they are.
#ifdef XPUQ_ENGINE_GPU
inline constexpr bool kShiftsCodes = false;
#else
inline constexpr bool kShiftsCodes = true;
#endif

/// An s8 value with one scale: what int8 primitives read and write.
inline bool is_int8(const TensorType& type) { return is_shifted(type); }
/// Zero point of an int8 value's codes as they are stored.
inline std::int32_t zero_point_of(const TensorType& type) {
  return kShiftsCodes ? stored_zero_point(type) : type.quant->zero_points[0];
}
/// The element type as this engine stores it; undef for types that oneDNN has not.
dnnl::memory::data_type stored_type(const TensorType& type);
/// Logical dimensions with the strides of the value's layout; a scalar has one axis.
dnnl::memory::desc describe(const TensorType& type);
/// The same value in another layout.
dnnl::memory::desc describe(const TensorType& type, Layout layout);
/// The same elements under `dims`, row-major.
dnnl::memory::desc row_major(const Dims& dims, dnnl::memory::data_type type = dnnl::memory::data_type::f32);

inline bool is_f32(const TensorType& type) { return type.dtype == DataType::f32; }
/// What oneDNN's float primitives take. (A CPU engine widens bf16 before it asks for a step.)
inline bool is_real(const TensorType& type) { return is_f32(type) || type.dtype == DataType::bf16; }

/// Of every part of a step's scratch; kernels of a GPU count on it.
inline constexpr std::size_t kScratchAlignment = 256;

/// An argument of a primitive that is about to be executed.
struct ArgumentUse {
  const void* at;
  std::size_t bytes;
  bool read;
  bool written;
};

/// Where memory lies that steps keep for themselves, and how bytes get there: the host's own for a CPU, an arena of
/// the program under construction for a GPU.
class Storage {
 public:
  virtual ~Storage() = default;
  /// Aligned memory that stays as long as the storage.
  virtual void* allocate(std::size_t bytes) = 0;
  /// The same, but needed only until the steps are made.
  virtual void* temporary(std::size_t bytes) = 0;
  /// Host bytes into memory of `allocate`.
  virtual void upload(void* to, const void* from, std::size_t bytes) = 0;
  /// Where the device finds a constant of the plan while weights are packed.
  virtual void* constant(const void* bytes, std::size_t size) = 0;
  /// Device memory to device memory, in a run.
  virtual void copy(void* to, const void* from, std::size_t bytes) = 0;
  /// Told before every primitive.
  virtual void executes(std::span<const ArgumentUse>) {}
};

/// What every maker of a oneDNN step needs.
struct Library {
  dnnl::engine engine;
  dnnl::stream stream;
  Storage* storage;

  bool is_gpu() const { return engine.get_kind() == dnnl::engine::kind::gpu; }
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
  Slot own_f32(const std::vector<float>& values);
  Slot own_s32(std::int32_t value);
  /// `bytes` in form `from`, packed into `to` now.
  Slot own_packed(const void* bytes, const dnnl::memory::desc& from, const dnnl::memory::desc& to);

  struct Argument {
    int name;
    Slot slot;
    dnnl::memory::desc desc;
  };
  enum class Destination { overwritten, accumulated };
  void add(const dnnl::primitive& primitive, const dnnl::memory::desc& scratchpad, std::vector<Argument> arguments,
           Destination destination = Destination::overwritten);
  void add_reorder(Slot from, const dnnl::memory::desc& from_desc, Slot to, const dnnl::memory::desc& to_desc);
  /// Copies value `from` to `to` first when they are not the same memory (the accumulator of a sum).
  void copy_first(std::uint32_t from, std::uint32_t to, std::size_t bytes) { copy_ = {from, to, bytes}; }

  std::size_t scratch_bytes() const override { return scratch_bytes_ + pad_bytes_; }
  std::size_t packed_bytes() const override { return owned_bytes_; }
  Result<void> run(const RunContext& context) override;

  /// Plan values that the primitives name.
  std::vector<std::uint32_t> used_values() const;

 private:
  Slot own(const dnnl::memory::desc& desc);
  struct Call {
    dnnl::primitive primitive;
    std::vector<dnnl::memory> memories;
    std::vector<Slot> slots;
    std::vector<dnnl_exec_arg_t> arguments;
    std::vector<ArgumentUse> uses;
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
