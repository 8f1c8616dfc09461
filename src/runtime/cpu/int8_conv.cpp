#include "runtime/cpu/int8_conv.h"

#include "support/check.h"

namespace xpuq::cpu {

namespace {

constexpr const char* kDirect = "xpuq:int8_conv";
constexpr const char* kDepthwise = "xpuq:int8_depthwise_conv";
constexpr const char* kWinograd2 = "xpuq:int8_winograd_2x2";
constexpr const char* kWinograd4 = "xpuq:int8_winograd_4x4";

}  // namespace

std::vector<std::string> int8_conv_kernels(const ConvShape& shape) {
  if (shape.depthwise()) return {kDepthwise};
  std::vector<std::string> names;
  for (int outputs : winograd_order(shape)) {
    names.emplace_back(outputs == 1 ? kDirect : outputs == 2 ? kWinograd2 : kWinograd4);
  }
  return names;
}

std::unique_ptr<Int8Conv> make_int8_conv(const ConvShape& shape, const std::string& kernel, const std::int8_t* weights,
                                         std::int32_t src_zero_point, Epilogue epilogue, int threads) {
  XPUQ_CHECK(shape.group_ic() * shape.kh * shape.kw <= kMaxInt8Taps, "accumulators could overflow");
  // Blocks of channels are read whole, also the last one and those of small groups.
  epilogue.scales.resize(shape.oc + kChannelBlock, 0.0f);
  epilogue.biases.resize(shape.oc + kChannelBlock, 0.0f);
  epilogue.prepare();
  if (kernel == kDepthwise) return make_int8_depthwise_conv(shape, weights, src_zero_point, std::move(epilogue), threads);
  if (kernel == kDirect) return make_int8_direct_conv(shape, weights, src_zero_point, std::move(epilogue), threads);
  return make_int8_winograd_conv(shape, kernel == kWinograd2 ? 2 : 4, weights, src_zero_point, std::move(epilogue), threads);
}

}  // namespace xpuq::cpu
