#include "samples/generated.h"

#include <utility>

#include "samples/convert.h"
#include "samples/parse_value.h"
#include "samples/splitmix.h"
#include "support/check.h"

namespace xpuq::samples {
namespace {

constexpr std::string_view kRandomWithSeed = "random:";

template <class T>
void fill_bits(Tensor& tensor, SplitMix& random, std::uint64_t mask) {
  for (T& v : tensor.span<T>()) v = static_cast<T>(random.next() >> 32 & mask);
}

}  // namespace

bool is_generated_word(std::string_view text) {
  return text == "zeros" || text == "random" || text.starts_with(kRandomWithSeed);
}

std::optional<Generated> parse_generated(std::string_view text) {
  if (text == "zeros") return Generated{.zeros = true, .seed = 0};
  if (text == "random") return Generated{.zeros = false, .seed = 0};
  if (!text.starts_with(kRandomWithSeed)) return std::nullopt;
  const auto seed = parse_seed(text.substr(kRandomWithSeed.size()));
  return seed ? std::optional(Generated{.zeros = false, .seed = *seed}) : std::nullopt;
}

Tensor generate(const Generated& generated, DataType dtype, Shape shape, std::uint64_t stream, std::uint64_t index) {
  if (generated.zeros) return Tensor(dtype, std::move(shape));
  SplitMix mixer(generated.seed);
  SplitMix random(mixer.next() ^ SplitMix(stream).next() ^ SplitMix(~index).next());
  switch (dtype) {
    case DataType::s8:
    case DataType::u8: {
      Tensor tensor(dtype, std::move(shape));
      fill_bits<std::uint8_t>(tensor, random, 0xff);
      return tensor;
    }
    case DataType::s16: {
      Tensor tensor(dtype, std::move(shape));
      fill_bits<std::uint16_t>(tensor, random, 0xffff);
      return tensor;
    }
    case DataType::s32:
    case DataType::s64:
    case DataType::boolean: {
      Tensor bits(DataType::boolean, std::move(shape));
      fill_bits<std::uint8_t>(bits, random, 1);
      auto out = convert(bits, dtype, "random");
      XPUQ_CHECK(out.ok(), "0 and 1 fit every type");
      return std::move(out).value();
    }
    default: break;
  }
  Tensor reals(DataType::f32, std::move(shape));
  // 24 random bits: every value is exact in binary32.
  for (float& v : reals.span<float>()) v = static_cast<float>(random.next() >> 40) / 8388608.0f - 1.0f;
  auto out = convert(reals, dtype, "random");
  XPUQ_CHECK(out.ok(), "float to float always fits");
  return std::move(out).value();
}

}  // namespace xpuq::samples
