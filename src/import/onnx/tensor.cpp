#include "import/onnx/tensor.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "import/onnx/external_data.h"
#include "import/onnx/reader.h"
#include "import/onnx/types.h"

namespace xpuq::onnx_import {
namespace {

constexpr int kMaxRank = 16;
constexpr std::size_t kWorthSharing = 4096;  // below, a copy is cheaper than keeping the model alive

class TensorReader {
 public:
  TensorReader(const std::string& file, const std::string& what, const onnx::TensorProto& proto,
               const std::shared_ptr<const void>& owner)
      : file_(file), what_(what), proto_(proto), owner_(owner) {}

  Result<Tensor> read() {
    XPUQ_TRY(check_type());
    XPUQ_TRY(check_shape());
    if (proto_.has_segment()) return problem("E302", "is stored in segments, which is not supported");
    XPUQ_ASSIGN(Tensor stored, read_stored());
    if (dtype_ == DataType::f16) return widened<f16_to_f32>(stored);
    if (dtype_ == DataType::bf16) return widened<bf16_to_f32>(stored);
    return stored;
  }

 private:
  Error problem(std::string code, std::string what, std::string got = {}, std::string expected = {},
                std::string remedy = {}) const {
    return file_error(file_, std::move(code), what_ + ": " + std::move(what), std::move(got), std::move(expected),
                      std::move(remedy));
  }

  Result<void> check_type() {
    const auto dtype = data_type(proto_.data_type());
    if (!dtype)
      return problem("E305", "element type " + type_name(proto_.data_type()) + " is not supported",
                     type_name(proto_.data_type()), "FLOAT, FLOAT16, BFLOAT16, DOUBLE, INT8 to INT64, UINT8 or BOOL");
    dtype_ = *dtype;
    return {};
  }

  Result<void> check_shape() {
    if (proto_.dims_size() > kMaxRank)
      return problem("E306", "has too many dimensions", std::to_string(proto_.dims_size()),
                     "at most " + std::to_string(kMaxRank));
    shape_.assign(proto_.dims().begin(), proto_.dims().end());
    const auto count = checked_element_count(shape_);
    if (!count || *count > std::numeric_limits<std::int64_t>::max() / 8)
      return problem("E306", "has an impossible shape", to_string(shape_),
                     "dimensions that are not negative and not that large");
    return {};
  }

  Result<Tensor> read_stored() const {
    const std::size_t bytes = static_cast<std::size_t>(element_count(shape_)) * size_of(dtype_);
    const bool external = proto_.data_location() == onnx::TensorProto::EXTERNAL;
    if (external) {
      XPUQ_ASSIGN(Tensor out, read_external(file_, proto_, dtype_, shape_));
      return as_booleans(std::move(out));
    }
    if (proto_.has_raw_data()) return read_raw(bytes);
    switch (dtype_) {
      case DataType::f32: return copied<float>(proto_.float_data(), "float_data");
      case DataType::f64: return copied<double>(proto_.double_data(), "double_data");
      case DataType::s64: return copied<std::int64_t>(proto_.int64_data(), "int64_data");
      case DataType::s32: return copied<std::int32_t>(proto_.int32_data(), "int32_data");
      case DataType::s16: return copied<std::int16_t>(proto_.int32_data(), "int32_data");
      case DataType::s8: return copied<std::int8_t>(proto_.int32_data(), "int32_data");
      case DataType::u8:
      case DataType::boolean: return copied<std::uint8_t>(proto_.int32_data(), "int32_data");
      case DataType::f16:
      case DataType::bf16: return copied<std::uint16_t>(proto_.int32_data(), "int32_data");
    }
    return problem("E305", "element type is not supported");
  }

  Result<Tensor> read_raw(std::size_t bytes) const {
    const std::string& raw = proto_.raw_data();
    if (raw.size() != bytes)
      return problem("E306",
                     "raw data do not fit the shape " + to_string(shape_) + " of " + type_name(proto_.data_type()),
                     std::to_string(raw.size()) + " bytes", std::to_string(bytes) + " bytes", "export the model again");
    const auto* first = reinterpret_cast<const std::byte*>(raw.data());
    const bool aligned = reinterpret_cast<std::uintptr_t>(first) % size_of(dtype_) == 0;
    if (owner_ && aligned && bytes >= kWorthSharing && dtype_ != DataType::boolean)
      return Tensor::borrow(dtype_, shape_, first, owner_);
    Tensor out(dtype_, shape_);
    if (bytes > 0) std::memcpy(out.raw(), first, bytes);
    return as_booleans(std::move(out));
  }

  /// A boolean of any other byte than 0 and 1 would be undefined further on.
  Tensor as_booleans(Tensor t) const {
    if (dtype_ == DataType::boolean)
      for (std::uint8_t& b : t.span<std::uint8_t>()) b = b != 0;
    return t;
  }

  template <class T, class Field>
  Result<Tensor> copied(const Field& values, const char* field) const {
    const std::int64_t wanted = element_count(shape_);
    if (values.size() != wanted)
      return problem("E306", std::string(field) + " does not fit the shape " + to_string(shape_),
                     std::to_string(values.size()) + " values", std::to_string(wanted) + " values",
                     "export the model again");
    Tensor out(dtype_, shape_);
    T* to = out.data<T>();
    for (const auto value : values) {
      *to = static_cast<T>(value);
      // Narrow integers travel in wider fields; one that does not fit is damage. (NaN never compares equal.)
      if constexpr (std::is_integral_v<T>)
        if (static_cast<std::int64_t>(*to) != static_cast<std::int64_t>(value))
          return problem("E306", "value out of range for " + type_name(proto_.data_type()), std::to_string(value));
      ++to;
    }
    return as_booleans(std::move(out));
  }

  template <float (*Widen)(std::uint16_t)>
  Tensor widened(const Tensor& narrow) const {
    Tensor out(DataType::f32, shape_);
    const auto from = narrow.span<std::uint16_t>();
    std::transform(from.begin(), from.end(), out.data<float>(), Widen);
    return out;
  }

  const std::string& file_;
  const std::string& what_;
  const onnx::TensorProto& proto_;
  const std::shared_ptr<const void>& owner_;
  DataType dtype_ = DataType::f32;
  Shape shape_;
};

}  // namespace

Result<Tensor> read_tensor(const std::string& file, const std::string& what, const onnx::TensorProto& tensor,
                           const std::shared_ptr<const void>& owner) {
  return TensorReader(file, what, tensor, owner).read();
}

}  // namespace xpuq::onnx_import
