// 3x3 convolution with stride 1 by Winograd's F(2x2, 3x3): 2.25 times fewer products than the direct sum and, in
// integers, the same result. A task is some rows of 2x2 tiles of one image times some blocks of sixteen output
// channels; its transformed inputs stay in L2 while the weights stream past.
#include <algorithm>

#include "runtime/cpu/aligned.h"
#include "runtime/cpu/int8_conv.h"
#include "runtime/cpu/int8_frame.h"
#include "runtime/cpu/int8_tile.h"
#include "runtime/cpu/int8_winograd.h"
#include "runtime/cpu/parallel.h"

namespace xpuq::cpu {
namespace {

/// Transformed inputs of a task, in a 512 KiB L2 beside the frame, a block of weights and the products.
constexpr std::int64_t kInputBytes = 224 * 1024;
constexpr std::int64_t kElements = 16;

/// The shape as if both output sizes were even.
ConvShape even(ConvShape shape) {
  shape.oh += shape.oh % 2;
  shape.ow += shape.ow % 2;
  return shape;
}

class WinogradConv final : public Int8Conv {
 public:
  WinogradConv(const ConvShape& shape, const std::int8_t* weights, std::int32_t zero_point, Epilogue epilogue,
               int threads)
      : shape_(shape), frame_(even(shape)), zero_point_(zero_point), epilogue_(std::move(epilogue)), threads_(threads),
        tile_rows_((shape.oh + 1) / 2), tile_columns_((shape.ow + 1) / 2),
        blocks_((shape.oc + kChannelBlock - 1) / kChannelBlock), pairs_(shape.ic / 2) {
    pack(weights);
    partition();
    tile_ = choose_int8_tile();
    finish_ = choose_epilogue(epilogue_);
  }

  const char* name() const override { return "xpuq:int8_winograd_conv"; }
  std::size_t scratch_bytes() const override { return threads_ * thread_bytes_; }
  std::size_t weight_bytes() const override { return weights_.size() * 2; }

  void run(const ConvBuffers& buffers) const override {
    parallel_tasks(shape_.n * row_parts_ * channel_parts_, threads_, [&](std::int64_t task, int thread) {
      const std::int64_t part = task % channel_parts_, rows = task / channel_parts_ % row_parts_;
      run_task(buffers, task / channel_parts_ / row_parts_, split_evenly(tile_rows_, row_parts_, rows),
               split_evenly(blocks_, channel_parts_, part), buffers.scratch + thread * thread_bytes_);
    });
  }

 private:
  void pack(const std::int8_t* weights) {
    weights_.assign(blocks_ * kElements * pairs_ * 2 * kChannelBlock, 0);
    for (std::int64_t oc = 0; oc < shape_.oc; ++oc) {
      for (std::int64_t ic = 0; ic < shape_.ic; ++ic) {
        std::int16_t u[kElements];
        winograd_weights(weights + (oc * shape_.ic + ic) * 9, u);
        for (std::int64_t k = 0; k < kElements; ++k) {
          const std::int64_t block = (oc / kChannelBlock * kElements + k) * pairs_;
          weights_[((block + ic / 2) * kChannelBlock + oc % kChannelBlock) * 2 + ic % 2] = u[k];
        }
      }
    }
  }

  void partition() {
    std::int64_t rows = tile_rows_;
    while (rows > 1 && rows * tile_columns_ * kElements * shape_.ic * 2 > kInputBytes) rows = (rows + 1) / 2;
    row_parts_ = (tile_rows_ + rows - 1) / rows;
    const auto tasks = [&] { return shape_.n * row_parts_ * channel_parts_; };
    while (threads_ > 1 && tasks() % threads_ != 0 && tasks() < 4 * threads_) {
      // A task of few tiles would read all weights for little; rather transform some inputs twice.
      if (tile_rows_ / (row_parts_ + 1) * tile_columns_ >= 24) {
        ++row_parts_;
      } else if (channel_parts_ < blocks_) {
        ++channel_parts_;
      } else {
        break;
      }
    }
    const std::int64_t most = (tile_rows_ + row_parts_ - 1) / row_parts_;
    most_tiles_ = most * tile_columns_;
    frame_bytes_ = round_up(frame_.elements(2 * most) * 2, kLine);
    input_bytes_ = round_up(kElements * most_tiles_ * shape_.ic * 2, kLine);
    product_bytes_ = round_up(kElements * most_tiles_ * kChannelBlock * 4, kLine);
    sum_bytes_ = round_up(4 * tile_columns_ * kChannelBlock * 4, kLine);
    thread_bytes_ = frame_bytes_ + input_bytes_ + product_bytes_ + sum_bytes_;
  }

  void run_task(const ConvBuffers& buffers, std::int64_t n, Range rows, Range blocks, std::byte* scratch) const {
    auto* frame = reinterpret_cast<std::int16_t*>(scratch);
    auto* inputs = reinterpret_cast<std::int16_t*>(scratch + frame_bytes_);
    auto* products = reinterpret_cast<std::int32_t*>(scratch + frame_bytes_ + input_bytes_);
    auto* sums = reinterpret_cast<std::int32_t*>(scratch + frame_bytes_ + input_bytes_ + product_bytes_);
    const std::int64_t tiles = (rows.end - rows.begin) * tile_columns_;

    frame_.fill(buffers.src, n, 2 * rows.begin, 2 * (rows.end - rows.begin), zero_point_, frame);
    for (std::int64_t t = 0; t < tiles; ++t) {
      const std::int64_t at = frame_.pixel_offset(t / tile_columns_ * 2, t % tile_columns_ * 2);
      winograd_input(frame + at, frame_.row_stride(), shape_.ic, shape_.ic, inputs + t * shape_.ic, tiles * shape_.ic);
    }
    for (std::int64_t b = blocks.begin; b < blocks.end; ++b) {
      multiply(inputs, tiles, b, products);
      for (std::int64_t row = rows.begin; row < rows.end; ++row) {
        finish_row(buffers, n, row, b, products + (row - rows.begin) * tile_columns_ * kChannelBlock,
                   tiles * kChannelBlock, sums);
      }
    }
  }

  /// products[k][tile][16] = inputs[k][tile][ic] x weights of block b.
  void multiply(const std::int16_t* inputs, std::int64_t tiles, std::int64_t b, std::int32_t* products) const {
    const std::int64_t groups = (tiles + kTilePixels - 1) / kTilePixels;
    const std::int32_t no_offset = 0;
    Int8Tile tile{};
    tile.offsets = &no_offset;
    tile.runs = 1;
    tile.pairs = static_cast<std::int32_t>(pairs_);
    for (std::int64_t k = 0; k < kElements; ++k) {
      tile.weights = weights_.data() + (b * kElements + k) * pairs_ * 2 * kChannelBlock;
      for (std::int64_t g = 0; g < groups; ++g) {
        const Range range = split_evenly(tiles, groups, g);
        const int count = static_cast<int>(range.end - range.begin);
        for (int p = 0; p < count; ++p) tile.pixels[p] = inputs + (k * tiles + range.begin + p) * shape_.ic;
        tile.acc = products + (k * tiles + range.begin) * kChannelBlock;
        tile_(tile, count);
      }
    }
  }

  /// Both output rows of a row of tiles.
  void finish_row(const ConvBuffers& buffers, std::int64_t n, std::int64_t row, std::int64_t b,
                  const std::int32_t* products, std::int64_t plane, std::int32_t* sums) const {
    std::int32_t* lower = sums + 2 * tile_columns_ * kChannelBlock;
    for (std::int64_t t = 0; t < tile_columns_; ++t) {
      winograd_output(products + t * kChannelBlock, plane, sums + 2 * t * kChannelBlock, lower + 2 * t * kChannelBlock);
    }
    EpilogueTile out{};
    out.pixels = static_cast<int>(shape_.ow);
    out.first_channel = static_cast<int>(b * kChannelBlock);
    out.channels = static_cast<int>(std::min<std::int64_t>(kChannelBlock, shape_.oc - out.first_channel));
    out.dst_stride = shape_.oc * epilogue_.dst_bytes();
    out.other_stride = shape_.oc * epilogue_.other_bytes();
    for (std::int64_t y = 2 * row; y < std::min(shape_.oh, 2 * row + 2); ++y) {
      const std::int64_t at = (n * shape_.oh + y) * shape_.ow;
      out.acc = y % 2 == 0 ? sums : lower;
      out.dst = buffers.dst + at * out.dst_stride + out.first_channel * epilogue_.dst_bytes();
      out.other =
          buffers.other ? buffers.other + at * out.other_stride + out.first_channel * epilogue_.other_bytes() : nullptr;
      finish_(epilogue_, out);
    }
  }

  ConvShape shape_;
  Int8Frame frame_;
  std::int32_t zero_point_;
  Epilogue epilogue_;
  int threads_;
  std::int64_t tile_rows_, tile_columns_, blocks_, pairs_;
  std::int64_t row_parts_ = 1, channel_parts_ = 1, most_tiles_ = 0;
  std::size_t frame_bytes_ = 0, input_bytes_ = 0, product_bytes_ = 0, sum_bytes_ = 0, thread_bytes_ = 0;
  AlignedVector<std::int16_t> weights_;
  Int8TileFn tile_ = nullptr;
  EpilogueFn finish_ = nullptr;
};

}  // namespace

bool suits_int8_winograd(const ConvShape& s) {
  if (s.kh != 3 || s.kw != 3 || s.stride_h != 1 || s.stride_w != 1) return false;
  if (s.dilation_h != 1 || s.dilation_w != 1) return false;
  if (s.groups != 1 || s.ic % 16 != 0 || s.ic < 32 || s.oc < 16 || s.ic > kMaxWinogradChannels) return false;
  // Tiles that stick out are computed for nothing, and transformed weights are 16/9 as many: with few tiles reading
  // them costs more than is saved.
  const std::int64_t tiles = (s.oh + 1) / 2 * ((s.ow + 1) / 2);
  return s.n * tiles >= 16 && tiles * 4 * 2 <= s.oh * s.ow * 3;
}

std::unique_ptr<Int8Conv> make_int8_winograd_conv(const ConvShape& shape, const std::int8_t* weights,
                                                  std::int32_t src_zero_point, Epilogue epilogue, int threads) {
  return std::make_unique<WinogradConv>(shape, weights, src_zero_point, std::move(epilogue), threads);
}

}  // namespace xpuq::cpu
