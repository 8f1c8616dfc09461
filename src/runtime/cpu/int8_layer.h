// What the steps of own int8 convolution and linear layers share.
#pragma once

#include <optional>

#include "ops/post_ops.h"
#include "runtime/cpu/epilogue.h"
#include "runtime/cpu/step.h"
#include "runtime/cpu/strided_copy.h"

namespace xpuq::cpu {

/// True for the int8 form with constant weights and bias, types this engine stores, and sums that fit into s32.
bool is_own_int8_layer(const StepContext& context, std::int64_t taps);
/// The epilogue of such a layer.
Epilogue make_epilogue(const StepContext& context, std::int64_t channels);
EpilogueOp to_epilogue_op(const PostOp& op);

/// A value that a kernel wants in channels_last order: where it is stored otherwise, its place in scratch and the copy
/// there or back.
class Staged {
 public:
  enum class Direction { to_kernel, from_kernel };
  Staged() = default;
  /// Taken where it is, whatever the layout.
  explicit Staged(std::uint32_t value) : value_(value) {}
  /// `at` is advanced by what the copy takes of the scratch.
  Staged(const TensorType& type, std::uint32_t value, Direction direction, std::size_t& at);

  /// Where the kernel finds (or puts) the value.
  std::byte* bytes(const RunContext& context) const {
    return copy_ ? context.scratch + offset_ : context.values[value_];
  }
  void copy_in(const RunContext& context) const {
    if (copy_) copy_->run(context.scratch + offset_, context.values[value_]);
  }
  void copy_out(const RunContext& context) const {
    if (copy_) copy_->run(context.values[value_], context.scratch + offset_);
  }

 private:
  std::uint32_t value_ = 0;
  std::size_t offset_ = 0;
  std::optional<StridedCopy> copy_;
};

}  // namespace xpuq::cpu
