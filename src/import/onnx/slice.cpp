// Slice and Split.
#include <algorithm>
#include <limits>

#include "import/onnx/operators.h"

namespace xpuq::onnx_import {
namespace {

struct Cut {
  std::int64_t start, size, step;
};

/// Python's rules: negative positions count from the end, positions outside are moved to the border.
Cut cut_axis(std::int64_t start, std::int64_t end, std::int64_t step, std::int64_t size) {
  // A longer stride than the axis takes one element whatever it is; shortened, it cannot overflow.
  step = std::clamp(step, -size - 1, size + 1);
  const auto position = [&](std::int64_t p, std::int64_t low, std::int64_t high) {
    return std::clamp(p < 0 ? p + size : p, low, high);
  };
  if (step > 0) {
    const std::int64_t from = position(start, 0, size);
    const std::int64_t to = position(end, 0, size);
    return {from, to > from ? (to - from - 1) / step + 1 : 0, step};
  }
  const std::int64_t from = position(start, 0, size - 1);
  const std::int64_t to = position(end, -1, size - 1);
  return {from, from > to ? (from - to - 1) / -step + 1 : 0, step};
}

}  // namespace

Result<Outputs> slice(Call& c) {
  XPUQ_ASSIGN(const auto starts, c.ints_from("starts", 1));
  XPUQ_ASSIGN(const auto ends, c.ints_from("ends", 2));
  XPUQ_ASSIGN(auto axes, c.ints_from("axes", 3));
  Ints steps;
  if (!starts || !ends) return c.problem("starts or ends are missing", "", "as attributes (opset 9) or inputs");
  if (c.has(4)) {
    XPUQ_ASSIGN(steps, c.constant_ints(4, "steps"));
  } else {
    steps.assign(starts->size(), 1);
  }
  if (!axes) {
    axes.emplace();
    for (std::size_t i = 0; i < starts->size(); ++i) axes->push_back(static_cast<std::int64_t>(i));
  }
  if (ends->size() != starts->size() || axes->size() != starts->size() || steps.size() != starts->size())
    return c.problem("starts, ends, axes and steps differ in length",
                     std::to_string(starts->size()) + ", " + std::to_string(ends->size()) + ", " +
                         std::to_string(axes->size()) + " and " + std::to_string(steps.size()),
                     "one each per axis");
  XPUQ_TRY(c.axes(*axes, c.rank(0)));  // in range and different
  const Shape src = c.shape(0);
  Ints out_starts(src.size(), 0);
  Ints out_sizes = src;
  Ints out_steps(src.size(), 1);
  for (std::size_t i = 0; i < axes->size(); ++i) {
    const std::int64_t axis = (*axes)[i] < 0 ? (*axes)[i] + c.rank(0) : (*axes)[i];
    const auto at = static_cast<std::size_t>(axis);
    if (steps[i] == 0) return c.problem("step 0 on axis " + std::to_string(axis), "0", "a positive or negative step");
    if (src[at] == 0) continue;  // nothing to take, and no last element to start from
    const Cut cut = cut_axis((*starts)[i], (*ends)[i], steps[i], src[at]);
    out_starts[at] = cut.start;
    out_sizes[at] = cut.size;
    out_steps[at] = cut.step;
  }
  return c.result(OpKind::slice, {c.in(0)}, {{"starts", out_starts}, {"sizes", out_sizes}, {"steps", out_steps}});
}

// Sizes as attribute (opset < 13) or input; without, equal parts: as many as there are outputs, or num_outputs (opset
// 18), where the last part may be smaller.
Result<Outputs> split(Call& c) {
  XPUQ_ASSIGN(const std::int64_t axis, c.axis(c.int_or("axis", 0), c.rank(0)));
  XPUQ_ASSIGN(const auto given, c.ints_from("split", 1));
  const auto at = static_cast<std::size_t>(axis);
  const Shape src = c.shape(0);
  const auto outputs = static_cast<std::int64_t>(c.names.size());
  Ints sizes;
  if (given) {
    sizes = *given;
  } else {
    const std::int64_t parts = c.int_or("num_outputs", outputs);
    if (parts != outputs)
      return c.problem("attribute 'num_outputs' does not fit the outputs", std::to_string(parts),
                       std::to_string(outputs));
    const std::int64_t part = (src[at] + parts - 1) / parts;
    for (std::int64_t left = src[at], i = 0; i < parts; ++i, left -= sizes.back())
      sizes.push_back(std::clamp<std::int64_t>(left, 0, part));
    if (!c.has_attribute("num_outputs") && src[at] % parts != 0)
      return c.problem("axis " + std::to_string(axis) + " does not divide into equal parts", std::to_string(src[at]),
                       "a multiple of " + std::to_string(parts));
  }
  std::int64_t total = 0;
  for (std::int64_t s : sizes) total = s < 0 || s > src[at] - total ? -1 : total < 0 ? -1 : total + s;
  if (static_cast<std::int64_t>(sizes.size()) != outputs || total != src[at])
    return c.problem("the parts do not add up", text(sizes) + " for " + std::to_string(outputs) + " outputs",
                     "one each, together " + std::to_string(src[at]));
  Outputs out;
  Ints starts(src.size(), 0);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    Ints part = src;
    part[at] = sizes[i];
    XPUQ_ASSIGN(const ValueId v, c.emit(OpKind::slice, {c.in(0)},
                                        {{"starts", starts}, {"sizes", part}, {"steps", Ints(src.size(), 1)}}, i));
    out.push_back(v);
    starts[at] += sizes[i];
  }
  return out;
}

}  // namespace xpuq::onnx_import
