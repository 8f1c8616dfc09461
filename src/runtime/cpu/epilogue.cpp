#include "runtime/cpu/epilogue.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "runtime/cpu/isa.h"

namespace xpuq::cpu {
namespace {

using Kind = EpilogueOp::Kind;

// NaN stays NaN.
float clamp_to(float v, float low, float high) {
  const float y = v < low ? low : v;
  return y > high ? high : y;
}

float sigmoid(float v) { return 1.0f / (1.0f + std::exp(-v)); }

float apply(const EpilogueOp& op, float v) {
  switch (op.kind) {
    case Kind::sum: return v;
    case Kind::relu: return v < 0 ? 0.0f : v;
    case Kind::clip: return clamp_to(v, op.alpha, op.beta);
    case Kind::hardswish: return v * clamp_to(v + 3.0f, 0.0f, 6.0f) / 6.0f;
    case Kind::silu: return v / (1.0f + std::exp(-v));
    case Kind::gelu_erf: return 0.5f * v * (1.0f + std::erf(v * 0.70710678118654752f));
    case Kind::gelu_tanh:
      return 0.5f * v * (1.0f + std::tanh(0.79788456080286536f * (v + 0.044715f * v * v * v)));
    case Kind::hardsigmoid: return clamp_to(op.alpha * v + op.beta, 0.0f, 1.0f);
    case Kind::sigmoid: return sigmoid(v);
    case Kind::tanh: return std::tanh(v);
    case Kind::leaky_relu: return v < 0 ? op.alpha * v : v;
  }
  return v;
}

float other_value(const Epilogue& e, const std::byte* at) {
  if (e.other_quantized) {
    return static_cast<float>(static_cast<std::int32_t>(*at) - e.other_zero_point) * e.other_scale;
  }
  float v;
  std::memcpy(&v, at, sizeof v);
  return v;
}

}  // namespace

void epilogue_scalar(const Epilogue& e, const EpilogueTile& tile) {
  for (int p = 0; p < tile.pixels; ++p) {
    std::byte* dst = tile.dst + p * tile.dst_stride;
    for (int c = 0; c < tile.channels; ++c) {
      float v = static_cast<float>(tile.acc[p * kChannelBlock + c]) * e.scales[tile.first_channel + c];
      v += e.biases[tile.first_channel + c];
      for (const EpilogueOp& op : e.ops) {
        if (op.kind == Kind::sum) {
          v += other_value(e, tile.other + p * tile.other_stride + c * e.other_bytes());
        } else {
          v = apply(op, v);
        }
      }
      if (e.quantized) {
        const float code = clamp_to(v * e.inverse_scale + e.zero_point, -128.0f, 127.0f);
        const std::int32_t whole = code == code ? static_cast<std::int32_t>(std::nearbyint(code)) : 0;
        dst[c] = static_cast<std::byte>(whole + 128);
      } else {
        std::memcpy(dst + 4 * c, &v, sizeof v);
      }
    }
  }
}

void Epilogue::prepare() {
  may_be_nan = !other_quantized || !std::all_of(biases.begin(), biases.end(), [](float b) { return std::isfinite(b); });
  clamps_codes = quantized && !may_be_nan && std::isfinite(inverse_scale);
  low_code = -128;
  high_code = 127;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const bool sum = i == 0 && ops[i].kind == Kind::sum;
    const bool clamp = i + 1 == ops.size() && (ops[i].kind == Kind::relu || ops[i].kind == Kind::clip);
    clamps_codes = clamps_codes && (sum || clamp);
    if (!clamp) continue;
    const auto code = [&](float v) { return std::clamp(v * inverse_scale + zero_point, -128.0f, 127.0f); };
    low_code = code(ops[i].kind == Kind::relu ? 0.0f : ops[i].alpha);
    if (ops[i].kind == Kind::clip) high_code = code(ops[i].beta);
  }
}

EpilogueFn choose_epilogue(const Epilogue& epilogue) {
  if (!has_avx2()) return epilogue_scalar;
  if (EpilogueFn fast = epilogue_avx2_clamped(epilogue)) return fast;
  return epilogue_avx2_general;
}

}  // namespace xpuq::cpu
