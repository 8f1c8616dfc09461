#include "xpuq/types.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

#include "support/check.h"

namespace xpuq {
namespace {

struct DataTypeInfo {
  std::string_view name;
  std::size_t size;
};

constexpr std::array<DataTypeInfo, 10> kDataTypes{{{"f32", 4},
                                                   {"bf16", 2},
                                                   {"f16", 2},
                                                   {"f64", 8},
                                                   {"s8", 1},
                                                   {"u8", 1},
                                                   {"s16", 2},
                                                   {"s32", 4},
                                                   {"s64", 8},
                                                   {"boolean", 1}}};

// One cache line, and what mapped constants are aligned to in an artifact.
constexpr std::align_val_t kAlignment{64};

}  // namespace

std::size_t size_of(DataType dtype) { return kDataTypes[static_cast<std::size_t>(dtype)].size; }
std::string_view to_string(DataType dtype) { return kDataTypes[static_cast<std::size_t>(dtype)].name; }

std::optional<DataType> parse_data_type(std::string_view name) {
  for (std::size_t i = 0; i < kDataTypes.size(); ++i)
    if (kDataTypes[i].name == name) return static_cast<DataType>(i);
  return std::nullopt;
}

std::int64_t element_count(const Shape& shape) {
  std::int64_t n = 1;
  for (std::int64_t d : shape) n *= d;
  return n;
}

std::optional<std::int64_t> checked_element_count(const Shape& shape) {
  constexpr std::int64_t limit = std::int64_t{1} << 62;
  std::int64_t n = 1;
  bool empty = false;
  for (std::int64_t d : shape) {
    if (d < 0) return std::nullopt;
    if (d == 0) { empty = true; continue; }
    if (n > limit / d) return std::nullopt;
    n *= d;
  }
  return empty ? 0 : n;
}

std::string to_string(const Shape& shape) {
  if (shape.empty()) return "scalar";
  std::string out;
  for (std::size_t i = 0; i < shape.size(); ++i) out += (i ? "x" : "") + std::to_string(shape[i]);
  return out;
}

std::string_view to_string(Layout layout) { return layout == Layout::plain ? "plain" : "channels_last"; }

Tensor::Tensor(DataType dtype, Shape shape) : dtype_(dtype), shape_(std::move(shape)) {
  const std::size_t size = std::max<std::size_t>(bytes(), 1);
  auto* memory = static_cast<std::byte*>(::operator new(size, kAlignment));
  std::memset(memory, 0, size);
  bytes_ = memory;
  owner_ = std::shared_ptr<const void>(memory, [](const void* p) { ::operator delete(const_cast<void*>(p), kAlignment); });
}

Tensor Tensor::borrow(DataType dtype, Shape shape, const std::byte* bytes, std::shared_ptr<const void> owner) {
  Tensor t;
  t.dtype_ = dtype;
  t.shape_ = std::move(shape);
  t.bytes_ = bytes;
  t.owner_ = std::move(owner);
  return t;
}

Tensor Tensor::scalar_f32(float v) { return of<float>(DataType::f32, {}, std::span<const float>(&v, 1)); }

Tensor Tensor::vector_s64(const std::vector<std::int64_t>& values) {
  return of<std::int64_t>(DataType::s64, {static_cast<std::int64_t>(values.size())}, values);
}

Tensor Tensor::reshaped(Shape shape) const {
  XPUQ_CHECK(element_count(shape) == elements(), "reshape keeps the element count");
  Tensor t = *this;
  t.shape_ = std::move(shape);
  return t;
}

}  // namespace xpuq
