// FORMAT.md, section 7: changing a number here breaks every stored self-test.
#include <bit>

#include "artifact/artifact.h"

namespace xpuq {
namespace {

/// The generator of pt2e-semantics 2.7.
class Stream {
 public:
  explicit Stream(std::uint64_t seed) : state_(static_cast<std::uint32_t>(seed ^ seed >> 32)) {}

  std::uint32_t next() { return state_ = state_ * 1664525u + 1013904223u; }

 private:
  std::uint32_t state_;
};

/// 24 random bits, so that every value is exact in f32.
float fine(std::uint32_t s) { return static_cast<float>(s >> 8) * 0x1p-23f - 1.0f; }

/// The upper 8 of them: exact in f16 and bf16 as well, so no rounding needs to be agreed on.
float coarse(std::uint32_t s) { return static_cast<float>(s >> 24) * 0x1p-7f - 1.0f; }

std::uint16_t bf16_bits(float exact) { return static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(exact) >> 16); }

/// Of a value that is 0 or at least 2^-7 in size.
std::uint16_t f16_bits(float exact) {
  const auto bits = std::bit_cast<std::uint32_t>(exact);
  if (exact == 0) return 0;
  const std::uint32_t exponent = (bits >> 23 & 0xff) - 127 + 15;
  return static_cast<std::uint16_t>((bits >> 16 & 0x8000) | exponent << 10 | (bits >> 13 & 0x3ff));
}

template <class T, class F>
void fill(Tensor& tensor, Stream& stream, F make) {
  for (T& v : tensor.span<T>()) v = static_cast<T>(make(stream.next()));
}

std::uint32_t top_bit(std::uint32_t s) { return s >> 31; }

void fill_integers(Tensor& t, Stream& stream, bool quantized) {
  const auto code = [](std::uint32_t s) { return s >> 24; };
  switch (t.dtype()) {
    case DataType::u8:
      return quantized ? fill<std::uint8_t>(t, stream, code) : fill<std::uint8_t>(t, stream, top_bit);
    case DataType::s8:
      return quantized ? fill<std::int8_t>(t, stream, code) : fill<std::int8_t>(t, stream, top_bit);
    case DataType::s16:
      return fill<std::int16_t>(t, stream, top_bit);
    case DataType::s32:
      return fill<std::int32_t>(t, stream, top_bit);
    case DataType::s64:
      return fill<std::int64_t>(t, stream, top_bit);
    default:
      return fill<std::uint8_t>(t, stream, top_bit);  // boolean
  }
}

void fill_any(Tensor& t, Stream& stream, bool quantized) {
  switch (t.dtype()) {
    case DataType::f32:
      return fill<float>(t, stream, fine);
    case DataType::f64:
      return fill<double>(t, stream, fine);
    case DataType::bf16:
      return fill<std::uint16_t>(t, stream, [](std::uint32_t s) { return bf16_bits(coarse(s)); });
    case DataType::f16:
      return fill<std::uint16_t>(t, stream, [](std::uint32_t s) { return f16_bits(coarse(s)); });
    default:
      return fill_integers(t, stream, quantized);
  }
}

}  // namespace

std::vector<Tensor> selftest_inputs(const Plan& plan, std::uint64_t seed) {
  Stream stream(seed);
  std::vector<Tensor> out;
  for (std::uint32_t v : plan.inputs) {
    const TensorType& type = plan.values[v].type;
    Tensor t(type.dtype, type.shape);
    fill_any(t, stream, type.quant.has_value());
    out.push_back(std::move(t));
  }
  return out;
}

}  // namespace xpuq
