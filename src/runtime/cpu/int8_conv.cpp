#include "runtime/cpu/int8_conv.h"

#include "support/check.h"

namespace xpuq::cpu {

std::unique_ptr<Int8Conv> make_int8_conv(const ConvShape& shape, const std::int8_t* weights,
                                         std::int32_t src_zero_point, Epilogue epilogue, int threads) {
  XPUQ_CHECK(shape.group_ic() * shape.kh * shape.kw <= kMaxInt8Taps, "accumulators could overflow");
  // Blocks of channels are read whole, also the last one and those of small groups.
  epilogue.scales.resize(shape.oc + kChannelBlock, 0.0f);
  epilogue.biases.resize(shape.oc + kChannelBlock, 0.0f);
  epilogue.prepare();
  if (shape.depthwise()) return make_int8_depthwise_conv(shape, weights, src_zero_point, std::move(epilogue), threads);
  if (const int outputs = winograd_outputs(shape); outputs > 0) {
    return make_int8_winograd_conv(shape, outputs, weights, src_zero_point, std::move(epilogue), threads);
  }
  return make_int8_direct_conv(shape, weights, src_zero_point, std::move(epilogue), threads);
}

}  // namespace xpuq::cpu
