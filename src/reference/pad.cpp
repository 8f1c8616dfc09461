// pad (ops/pad.cpp). Constant: fill dst, then copy src into its middle. Reflect and edge: every axis maps its indices.
#include <algorithm>

#include "reference/copy.h"
#include "reference/element.h"
#include "reference/groups.h"

namespace xpuq::reference {
namespace {

void pad_constant(const OpCall& call) {
  const Operand& src = call.inputs[0];
  const MutableOperand& dst = call.outputs[0];
  const double value = call.attributes->get_float("value", 0);
  const std::size_t size = size_of(src.type->dtype);
  std::byte element[8] = {};
  const MutableOperand one{dst.type, element};
  for_any_type(src.type->dtype, [&]<class T>() {
    if constexpr (std::is_same_v<T, Boolean>) elements<T>(one)[0] = Boolean(value != 0);
    else if constexpr (kIsFloat<T>) elements<T>(one)[0] = T(static_cast<Compute<T>>(value));
    else elements<T>(one)[0] = src.type->quant ? static_cast<T>(src.type->quant->zero_points[0]) : saturate<T>(value);
  });
  fill(size, dst.type->elements(), element, dst.bytes);

  const Strides to = row_major_strides(dst.type->shape);
  const Ints& begin = call.attributes->get_ints("begin");
  std::int64_t first = 0;
  for (std::size_t i = 0; i < to.size(); ++i) first += begin[i] * to[i];
  if (src.type->elements() == 0) return;
  copy_strided(size, src.type->shape, src.bytes, row_major_strides(src.type->shape),
               dst.bytes + first * static_cast<std::int64_t>(size), to);
}

/// The src index behind dst index `o`; reflect does not repeat the border element.
std::int64_t source_index(std::int64_t o, std::int64_t begin, std::int64_t size, bool reflect) {
  const std::int64_t i = o - begin;
  if (!reflect) return std::clamp<std::int64_t>(i, 0, size - 1);
  return i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i;
}

}  // namespace

Result<void> run_pad(const OpCall& call) {
  const std::string& mode = call.attributes->get_string("mode");
  if (mode == "constant") {
    pad_constant(call);
    return {};
  }
  const Shape& in = call.inputs[0].type->shape;
  const Shape& out = call.outputs[0].type->shape;
  const Ints& begin = call.attributes->get_ints("begin");
  std::vector<std::vector<std::int64_t>> maps(in.size());
  for (std::size_t i = 0; i < in.size(); ++i)
    for (std::int64_t o = 0; o < out[i]; ++o) maps[i].push_back(source_index(o, begin[i], in[i], mode == "reflect"));
  copy_mapped(size_of(call.inputs[0].type->dtype), in, call.inputs[0].bytes, maps, call.outputs[0].bytes);
  return {};
}

}  // namespace xpuq::reference
