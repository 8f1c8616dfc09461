// Depthwise convolution: every channel has its own kernel, so sixteen channels of a pixel are one register and taps are
// multiplied two at a time (vpmaddwd on interleaved channels of two taps).
#include <algorithm>
#include <cstring>

#include "runtime/cpu/aligned.h"
#include "runtime/cpu/int8_conv.h"
#include "runtime/cpu/int8_frame.h"
#include "runtime/cpu/isa.h"
#include "runtime/cpu/parallel.h"

#if XPUQ_X86
#include <immintrin.h>
#endif

namespace xpuq::cpu {
namespace {

constexpr std::int64_t kFrameBytes = 128 * 1024;
/// Pixels whose sums are in registers at once, and for one call of the epilogue.
constexpr int kPixels = 4;
constexpr std::int64_t kPixelsPerStore = 32;

/// Weights of a channel block: [tap pair][16][2], the channels in the order of vpunpcklwd and vpunpckhwd: 0-3, 8-11,
/// 4-7, 12-15.
struct DepthwiseBlock {
  const std::int16_t* weights;
  const std::int32_t* offsets;  ///< of taps, an even number of them
  std::int32_t tap_pairs;
  const std::int16_t* pixels[kPixels];
  std::int32_t* acc;  ///< [pixels][16]
};

constexpr int kOrder[kChannelBlock] = {0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15};

void depthwise_scalar(const DepthwiseBlock& block, int pixels, int channels) {
  for (int p = 0; p < pixels; ++p) {
    std::int32_t* acc = block.acc + p * kChannelBlock;
    std::fill_n(acc, kChannelBlock, 0);
    for (int t = 0; t < block.tap_pairs; ++t) {
      const std::int16_t* w = block.weights + t * 2 * kChannelBlock;
      const std::int16_t* a = block.pixels[p] + block.offsets[2 * t];
      const std::int16_t* b = block.pixels[p] + block.offsets[2 * t + 1];
      for (int i = 0; i < kChannelBlock; ++i) {
        const int c = kOrder[i];
        if (c < channels) acc[c] += a[c] * w[2 * i] + b[c] * w[2 * i + 1];
      }
    }
  }
}

#if XPUQ_X86
template <int kCount>
XPUQ_AVX2 void depthwise_kernel(const DepthwiseBlock& block) {
  __m256i acc[kCount][2];
#pragma GCC unroll 4
  for (int p = 0; p < kCount; ++p) acc[p][0] = acc[p][1] = _mm256_setzero_si256();
  const std::int16_t* w = block.weights;
  for (std::int32_t t = 0; t < block.tap_pairs; ++t, w += 2 * kChannelBlock) {
    const __m256i w0 = _mm256_load_si256(reinterpret_cast<const __m256i*>(w));
    const __m256i w1 = _mm256_load_si256(reinterpret_cast<const __m256i*>(w + 16));
    const std::int64_t first = block.offsets[2 * t], second = block.offsets[2 * t + 1];
#pragma GCC unroll 4
    for (int p = 0; p < kCount; ++p) {
      const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block.pixels[p] + first));
      const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block.pixels[p] + second));
      acc[p][0] = _mm256_add_epi32(acc[p][0], _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), w0));
      acc[p][1] = _mm256_add_epi32(acc[p][1], _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), w1));
    }
  }
#pragma GCC unroll 4
  for (int p = 0; p < kCount; ++p) {
    const __m256i low = _mm256_permute2x128_si256(acc[p][0], acc[p][1], 0x20);
    const __m256i high = _mm256_permute2x128_si256(acc[p][0], acc[p][1], 0x31);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(block.acc + 16 * p), low);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(block.acc + 16 * p + 8), high);
  }
}

void depthwise_avx2(const DepthwiseBlock& block, int pixels) {
  switch (pixels) {
    case 1: return depthwise_kernel<1>(block);
    case 2: return depthwise_kernel<2>(block);
    case 3: return depthwise_kernel<3>(block);
    default: return depthwise_kernel<4>(block);
  }
}
#endif

class DepthwiseConv final : public Int8Conv {
 public:
  DepthwiseConv(const ConvShape& shape, const std::int8_t* weights, std::int32_t zero_point, Epilogue epilogue,
                int threads)
      : shape_(shape), frame_(shape), zero_point_(zero_point), epilogue_(std::move(epilogue)), threads_(threads) {
    for (std::int64_t y = 0; y < shape.kh; ++y) {
      for (std::int64_t x = 0; x < shape.kw; ++x) {
        offsets_.push_back(static_cast<std::int32_t>(frame_.tap_offset(y, x)));
      }
    }
    if (offsets_.size() % 2 != 0) offsets_.push_back(offsets_.back());  // with weight 0
    blocks_ = (shape.oc + kChannelBlock - 1) / kChannelBlock;
    pack(weights);

    std::int64_t rows = shape.oh;
    while (rows > 1 && frame_.elements(rows) * 2 > kFrameBytes) rows = (rows + 1) / 2;
    row_parts_ = (shape.oh + rows - 1) / rows;
    while (shape.n * row_parts_ % threads_ != 0 && shape.n * row_parts_ < 4 * threads_ && row_parts_ * 2 < shape.oh) {
      ++row_parts_;
    }
    frame_bytes_ = round_up(frame_.elements((shape.oh + row_parts_ - 1) / row_parts_) * 2, kLine);
    finish_ = choose_epilogue(epilogue_);
  }

  const char* name() const override { return "xpuq:int8_depthwise_conv"; }
  std::size_t scratch_bytes() const override { return threads_ * frame_bytes_; }
  std::size_t weight_bytes() const override { return weights_.size() * 2; }

  void run(const ConvBuffers& buffers) const override {
    parallel_tasks(shape_.n * row_parts_, threads_, [&](std::int64_t task, int thread) {
      const Range rows = split_evenly(shape_.oh, row_parts_, task % row_parts_);
      auto* frame = reinterpret_cast<std::int16_t*>(buffers.scratch + thread * frame_bytes_);
      const std::int64_t n = task / row_parts_;
      frame_.fill(buffers.src, n, rows.begin, rows.end - rows.begin, zero_point_, frame);
      for (std::int64_t row = rows.begin; row < rows.end; ++row) run_row(buffers, n, row, row - rows.begin, frame);
    });
  }

 private:
  void pack(const std::int8_t* weights) {
    const std::int64_t area = shape_.kh * shape_.kw, pairs = static_cast<std::int64_t>(offsets_.size()) / 2;
    weights_.assign(blocks_ * pairs * 2 * kChannelBlock, 0);
    for (std::int64_t b = 0; b < blocks_; ++b) {
      for (std::int64_t tap = 0; tap < area; ++tap) {
        for (int i = 0; i < kChannelBlock; ++i) {
          const std::int64_t c = b * kChannelBlock + kOrder[i];
          if (c >= shape_.oc) continue;
          weights_[((b * pairs + tap / 2) * kChannelBlock + i) * 2 + tap % 2] = weights[c * area + tap];
        }
      }
    }
  }

  void run_row(const ConvBuffers& buffers, std::int64_t n, std::int64_t row, std::int64_t frame_row,
               const std::int16_t* frame) const {
    alignas(64) std::int32_t acc[kPixelsPerStore * kChannelBlock];
    DepthwiseBlock block{};
    block.offsets = offsets_.data();
    block.tap_pairs = static_cast<std::int32_t>(offsets_.size() / 2);
    EpilogueTile out{};
    out.acc = acc;
    out.dst_stride = shape_.oc * epilogue_.dst_bytes();
    out.other_stride = shape_.oc * epilogue_.other_bytes();
    for (std::int64_t b = 0; b < blocks_; ++b) {
      const std::int64_t channel = b * kChannelBlock;
      block.weights = weights_.data() + b * block.tap_pairs * 2 * kChannelBlock;
      out.channels = static_cast<int>(std::min<std::int64_t>(kChannelBlock, shape_.oc - channel));
      out.first_channel = static_cast<int>(channel);
      for (std::int64_t x = 0; x < shape_.ow; x += kPixelsPerStore) {
        out.pixels = static_cast<int>(std::min(kPixelsPerStore, shape_.ow - x));
        for (int first = 0; first < out.pixels; first += kPixels) {
          const int count = std::min(kPixels, out.pixels - first);
          for (int p = 0; p < count; ++p) {
            block.pixels[p] = frame + frame_.pixel_offset(frame_row, x + first + p) + channel;
          }
          block.acc = acc + first * kChannelBlock;
          accumulate(block, count, out.channels);
        }
        const std::int64_t at = (n * shape_.oh + row) * shape_.ow + x;
        out.dst = buffers.dst + at * out.dst_stride + channel * epilogue_.dst_bytes();
        out.other = buffers.other ? buffers.other + at * out.other_stride + channel * epilogue_.other_bytes() : nullptr;
        finish_(epilogue_, out);
      }
    }
  }

  static void accumulate(const DepthwiseBlock& block, int pixels, int channels) {
#if XPUQ_X86
    if (has_avx2()) return depthwise_avx2(block, pixels);
#endif
    depthwise_scalar(block, pixels, channels);
  }

  ConvShape shape_;
  Int8Frame frame_;
  std::int32_t zero_point_;
  Epilogue epilogue_;
  int threads_;
  std::int64_t blocks_ = 0, row_parts_ = 1;
  std::size_t frame_bytes_ = 0;
  std::vector<std::int32_t> offsets_;
  AlignedVector<std::int16_t> weights_;
  EpilogueFn finish_ = nullptr;
};

}  // namespace

std::unique_ptr<Int8Conv> make_int8_depthwise_conv(const ConvShape& shape, const std::int8_t* weights,
                                                   std::int32_t src_zero_point, Epilogue epilogue, int threads) {
  return std::make_unique<DepthwiseConv>(shape, weights, src_zero_point, std::move(epilogue), threads);
}

}  // namespace xpuq::cpu
