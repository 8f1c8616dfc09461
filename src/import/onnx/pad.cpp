// Pad: amounts as attribute (opset < 11) or input, for all axes or (opset 18) for some.
#include <algorithm>

#include "import/onnx/operators.h"

namespace xpuq::onnx_import {
namespace {

struct Padding {
  Ints begin, end;
};

Result<Padding> read_padding(const Call& c) {
  XPUQ_ASSIGN(const auto pads, c.ints_from("pads", 1));
  if (!pads) return c.problem("pads are missing", "", "as attribute (opset < 11) or input");
  const auto rank = static_cast<std::size_t>(c.rank(0));
  Ints axes;
  if (c.has(3)) {
    XPUQ_ASSIGN(const Ints given, c.constant_ints(3, "axes"));
    XPUQ_TRY(c.axes(given, c.rank(0)));  // in range and different
    for (std::int64_t a : given) axes.push_back(a < 0 ? a + c.rank(0) : a);
  } else {
    for (std::size_t i = 0; i < rank; ++i) axes.push_back(static_cast<std::int64_t>(i));
  }
  if (pads->size() != 2 * axes.size())
    return c.problem("pads has the wrong number of entries", text(*pads),
                     std::to_string(2 * axes.size()) + " integers");
  Padding out{Ints(rank, 0), Ints(rank, 0)};
  for (std::size_t i = 0; i < axes.size(); ++i) {
    out.begin[static_cast<std::size_t>(axes[i])] = (*pads)[i];
    out.end[static_cast<std::size_t>(axes[i])] = (*pads)[i + axes.size()];
  }
  return out;
}

/// Negative amounts cut elements off; what is left is padded with the others.
Result<ValueId> cropped(const Call& c, const std::string& mode, Padding& p) {
  const auto negative = [](std::int64_t v) { return v < 0; };
  if (std::none_of(p.begin.begin(), p.begin.end(), negative) && std::none_of(p.end.begin(), p.end.end(), negative))
    return c.in(0);
  if (mode != "constant") return c.problem("negative pads are supported for mode 'constant' only", mode, "constant");
  const Shape src = c.shape(0);
  Ints starts;
  Ints sizes;
  for (std::size_t i = 0; i < src.size(); ++i) {
    const std::int64_t front = p.begin[i] < 0 ? (p.begin[i] < -src[i] ? src[i] : -p.begin[i]) : 0;
    const std::int64_t back = p.end[i] < 0 ? (p.end[i] < -src[i] ? src[i] : -p.end[i]) : 0;
    if (p.begin[i] < -src[i] || p.end[i] < -src[i] || front > src[i] - back)
      return c.problem(
          "pads cut off more than there is",
          std::to_string(p.begin[i]) + " and " + std::to_string(p.end[i]) + " on axis " + std::to_string(i),
          "at most " + std::to_string(src[i]) + " together");
    starts.push_back(front);
    sizes.push_back(src[i] - front - back);
    p.begin[i] = std::max<std::int64_t>(0, p.begin[i]);
    p.end[i] = std::max<std::int64_t>(0, p.end[i]);
  }
  return c.step(OpKind::slice, {c.in(0)}, {{"starts", starts}, {"sizes", sizes}, {"steps", Ints(src.size(), 1)}});
}

}  // namespace

Result<Outputs> pad(Call& c) {
  const std::string mode = c.string_or("mode", "constant");
  if (mode != "constant" && mode != "reflect" && mode != "edge")
    return c.problem("attribute 'mode' is not supported", mode, "constant, reflect or edge");
  // The constant is a code there, and codes were moved from u8 to s8.
  double value = c.float_or("value", 0);
  if (c.has(2)) {
    XPUQ_ASSIGN(value, c.constant_number(2, "constant_value"));
  }
  if (mode != "constant") value = 0;
  XPUQ_ASSIGN(Padding p, read_padding(c));
  XPUQ_ASSIGN(const ValueId src, cropped(c, mode, p));
  return c.result(OpKind::pad, {src}, {{"begin", p.begin}, {"end", p.end}, {"mode", mode}, {"value", value}});
}

}  // namespace xpuq::onnx_import
