// Exact int8 convolution for CPUs without an int8 dot product: u8 activations (zero point anywhere) in NHWC order,
// s8 weights, s32 accumulators that are never rounded or saturated.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/cpu/epilogue.h"

namespace xpuq::cpu {

/// One- and two-dimensional convolution (height 1 in the former).
struct ConvShape {
  std::int64_t n, ic, ih, iw, oc, oh, ow;
  std::int64_t kh, kw, stride_h, stride_w, pad_top, pad_left, dilation_h, dilation_w;
  std::int64_t groups;

  std::int64_t group_ic() const { return ic / groups; }
  std::int64_t group_oc() const { return oc / groups; }
  bool depthwise() const { return groups == ic && groups == oc && groups > 1; }
};

/// Longest sum of products of a 9-bit and an 8-bit number that always fits into s32.
inline constexpr std::int64_t kMaxInt8Taps = 65792;

struct ConvBuffers {
  const std::uint8_t* src;
  std::byte* dst;
  const std::byte* other;  ///< operand of the sum; may be dst itself
  std::byte* scratch;
};

class Int8Conv {
 public:
  virtual ~Int8Conv() = default;
  virtual const char* name() const = 0;
  virtual std::size_t scratch_bytes() const = 0;
  virtual std::size_t weight_bytes() const = 0;
  virtual void run(const ConvBuffers& buffers) const = 0;
};

/// Names of the algorithms for `shape`, all exact, the one that is expected to be fastest first.
std::vector<std::string> int8_conv_kernels(const ConvShape& shape);
/// `weights` are [oc][ic/groups][kh][kw]; `threads` at most will run it. `kernel` is one of int8_conv_kernels().
std::unique_ptr<Int8Conv> make_int8_conv(const ConvShape& shape, const std::string& kernel, const std::int8_t* weights,
                                         std::int32_t src_zero_point, Epilogue epilogue, int threads);

std::unique_ptr<Int8Conv> make_int8_direct_conv(const ConvShape& shape, const std::int8_t* weights,
                                                std::int32_t src_zero_point, Epilogue epilogue, int threads);
/// Outputs a side of the forms of int8_winograd.h (2, 4) and of direct convolution (1), cheapest first.
std::vector<int> winograd_order(const ConvShape& shape);
std::unique_ptr<Int8Conv> make_int8_winograd_conv(const ConvShape& shape, int outputs, const std::int8_t* weights,
                                                  std::int32_t src_zero_point, Epilogue epilogue, int threads);
std::unique_ptr<Int8Conv> make_int8_depthwise_conv(const ConvShape& shape, const std::int8_t* weights,
                                                   std::int32_t src_zero_point, Epilogue epilogue, int threads);

}  // namespace xpuq::cpu
