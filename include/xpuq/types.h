// Value types shared by every layer and by users of the library. Standard library only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

namespace xpuq {

/// Element types of a tensor. `s64` and `boolean` occur only in indices, shapes and masks.
enum class DataType : std::uint8_t { f32, bf16, f16, f64, s8, u8, s16, s32, s64, boolean };

/// Bytes of one element.
std::size_t size_of(DataType dtype);
/// oneDNN-style name ("f32", "s8", ...).
std::string_view to_string(DataType dtype);
std::optional<DataType> parse_data_type(std::string_view name);

/// Logical dimensions, outermost first. A rank-0 shape is a scalar with one element.
using Shape = std::vector<std::int64_t>;

/// Product of the dimensions. Callers have checked that it fits (see `checked_element_count`).
std::int64_t element_count(const Shape& shape);
/// Product of the dimensions, or empty when one is negative or the product exceeds 2^62.
std::optional<std::int64_t> checked_element_count(const Shape& shape);
/// "1x3x224x224"; "scalar" for rank 0.
std::string to_string(const Shape& shape);

/// Affine quantization: real = scale * (q - zero_point).
/// Activations are per tensor (one scale, no axis); weights are per channel and symmetric.
struct QuantParams {
  std::vector<float> scales;              ///< finite and > 0; one, or shape[*axis] of them
  std::vector<std::int32_t> zero_points;  ///< same count; all 0 for weights
  std::optional<int> axis;                ///< empty: per tensor

  bool per_tensor() const { return !axis.has_value(); }
  bool operator==(const QuantParams&) const = default;
};

/// Memory order of a value of rank 3 to 5 in a plan. `plain` is row-major over the logical shape;
/// `channels_last` keeps the logical order N,C,spatial but stores C innermost (oneDNN's nwc, nhwc, ndhwc).
enum class Layout : std::uint8_t { plain, channels_last };
std::string_view to_string(Layout layout);

/// Type of one value: what its elements are, how many, and how they lie in memory.
struct TensorType {
  DataType dtype = DataType::f32;
  Shape shape;
  Layout layout = Layout::plain;
  std::optional<QuantParams> quant;  ///< set exactly when the integers stand for reals

  std::int64_t elements() const { return element_count(shape); }
  std::size_t bytes() const { return static_cast<std::size_t>(elements()) * size_of(dtype); }
  bool operator==(const TensorType&) const = default;
};

/// An owning tensor in row-major order. Copies share the (immutable once shared) bytes.
class Tensor {
 public:
  Tensor() = default;
  /// Allocates zero-filled storage aligned to 64 bytes.
  Tensor(DataType dtype, Shape shape);

  /// Views foreign bytes (a mapped file, say); `owner` keeps them alive.
  static Tensor borrow(DataType dtype, Shape shape, const std::byte* bytes, std::shared_ptr<const void> owner);

  template <class T>
  static Tensor of(DataType dtype, Shape shape, std::span<const T> values) {
    Tensor t(dtype, std::move(shape));
    std::copy(values.begin(), values.end(), t.data<T>());
    return t;
  }
  static Tensor scalar_f32(float v);
  static Tensor vector_s64(const std::vector<std::int64_t>& values);

  DataType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  std::int64_t elements() const { return element_count(shape_); }
  std::size_t bytes() const { return static_cast<std::size_t>(elements()) * size_of(dtype_); }

  const std::byte* raw() const { return bytes_; }
  std::byte* raw() { return const_cast<std::byte*>(bytes_); }
  template <class T>
  const T* data() const { return reinterpret_cast<const T*>(bytes_); }
  template <class T>
  T* data() { return reinterpret_cast<T*>(const_cast<std::byte*>(bytes_)); }
  template <class T>
  std::span<const T> span() const { return {data<T>(), static_cast<std::size_t>(elements())}; }
  template <class T>
  std::span<T> span() { return {data<T>(), static_cast<std::size_t>(elements())}; }

  /// The same bytes under another shape with as many elements.
  Tensor reshaped(Shape shape) const;

 private:
  DataType dtype_ = DataType::f32;
  Shape shape_{0};
  const std::byte* bytes_ = nullptr;
  std::shared_ptr<const void> owner_;
};

}  // namespace xpuq

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
