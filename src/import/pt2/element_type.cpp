#include "import/pt2/element_type.h"

#include <array>
#include <bit>
#include <cstring>

namespace xpuq::pt2 {
namespace {

struct ElementType {
  std::int64_t code;
  std::string_view name;
  std::optional<DataType> dtype;
};

constexpr std::array kElementTypes{ElementType{1, "uint8", DataType::u8},
                                   ElementType{2, "int8", DataType::s8},
                                   ElementType{3, "int16", DataType::s16},
                                   ElementType{4, "int32", DataType::s32},
                                   ElementType{5, "int64", DataType::s64},
                                   ElementType{6, "float16", DataType::f16},
                                   ElementType{7, "float32", DataType::f32},
                                   ElementType{8, "float64", DataType::f64},
                                   ElementType{9, "complex32", {}},
                                   ElementType{10, "complex64", {}},
                                   ElementType{11, "complex128", {}},
                                   ElementType{12, "bool", DataType::boolean},
                                   ElementType{13, "bfloat16", DataType::bf16},
                                   ElementType{28, "uint16", {}},
                                   ElementType{29, "float8_e4m3fn", {}},
                                   ElementType{30, "float8_e5m2", {}},
                                   ElementType{31, "float8_e4m3fnuz", {}},
                                   ElementType{32, "float8_e5m2fnuz", {}},
                                   ElementType{33, "float8_e8m0fnu", {}},
                                   ElementType{34, "uint32", {}},
                                   ElementType{35, "uint64", {}}};

const ElementType* find(std::int64_t code) {
  for (const ElementType& t : kElementTypes)
    if (t.code == code) return &t;
  return nullptr;
}

// A copy is made only of tensors below this: a stride of 0 lets a tiny file describe an endless tensor.
constexpr std::int64_t kLargestCopy = std::int64_t{4} << 30;

bool row_major(const StoredTensor& s) {
  std::int64_t expected = 1;
  for (std::size_t i = s.shape.size(); i-- > 0;) {
    if (s.shape[i] != 1 && s.strides[i] != expected) return false;
    expected *= s.shape[i];
  }
  return true;
}

/// Index of the last element the strides reach; empty on overflow.
std::optional<std::int64_t> last_index(const StoredTensor& s) {
  std::int64_t last = s.offset;
  for (std::size_t i = 0; i < s.shape.size(); ++i) {
    std::int64_t reach = 0;
    if (__builtin_mul_overflow(s.shape[i] - 1, s.strides[i], &reach) || __builtin_add_overflow(last, reach, &last))
      return std::nullopt;
  }
  return last;
}

void copy_strided(const StoredTensor& s, std::size_t size, const std::byte* from, std::byte*& to, std::size_t axis) {
  if (axis == s.shape.size()) {
    std::memcpy(to, from, size);
    to += size;
    return;
  }
  const std::ptrdiff_t step = static_cast<std::ptrdiff_t>(s.strides[axis]) * static_cast<std::ptrdiff_t>(size);
  for (std::int64_t i = 0; i < s.shape[axis]; ++i, from += i < s.shape[axis] ? step : 0)
    copy_strided(s, size, from, to, axis + 1);
}

float half_to_float(std::uint16_t h) {
  const std::uint32_t sign = static_cast<std::uint32_t>(h & 0x8000u) << 16;
  const std::uint32_t exponent = h >> 10 & 31u, fraction = h & 1023u;
  if (exponent == 0) {  // zero and denormals: fraction * 2^-24
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 31 ? 255u : exponent + 112u;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

}  // namespace

std::optional<DataType> element_type(std::int64_t code) {
  const ElementType* t = find(code);
  return t ? t->dtype : std::nullopt;
}

std::string element_type_name(std::int64_t code) {
  const ElementType* t = find(code);
  return t ? std::string(t->name) : "number " + std::to_string(code);
}

std::optional<Tensor> materialize(const StoredTensor& s, std::string& problem) {
  const auto count = checked_element_count(s.shape);
  bool sound = count && s.shape.size() == s.strides.size() && s.offset >= 0 && s.shape.size() <= 64;
  for (std::int64_t stride : s.strides) sound = sound && stride >= 0;
  if (!sound) return problem = "has a broken description (sizes, strides or offset)", std::nullopt;
  if (*count == 0) return Tensor(s.dtype, s.shape);

  const std::size_t size = size_of(s.dtype);
  const auto last = last_index(s);
  if (!last || static_cast<std::uint64_t>(*last) >= s.storage.size() / size) {
    problem = "needs " + (last ? std::to_string(*last + 1) : "more than 2^63") + " elements of " +
              std::to_string(size) + " bytes, its storage holds " + std::to_string(s.storage.size()) + " bytes";
    return std::nullopt;
  }
  const std::byte* first = s.storage.data() + static_cast<std::size_t>(s.offset) * size;
  if (row_major(s) && reinterpret_cast<std::uintptr_t>(first) % size == 0)
    return Tensor::borrow(s.dtype, s.shape, first, s.owner);
  if (*count > kLargestCopy / static_cast<std::int64_t>(size))
    return problem = "expands to more than " + std::to_string(kLargestCopy) + " bytes", std::nullopt;
  Tensor out(s.dtype, s.shape);
  std::byte* to = out.raw();
  copy_strided(s, size, first, to, 0);
  return out;
}

Tensor widen_half(const Tensor& t) {
  if (t.dtype() != DataType::f16 && t.dtype() != DataType::bf16) return t;
  Tensor out(DataType::f32, t.shape());
  const auto from = t.span<std::uint16_t>();
  const auto to = out.span<float>();
  for (std::size_t i = 0; i < from.size(); ++i)
    to[i] = t.dtype() == DataType::bf16 ? std::bit_cast<float>(std::uint32_t{from[i]} << 16) : half_to_float(from[i]);
  return out;
}

}  // namespace xpuq::pt2
