#include "runtime/cpu/strided_copy.h"

#include <algorithm>
#include <cstring>

#include "runtime/cpu/parallel.h"

namespace xpuq::cpu {
namespace {

/// Elements of a square block: both its rows and its columns stay in L1.
constexpr std::int64_t kBlock = 32;

template <class T>
void copy_block(T* dst, const T* src, std::int64_t rows, std::int64_t dst_row, std::int64_t src_row, std::int64_t run,
                std::int64_t dst_step, std::int64_t src_step) {
  for (std::int64_t i = 0; i < run; i += kBlock) {
    const std::int64_t end = std::min(run, i + kBlock);
    for (std::int64_t r = 0; r < rows; ++r) {
      T* d = dst + r * dst_row;
      const T* s = src + r * src_row;
      for (std::int64_t k = i; k < end; ++k) d[k * dst_step] = s[k * src_step];
    }
  }
}

}  // namespace

StridedCopy::StridedCopy(const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& dst_strides,
                         const std::vector<std::int64_t>& src_strides, std::size_t element_bytes)
    : element_bytes_(element_bytes) {
  std::vector<Axis> axes;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] != 1) axes.push_back({shape[i], dst_strides[i], src_strides[i]});
  }
  // Writing in order of memory; a stable sort keeps the result independent of the library.
  std::stable_sort(axes.begin(), axes.end(), [](const Axis& a, const Axis& b) { return a.dst > b.dst; });
  for (const Axis& axis : axes) {
    Axis* last = outer_.empty() ? nullptr : &outer_.back();
    if (last && last->dst == axis.dst * axis.size && last->src == axis.src * axis.size) {
      *last = {last->size * axis.size, axis.dst, axis.src};
    } else {
      outer_.push_back(axis);
    }
  }
  if (!outer_.empty()) {
    run_ = outer_.back();
    outer_.pop_back();
  }
  if (!(run_.dst == 1 && run_.src == 1)) {
    const auto contiguous = std::find_if(outer_.begin(), outer_.end(), [](const Axis& a) { return a.src == 1; });
    if (contiguous != outer_.end()) {
      // Cut the axis into blocks, so that whole blocks are what threads share out.
      rows_ = *contiguous;
      outer_.erase(contiguous);
    }
  } else if (outer_.empty() && run_.size > 4096) {
    // A plain copy of one long run: pages for the threads, the rest in the last one.
    const std::int64_t page = 4096, pages = run_.size / page;
    if (run_.size % page == 0) {
      outer_.push_back({pages, page, page});
      run_.size = page;
    }
  }
  for (const Axis& axis : outer_) outer_count_ *= axis.size;
}

void StridedCopy::run(std::byte* dst, const std::byte* src) const {
  const std::int64_t blocks = (rows_.size + kBlock - 1) / kBlock;
  const std::int64_t elements = std::max<std::int64_t>(1, std::min(rows_.size, kBlock) * run_.size);
  const std::int64_t grain = std::max<std::int64_t>(1, 32768 / elements);
  parallel_ranges(outer_count_ * blocks, grain,
                  [&](std::int64_t begin, std::int64_t end, int) { run_part(dst, src, begin, end); });
}

void StridedCopy::run_part(std::byte* dst, const std::byte* src, std::int64_t begin, std::int64_t end) const {
  const std::int64_t blocks = (rows_.size + kBlock - 1) / kBlock;
  const std::int64_t bytes = static_cast<std::int64_t>(element_bytes_);
  for (std::int64_t part = begin; part < end; ++part) {
    std::int64_t index = part / blocks, row = part % blocks * kBlock;
    std::int64_t d = row * rows_.dst, s = row * rows_.src;
    for (std::size_t i = outer_.size(); i-- > 0;) {
      const std::int64_t at = index % outer_[i].size;
      index /= outer_[i].size;
      d += at * outer_[i].dst;
      s += at * outer_[i].src;
    }
    std::byte* to = dst + d * bytes;
    const std::byte* from = src + s * bytes;
    if (run_.dst == 1 && run_.src == 1) {
      std::memcpy(to, from, run_.size * bytes);
      continue;
    }
    const std::int64_t rows = std::min(kBlock, rows_.size - row);
    const auto block = [&]<class T>(T* t, const T* f) {
      copy_block(t, f, rows, rows_.dst, rows_.src, run_.size, run_.dst, run_.src);
    };
    switch (element_bytes_) {
      case 1: block(reinterpret_cast<std::uint8_t*>(to), reinterpret_cast<const std::uint8_t*>(from)); break;
      case 2: block(reinterpret_cast<std::uint16_t*>(to), reinterpret_cast<const std::uint16_t*>(from)); break;
      case 4: block(reinterpret_cast<std::uint32_t*>(to), reinterpret_cast<const std::uint32_t*>(from)); break;
      default: block(reinterpret_cast<std::uint64_t*>(to), reinterpret_cast<const std::uint64_t*>(from)); break;
    }
  }
}

}  // namespace xpuq::cpu
