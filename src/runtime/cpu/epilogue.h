// From exact s32 accumulators to stored results: the second half of every int8 convolution and linear layer.
//   v = fl(fl((float)acc * scale[oc]) + bias[oc]); each post-op in order, rounded; then
//   u8 = clamp(rne(fl(fl(v * inverse_scale) + zero_point)), -128, 127) + 128, or v itself as f32.
// The rounding happens around the s8 zero point, as the plan states it; only then is the code shifted to u8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace xpuq::cpu {

struct EpilogueOp {
  enum class Kind { sum, relu, clip, hardswish, silu, gelu_erf, gelu_tanh, hardsigmoid, sigmoid, tanh, leaky_relu };
  Kind kind;
  float alpha = 0;
  float beta = 0;
};

/// Channels are handled in blocks of this many; `scales` and `biases` are padded to a multiple of it.
inline constexpr int kChannelBlock = 16;

struct Epilogue {
  std::vector<float> scales;  ///< src scale * weight scale, rounded once
  std::vector<float> biases;  ///< zeros when the layer has none
  std::vector<EpilogueOp> ops;

  bool quantized = true;  ///< dst is u8 (else f32)
  float inverse_scale = 1;
  float zero_point = 0;  ///< in s8 terms

  bool other_quantized = true;  ///< operand of the sum is u8 (else f32)
  float other_scale = 1;
  std::int32_t other_zero_point = 0;  ///< in u8 terms

  /// A NaN becomes code 0, as everywhere. Tested for only where a bias or a float operand could bring one.
  bool may_be_nan = true;
  /// True for the frequent form [sum of u8] [relu | clip], then u8, of numbers: its clamp is one of codes, to these ends.
  bool clamps_codes = false;
  float low_code = -128, high_code = 127;
  /// Sets the members since may_be_nan.
  void prepare();

  std::size_t dst_bytes() const { return quantized ? 1 : 4; }
  std::size_t other_bytes() const { return other_quantized ? 1 : 4; }
};

/// Rows of a tile: `acc` is [pixels][kChannelBlock]; row p goes to dst + p * dst_stride (bytes). `other` likewise.
struct EpilogueTile {
  const std::int32_t* acc;
  int pixels;
  int channels;       ///< valid ones, at most kChannelBlock
  int first_channel;  ///< index into scales and biases
  std::byte* dst;
  std::size_t dst_stride;
  const std::byte* other;  ///< null without a sum
  std::size_t other_stride;
};

using EpilogueFn = void (*)(const Epilogue&, const EpilogueTile&);

/// The function for this epilogue on this CPU.
EpilogueFn choose_epilogue(const Epilogue& epilogue);

void epilogue_scalar(const Epilogue& epilogue, const EpilogueTile& tile);
/// Null when `epilogue` is not of the frequent form.
EpilogueFn epilogue_avx2_clamped(const Epilogue& epilogue);
void epilogue_avx2_general(const Epilogue& epilogue, const EpilogueTile& tile);

}  // namespace xpuq::cpu
