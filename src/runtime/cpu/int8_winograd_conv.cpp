// 3x3 convolution with stride 1 by Winograd's F(2x2, 3x3) or F(4x4, 3x3): 2.25 or 4 times fewer products than the direct
// sum and, in integers, the same result. Rows of tiles, of one image or of several, form groups whose transformed inputs
// stay in L2 while the weights stream past. Where there are groups for all threads, a task is a group; else the threads
// transform together and then share the blocks of sixteen output channels, so that each reads its own weights only.
#include <algorithm>
#include <cstdlib>

#include "runtime/cpu/aligned.h"
#include "runtime/cpu/int8_conv.h"
#include "runtime/cpu/int8_frame.h"
#include "runtime/cpu/int8_tile.h"
#include "runtime/cpu/int8_winograd.h"
#include "runtime/cpu/parallel.h"

namespace xpuq::cpu {
namespace {

/// Transformed inputs of a group, in a 512 KiB L2 beside the frame, a block of weights and the products.
constexpr std::int64_t kInputBytes = 224 * 1024;
/// With fewer tiles reading the weights takes longer than multiplying: then rather inputs beyond L2.
constexpr std::int64_t kLeastTiles = 24;

/// Tiles of `side` outputs that cover `count`.
std::int64_t tiles_along(std::int64_t count, std::int64_t side) { return (count + side - 1) / side; }

/// The shape as if both output sizes were whole tiles.
ConvShape whole_tiles(ConvShape shape, std::int64_t side) {
  shape.oh = tiles_along(shape.oh, side) * side;
  shape.ow = tiles_along(shape.ow, side) * side;
  return shape;
}

class WinogradConv final : public Int8Conv {
 public:
  WinogradConv(const ConvShape& shape, int outputs, const std::int8_t* weights, std::int32_t zero_point,
               Epilogue epilogue, int threads)
      : shape_(shape), form_(winograd_form(outputs)), side_(outputs), elements_(form_.size * form_.size),
        frame_(whole_tiles(shape, outputs)), zero_point_(zero_point), epilogue_(std::move(epilogue)), threads_(threads),
        tile_rows_(tiles_along(shape.oh, outputs)), tile_columns_(tiles_along(shape.ow, outputs)),
        blocks_((shape.oc + kChannelBlock - 1) / kChannelBlock), chunks_(count_chunks(weights)) {
    pack(weights);
    partition();
    finish_ = choose_epilogue(epilogue_);
  }

  const char* name() const override { return side_ == 2 ? "xpuq:int8_winograd_2x2" : "xpuq:int8_winograd_4x4"; }
  std::size_t scratch_bytes() const override { return shared_bytes_ + threads_ * thread_bytes_; }
  std::size_t weight_bytes() const override { return weights_.size() * 2; }

  void run(const ConvBuffers& buffers) const override {
    auto* const shared = reinterpret_cast<std::int16_t*>(buffers.scratch);
    const std::int64_t row_inputs = tile_columns_ * elements_ * shape_.ic;
    if (shared_bytes_ > 0) {
      parallel_tasks(rows_, threads_, [&](std::int64_t row, int thread) {
        const std::int64_t group = group_of(row);
        const Range rows = split_evenly(rows_, groups_, group);
        transform(buffers.src, {row, row + 1}, rows, shared + rows.begin * row_inputs, thread_scratch(buffers, thread));
      });
    }
    parallel_tasks(groups_ * channel_parts_, threads_, [&](std::int64_t task, int thread) {
      std::byte* const scratch = thread_scratch(buffers, thread);
      const Range rows = split_evenly(rows_, groups_, task / channel_parts_);
      auto* inputs = shared + rows.begin * row_inputs;
      if (shared_bytes_ == 0) {
        inputs = reinterpret_cast<std::int16_t*>(scratch + frame_bytes_);
        transform(buffers.src, rows, rows, inputs, scratch);
      }
      convolve(buffers, rows, inputs, split_evenly(blocks_, channel_parts_, task % channel_parts_), scratch);
    });
  }

 private:
  /// Input channels are summed in chunks whose sums the form can tell apart; a chunk is a multiple of 16 channels.
  Range chunk(std::int64_t c, std::int64_t chunks) const {
    const Range words = split_evenly(shape_.ic / 16, chunks, c);
    return {words.begin * 16, words.end * 16};
  }
  std::int64_t count_chunks(const std::int8_t* weights) const {
    const auto fits = [&](std::int64_t oc, Range channels) {
      std::int64_t sum = 0;
      for (std::int64_t i = channels.begin * 9; i < channels.end * 9; ++i) sum += std::abs(weights[oc * shape_.ic * 9 + i]);
      return sum <= form_.max_weight_sum;
    };
    std::int64_t chunks = 1;
    for (std::int64_t oc = 0; oc < shape_.oc; ++oc) {
      for (std::int64_t c = 0; c < chunks; ++c) {
        if (fits(oc, chunk(c, chunks))) continue;
        ++chunks;
        oc = c = -1;  // from the start with the smaller chunks
        break;
      }
    }
    return chunks;
  }

  /// Of weights: [block][chunk][element][pair of channels][16][2].
  std::int64_t weight_offset(std::int64_t block, Range channels, std::int64_t k) const {
    return (block * shape_.ic * elements_ + channels.begin * elements_ + k * (channels.end - channels.begin)) * kChannelBlock;
  }
  void pack(const std::int8_t* weights) {
    weights_.assign(blocks_ * elements_ * shape_.ic * kChannelBlock, 0);
    parallel_tasks(blocks_ * chunks_, threads_, [&](std::int64_t task, int) {
      const std::int64_t b = task / chunks_, first = b * kChannelBlock;
      const std::int64_t count = std::min<std::int64_t>(kChannelBlock, shape_.oc - first);
      const Range channels = chunk(task % chunks_, chunks_);
      std::int16_t* u = weights_.data() + weight_offset(b, channels, 0);
      alignas(32) std::int16_t taps[9][2 * kChannelBlock] = {};
      for (std::int64_t ic = channels.begin; ic < channels.end; ic += 2, u += 2 * kChannelBlock) {
        for (std::int64_t c = 0; c < count; ++c) {
          const std::int8_t* kernels = weights + ((first + c) * shape_.ic + ic) * 9;
          for (int t = 0; t < 9; ++t) {
            taps[t][2 * c] = kernels[t];
            taps[t][2 * c + 1] = kernels[9 + t];
          }
        }
        form_.weights(&taps[0][0], u, (channels.end - channels.begin) * kChannelBlock);
      }
    });
  }

  void partition() {
    rows_ = shape_.n * tile_rows_;
    const std::int64_t tile_bytes = elements_ * shape_.ic * 2;
    const std::int64_t most = std::max<std::int64_t>(1, std::max(kInputBytes / tile_bytes, kLeastTiles) / tile_columns_);
    groups_ = (rows_ + most - 1) / most;
    // As many for each thread, unless that leaves too little in each.
    const std::int64_t even = round_up(std::max<std::int64_t>(groups_, 2 * threads_), threads_);
    const bool shared = threads_ > 1 && rows_ * tile_columns_ < even * kLeastTiles / 2;
    if (shared) {
      channel_parts_ = std::min(blocks_, (4 * threads_ + groups_ - 1) / groups_);
    } else if (threads_ > 1) {
      groups_ = std::min(rows_, even);
    }
    const std::int64_t most_rows = (rows_ + groups_ - 1) / groups_, most_tiles = most_rows * tile_columns_;
    frame_rows_ = shared ? 1 : std::min(most_rows, tile_rows_);
    frame_bytes_ = round_up(frame_.elements(side_ * frame_rows_) * 2, kLine);
    input_bytes_ = shared ? 0 : round_up(most_tiles * tile_bytes, kLine);
    product_bytes_ = round_up(elements_ * most_tiles * kChannelBlock * 4, kLine);
    thread_bytes_ = frame_bytes_ + input_bytes_ + product_bytes_ + round_up(most_tiles * side_ * side_ * kChannelBlock * 4, kLine);
    shared_bytes_ = shared ? round_up(rows_ * tile_columns_ * tile_bytes, kLine) : 0;
  }
  std::byte* thread_scratch(const ConvBuffers& buffers, int thread) const {
    return buffers.scratch + shared_bytes_ + thread * thread_bytes_;
  }
  std::int64_t group_of(std::int64_t row) const {
    std::int64_t group = row * groups_ / rows_;
    while (row >= split_evenly(rows_, groups_, group).end) ++group;
    while (row < split_evenly(rows_, groups_, group).begin) --group;
    return group;
  }

  /// inputs[k][tile of the group][ic] for some rows of a group. Rows of tiles are counted over all images.
  void transform(const std::uint8_t* src, Range rows, Range group, std::int16_t* inputs, std::byte* scratch) const {
    auto* frame = reinterpret_cast<std::int16_t*>(scratch);
    const std::int64_t plane = (group.end - group.begin) * tile_columns_ * shape_.ic;
    for (std::int64_t row = rows.begin; row < rows.end;) {
      const std::int64_t n = row / tile_rows_, first = row % tile_rows_;
      const std::int64_t count = std::min({rows.end - row, tile_rows_ - first, frame_rows_});
      frame_.fill(src, n, side_ * first, side_ * count, zero_point_, frame);
      std::int16_t* v = inputs + (row - group.begin) * tile_columns_ * shape_.ic;
      for (std::int64_t t = 0; t < count * tile_columns_; ++t, v += shape_.ic) {
        const std::int64_t at = frame_.pixel_offset(t / tile_columns_ * side_, t % tile_columns_ * side_);
        form_.input(frame + at, frame_.row_stride(), shape_.ic, shape_.ic, v, plane);
      }
      row += count;
    }
  }

  void convolve(const ConvBuffers& buffers, Range rows, const std::int16_t* inputs, Range blocks,
                std::byte* scratch) const {
    auto* products = reinterpret_cast<std::int32_t*>(scratch + frame_bytes_ + input_bytes_);
    auto* sums = reinterpret_cast<std::int32_t*>(scratch + frame_bytes_ + input_bytes_ + product_bytes_);
    const std::int64_t tiles = (rows.end - rows.begin) * tile_columns_;
    const std::int64_t row_stride = tile_columns_ * side_ * kChannelBlock;  // of sums
    for (std::int64_t b = blocks.begin; b < blocks.end; ++b) {
      for (std::int64_t c = 0; c < chunks_; ++c) {
        multiply(inputs, tiles, b, chunk(c, chunks_), products);
        for (std::int64_t t = 0; t < tiles; ++t) {
          std::int32_t* to = sums + t / tile_columns_ * side_ * row_stride + t % tile_columns_ * side_ * kChannelBlock;
          form_.output(products + t * kChannelBlock, tiles * kChannelBlock, to, row_stride, c > 0);
        }
      }
      finish(buffers, rows, b, sums, row_stride);
    }
  }

  /// products[k][tile][16] = inputs[k][tile][ic] x weights of block b, over some input channels.
  void multiply(const std::int16_t* inputs, std::int64_t tiles, std::int64_t b, Range channels,
                std::int32_t* products) const {
    const std::int64_t groups = (tiles + tile_.pixels - 1) / tile_.pixels;
    const std::int32_t no_offset = 0;
    Int8Tile tile{};
    tile.offsets = &no_offset;
    tile.runs = 1;
    tile.pairs = static_cast<std::int32_t>((channels.end - channels.begin) / 2);
    for (std::int64_t k = 0; k < elements_; ++k) {
      tile.weights = weights_.data() + weight_offset(b, channels, k);
      const std::int16_t* next = tile.weights + (channels.end - channels.begin) * kChannelBlock;
      for (std::int64_t g = 0; g < groups; ++g) {
        const Range range = split_evenly(tiles, groups, g);
        const int count = static_cast<int>(range.end - range.begin);
        for (int p = 0; p < count; ++p) {
          tile.pixels[p] = inputs + (k * tiles + range.begin + p) * shape_.ic + channels.begin;
        }
        tile.acc = products + (k * tiles + range.begin) * kChannelBlock;
        tile.fetch_ahead(next, g, groups);
        tile_.run(tile, count);
      }
    }
  }

  /// The output rows of some rows of tiles.
  void finish(const ConvBuffers& buffers, Range rows, std::int64_t b, const std::int32_t* sums,
              std::int64_t row_stride) const {
    EpilogueTile out{};
    out.pixels = static_cast<int>(shape_.ow);
    out.first_channel = static_cast<int>(b * kChannelBlock);
    out.channels = static_cast<int>(std::min<std::int64_t>(kChannelBlock, shape_.oc - out.first_channel));
    out.dst_stride = shape_.oc * epilogue_.dst_bytes();
    out.other_stride = shape_.oc * epilogue_.other_bytes();
    for (std::int64_t y = side_ * rows.begin; y < side_ * rows.end; ++y) {
      const std::int64_t n = y / (side_ * tile_rows_), image_row = y % (side_ * tile_rows_);
      if (image_row >= shape_.oh) continue;
      const std::int64_t at = (n * shape_.oh + image_row) * shape_.ow;
      out.acc = sums + (y - side_ * rows.begin) * row_stride;
      out.dst = buffers.dst + at * out.dst_stride + out.first_channel * epilogue_.dst_bytes();
      out.other =
          buffers.other ? buffers.other + at * out.other_stride + out.first_channel * epilogue_.other_bytes() : nullptr;
      finish_(epilogue_, out);
    }
  }

  ConvShape shape_;
  const WinogradForm& form_;
  std::int64_t side_, elements_;
  Int8Frame frame_;
  std::int32_t zero_point_;
  Epilogue epilogue_;
  int threads_;
  std::int64_t tile_rows_, tile_columns_, blocks_, chunks_;
  std::int64_t rows_ = 1;  ///< of tiles, over all images
  std::int64_t groups_ = 1, channel_parts_ = 1, frame_rows_ = 1;
  /// Transformed inputs of all groups; 0 where each task transforms its own.
  std::size_t shared_bytes_ = 0;
  std::size_t frame_bytes_ = 0, input_bytes_ = 0, product_bytes_ = 0, thread_bytes_ = 0;
  AlignedVector<std::int16_t> weights_;
  Int8TileKernel tile_ = choose_int8_tile();
  EpilogueFn finish_ = nullptr;
};

/// Roughly, products per pair of channels of the direct sum (`outputs` 1) or of a form. A weight that is read from memory
/// costs as much as kWeightReads products on the machines this was measured on; a form reads its weights once a group.
double cost(const ConvShape& s, std::int64_t outputs) {
  constexpr double kWeightReads = 8, kInputTransform = 150, kOutputTransform = 250;
  if (outputs == 1) return 9.0 * static_cast<double>(s.n * s.oh * s.ow) + 9 * kWeightReads * static_cast<double>(s.n);
  const std::int64_t elements = (outputs + 2) * (outputs + 2);
  const std::int64_t tiles = s.n * tiles_along(s.oh, outputs) * tiles_along(s.ow, outputs);
  const std::int64_t group = std::max(kInputBytes / (elements * s.ic * 2), kLeastTiles);
  const double reads = kWeightReads * static_cast<double>((tiles + group - 1) / group);
  const double transforms = kInputTransform / static_cast<double>(s.oc) + kOutputTransform / static_cast<double>(s.ic);
  return static_cast<double>(elements) * (static_cast<double>(tiles) * (1 + transforms / 36) + reads);
}

}  // namespace

std::vector<int> winograd_order(const ConvShape& s) {
  if (s.kh != 3 || s.kw != 3 || s.stride_h != 1 || s.stride_w != 1) return {1};
  if (s.dilation_h != 1 || s.dilation_w != 1) return {1};
  if (s.groups != 1 || s.ic % 16 != 0 || s.ic < 32 || s.oc < 16) return {1};
  std::vector<int> order{1, 2, 4};
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return cost(s, a) < cost(s, b); });
  return order;
}

std::unique_ptr<Int8Conv> make_int8_winograd_conv(const ConvShape& shape, int outputs, const std::int8_t* weights,
                                                  std::int32_t src_zero_point, Epilogue epilogue, int threads) {
  return std::make_unique<WinogradConv>(shape, outputs, weights, src_zero_point, std::move(epilogue), threads);
}

}  // namespace xpuq::cpu
