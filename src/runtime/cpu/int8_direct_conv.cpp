// Implicit GEMM. A task is some rows of output of one image times some blocks of sixteen output channels: it widens the
// input rows once into its thread's frame, then keeps one block of weights near (L1 or L2) while it passes over the
// pixels, a few at a time.
#include <algorithm>
#include <numeric>

#include "runtime/cpu/aligned.h"
#include "runtime/cpu/int8_conv.h"
#include "runtime/cpu/int8_frame.h"
#include "runtime/cpu/int8_tile.h"
#include "runtime/cpu/parallel.h"

namespace xpuq::cpu {
namespace {

/// A frame should share a 512 KiB L2 with one block of weights.
constexpr std::int64_t kFrameBytes = 192 * 1024;
/// Where all weights stay in L2 a task is so short that its frame and its results stay in L1: lines of the destination
/// are then written whole, though one block of channels after the other fills them.
constexpr std::int64_t kNearWeights = 128 * 1024, kNearBytes = 32 * 1024;
/// Tiles between two calls of the epilogue.
constexpr std::int64_t kTilesPerStore = 4;

class DirectConv final : public Int8Conv {
 public:
  DirectConv(const ConvShape& shape, const std::int8_t* weights, std::int32_t zero_point, Epilogue epilogue,
             int threads)
      : shape_(shape), frame_(shape), zero_point_(zero_point), epilogue_(std::move(epilogue)), threads_(threads) {
    // Without dilation and groups the taps of a kernel row lie side by side: one long run instead of kw short ones.
    const bool long_runs = shape.groups == 1 && shape.dilation_w == 1;
    run_width_ = long_runs ? shape.kw : 1;
    for (std::int64_t y = 0; y < shape.kh; ++y) {
      for (std::int64_t x = 0; x < shape.kw; x += run_width_) {
        offsets_.push_back(static_cast<std::int32_t>(frame_.tap_offset(y, x)));
      }
    }
    pairs_ = (run_width_ * shape.group_ic() + 1) / 2;
    blocks_ = (shape.group_oc() + kChannelBlock - 1) / kChannelBlock;
    pack(weights);
    partition();
    finish_ = choose_epilogue(epilogue_);
  }

  const char* name() const override { return "xpuq:int8_conv"; }
  std::size_t scratch_bytes() const override { return threads_ * frame_bytes_; }
  std::size_t weight_bytes() const override { return weights_.size() * 2; }

  void run(const ConvBuffers& buffers) const override {
    parallel_tasks(shape_.n * row_parts_ * channel_parts_, threads_, [&](std::int64_t task, int thread) {
      const std::int64_t part = task % channel_parts_, rows = task / channel_parts_ % row_parts_;
      run_task(buffers, task / channel_parts_ / row_parts_, split_evenly(shape_.oh, row_parts_, rows),
               split_evenly(shape_.groups * blocks_, channel_parts_, part), buffers.scratch + thread * frame_bytes_);
    });
  }

 private:
  void pack(const std::int8_t* weights) {
    const std::int64_t gic = shape_.group_ic(), goc = shape_.group_oc(), area = shape_.kh * shape_.kw;
    block_size_ = static_cast<std::int64_t>(offsets_.size()) * pairs_ * 2 * kChannelBlock;
    weights_.assign(shape_.groups * blocks_ * block_size_, 0);
    parallel_tasks(shape_.groups * blocks_, threads_, [&](std::int64_t b, int) {
      const std::int64_t in_group = b % blocks_ * kChannelBlock, first = b / blocks_ * goc + in_group;
      const std::int64_t count = std::min<std::int64_t>(kChannelBlock, goc - in_group);
      for (std::int64_t tap = 0; tap < area; ++tap) {
        std::int16_t* run = weights_.data() + b * block_size_ + tap / run_width_ * pairs_ * 2 * kChannelBlock;
        for (std::int64_t i = 0; i < gic; ++i) {
          const std::int64_t k = tap % run_width_ * gic + i;
          std::int16_t* pair = run + k / 2 * 2 * kChannelBlock + k % 2;
          for (std::int64_t c = 0; c < count; ++c) pair[2 * c] = weights[((first + c) * gic + i) * area + tap];
        }
      }
    });
  }

  void partition() {
    // Rows per task: as many as the frame budget allows; then enough tasks for every thread, rows before channels,
    // because a split of channels widens the same input twice.
    std::int64_t rows = shape_.oh;
    const bool near = shape_.kh == 1 && static_cast<std::int64_t>(weight_bytes()) <= kNearWeights;
    const auto too_many = [&] {
      const std::int64_t frame = frame_.elements(rows) * 2;
      return near ? frame + rows * shape_.ow * shape_.oc > kNearBytes : frame > kFrameBytes;
    };
    while (rows > 1 && too_many()) rows = (rows + 1) / 2;
    row_parts_ = (shape_.oh + rows - 1) / rows;
    const std::int64_t blocks = shape_.groups * blocks_;
    const auto tasks = [&] { return shape_.n * row_parts_ * channel_parts_; };
    while (threads_ > 1 && tasks() % threads_ != 0 && tasks() < 4 * threads_) {
      const std::int64_t pixels = shape_.oh * shape_.ow / row_parts_;
      if (pixels >= 16 * tile_.pixels && row_parts_ < shape_.oh) {
        ++row_parts_;
      } else if (channel_parts_ < blocks) {
        ++channel_parts_;
      } else {
        break;
      }
    }
    const std::int64_t most_rows = (shape_.oh + row_parts_ - 1) / row_parts_;
    frame_bytes_ = round_up(frame_.elements(most_rows) * 2, kLine);
    for (std::int64_t y = 0; y < most_rows; ++y) {
      for (std::int64_t x = 0; x < shape_.ow; ++x) {
        pixels_.push_back(static_cast<std::int32_t>(frame_.pixel_offset(y, x)));
      }
    }
  }

  void run_task(const ConvBuffers& buffers, std::int64_t n, Range rows, Range blocks, std::byte* scratch) const {
    auto* frame = reinterpret_cast<std::int16_t*>(scratch);
    frame_.fill(buffers.src, n, rows.begin, rows.end - rows.begin, zero_point_, frame);
    const std::int64_t first_pixel = (n * shape_.oh + rows.begin) * shape_.ow;
    const std::int64_t pixels = (rows.end - rows.begin) * shape_.ow;
    const std::int64_t tiles = (pixels + tile_.pixels - 1) / tile_.pixels;

    alignas(64) std::int32_t acc[kTilesPerStore * kMostTilePixels * kChannelBlock];
    Int8Tile tile{};
    tile.offsets = offsets_.data();
    tile.runs = static_cast<std::int32_t>(offsets_.size());
    tile.pairs = static_cast<std::int32_t>(pairs_);
    for (std::int64_t b = blocks.begin; b < blocks.end; ++b) {
      const std::int64_t group = b / blocks_, in_group = b % blocks_ * kChannelBlock;
      const std::int64_t oc = group * shape_.group_oc() + in_group;
      tile.weights = weights_.data() + b * block_size_;
      EpilogueTile out{};
      out.acc = acc;
      out.channels = static_cast<int>(std::min<std::int64_t>(kChannelBlock, shape_.group_oc() - in_group));
      out.first_channel = static_cast<int>(oc);
      out.dst_stride = shape_.oc * epilogue_.dst_bytes();
      out.other_stride = shape_.oc * epilogue_.other_bytes();
      // Tiles of equal size: 49 pixels are better as 4 x 6 + 5 x 5 than as 8 x 6 + 1.
      const std::int64_t least = pixels / tiles, longer = pixels % tiles;
      for (std::int64_t t = 0, next = 0; t < tiles;) {
        const std::int64_t first = next;
        for (const std::int64_t last = std::min(tiles, t + kTilesPerStore); t < last; ++t) {
          const int count = static_cast<int>(least + (t < longer ? 1 : 0));
          for (int p = 0; p < count; ++p) {
            tile.pixels[p] = frame + pixels_[next + p] + group * shape_.group_ic();
          }
          tile.acc = acc + (next - first) * kChannelBlock;
          tile.fetch_ahead(tile.weights + block_size_, t, tiles);
          tile_.run(tile, count);
          next += count;
        }
        const std::int64_t at = first_pixel + first;
        out.pixels = static_cast<int>(next - first);
        out.dst = buffers.dst + at * out.dst_stride + oc * epilogue_.dst_bytes();
        out.other = buffers.other ? buffers.other + at * out.other_stride + oc * epilogue_.other_bytes() : nullptr;
        finish_(epilogue_, out);
      }
    }
  }

  ConvShape shape_;
  Int8Frame frame_;
  std::int32_t zero_point_;
  Epilogue epilogue_;
  int threads_;

  std::int64_t run_width_ = 1;
  std::int64_t pairs_ = 0;
  std::int64_t blocks_ = 0;      ///< of channels, per group
  std::int64_t block_size_ = 0;  ///< elements
  std::int64_t row_parts_ = 1, channel_parts_ = 1;
  std::size_t frame_bytes_ = 0;
  std::vector<std::int32_t> offsets_;  ///< of runs
  std::vector<std::int32_t> pixels_;   ///< of output pixels of a task
  AlignedVector<std::int16_t> weights_;
  Int8TileKernel tile_ = choose_int8_tile();
  EpilogueFn finish_ = nullptr;
};

}  // namespace

std::unique_ptr<Int8Conv> make_int8_direct_conv(const ConvShape& shape, const std::int8_t* weights,
                                                std::int32_t src_zero_point, Epilogue epilogue, int threads) {
  return std::make_unique<DirectConv>(shape, weights, src_zero_point, std::move(epilogue), threads);
}

}  // namespace xpuq::cpu
