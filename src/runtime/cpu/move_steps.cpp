// Steps that move elements: all of them are copies between two strided views of memory.
#include <algorithm>
#include <cstring>

#include "runtime/cpu/parallel.h"
#include "runtime/cpu/steps.h"
#include "runtime/cpu/strided_copy.h"

namespace xpuq::cpu {
namespace {

using Strides = std::vector<std::int64_t>;

struct Piece {
  std::uint32_t src;
  std::int64_t src_offset, dst_offset;  // bytes
  StridedCopy copy;
};

class MoveStep final : public StepImpl {
 public:
  explicit MoveStep(std::uint32_t dst) : dst_(dst) {}

  void add(std::uint32_t src, std::int64_t src_offset, std::int64_t dst_offset, const Shape& shape, const Strides& dst,
           const Strides& from, std::size_t bytes) {
    const auto b = static_cast<std::int64_t>(bytes);
    pieces_.push_back({src, src_offset * b, dst_offset * b, StridedCopy(shape, dst, from, bytes)});
  }
  /// Fills the whole of dst first.
  void fill(std::vector<std::byte> element, std::int64_t count) {
    element_ = std::move(element);
    count_ = count;
  }

  Result<void> run(const RunContext& context) override {
    std::byte* dst = context.values[dst_];
    if (!element_.empty()) {
      const std::size_t bytes = element_.size();
      for (std::int64_t i = 0; i < count_; ++i) std::memcpy(dst + i * bytes, element_.data(), bytes);
    }
    for (const Piece& piece : pieces_) {
      const std::byte* src = context.values[piece.src] + piece.src_offset;
      // Nothing to do where the planner let dst take over the memory of src (a reshape).
      if (src != dst + piece.dst_offset) piece.copy.run(dst + piece.dst_offset, src);
    }
    return {};
  }

 private:
  std::uint32_t dst_;
  std::vector<Piece> pieces_;
  std::vector<std::byte> element_;
  std::int64_t count_ = 0;
};

std::vector<std::byte> element_bytes(const void* value, std::size_t bytes) {
  std::vector<std::byte> out(bytes);
  std::memcpy(out.data(), value, bytes);
  return out;
}

/// The padding value as it is stored; empty when only the reference knows.
std::vector<std::byte> pad_element(const StepContext& c) {
  const double value = c.attributes().get_float("value", 0);
  if (is_quantized_activation(c.in(0))) {
    const auto code = static_cast<std::uint8_t>(stored_zero_point(c.in(0)));
    return element_bytes(&code, 1);
  }
  if (c.in(0).dtype != DataType::f32) return {};
  const auto f = static_cast<float>(value);
  return element_bytes(&f, sizeof f);
}

StepPtr finish(std::unique_ptr<MoveStep> step, const char* primitive) {
  step->named(primitive, "xpuq:copy");
  return step;
}

}  // namespace

StepPtr make_move_step(const StepContext& c) {
  if (c.has_empty()) return nullptr;
  const TensorType& src = c.in(0);
  const TensorType& dst = c.out();
  const std::size_t bytes = size_of(dst.dtype);
  const Strides from = strides_of(src), to = strides_of(dst);
  const std::size_t rank = src.shape.size();
  auto step = std::make_unique<MoveStep>(c.out_value());
  switch (c.op()) {
    case OpKind::reshape:
    case OpKind::flatten:
      if (!same_order(src, Layout::plain) || !same_order(dst, Layout::plain)) return nullptr;
      step->add(c.in_value(0), 0, 0, {dst.elements()}, {1}, {1}, bytes);
      return finish(std::move(step), "reshape");
    case OpKind::reorder:
      step->add(c.in_value(0), 0, 0, src.shape, to, from, bytes);
      return finish(std::move(step), "reorder");
    case OpKind::transpose: {
      const Ints& perm = c.attributes().get_ints("perm");
      Strides permuted(rank);
      for (std::size_t i = 0; i < rank; ++i) permuted[i] = from[perm[i]];
      step->add(c.in_value(0), 0, 0, dst.shape, to, permuted, bytes);
      return finish(std::move(step), "transpose");
    }
    case OpKind::slice: {
      const Ints& starts = c.attributes().get_ints("starts");
      const Ints& steps = c.attributes().get_ints("steps");
      Strides stepped(rank);
      std::int64_t offset = 0;
      for (std::size_t i = 0; i < rank; ++i) {
        stepped[i] = from[i] * steps[i];
        offset += from[i] * starts[i];
      }
      step->add(c.in_value(0), offset, 0, dst.shape, to, stepped, bytes);
      return finish(std::move(step), "slice");
    }
    case OpKind::expand: {
      Strides repeated(dst.shape.size(), 0);
      for (std::size_t i = 0; i < rank; ++i) {
        if (src.shape[i] != 1) repeated[dst.shape.size() - rank + i] = from[i];
      }
      step->add(c.in_value(0), 0, 0, dst.shape, to, repeated, bytes);
      return finish(std::move(step), "expand");
    }
    case OpKind::concat: {
      const auto axis = static_cast<std::size_t>(c.attributes().get_int("axis", 0));
      std::int64_t offset = 0;
      for (std::size_t i = 0; i < c.input_count(); ++i) {
        step->add(c.in_value(i), 0, offset, c.in(i).shape, to, strides_of(c.in(i)), bytes);
        offset += to[axis] * c.in(i).shape[axis];
      }
      return finish(std::move(step), "concat");
    }
    case OpKind::pad: {
      if (c.attributes().get_string("mode") != "constant") return nullptr;
      std::vector<std::byte> element = pad_element(c);
      if (element.empty()) return nullptr;
      step->fill(std::move(element), dst.elements());
      std::int64_t offset = 0;
      for (std::size_t i = 0; i < rank; ++i) offset += to[i] * c.attributes().get_ints("begin")[i];
      step->add(c.in_value(0), 0, offset, src.shape, to, from, bytes);
      return finish(std::move(step), "pad");
    }
    default: return nullptr;
  }
}

}  // namespace xpuq::cpu
