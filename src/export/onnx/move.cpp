// Operations that move, select or mix elements.
#include <limits>

#include "export/onnx/writer.h"

namespace xpuq::onnx_export {
namespace {

void slice(const Out& o) {
  const Ints &starts = o.a.get_ints("starts"), &sizes = o.a.get_ints("sizes"), &steps = o.a.get_ints("steps");
  Ints ends, axes;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::int64_t end = sizes[i] == 0 ? starts[i] : starts[i] + (sizes[i] - 1) * steps[i] + (steps[i] > 0 ? 1 : -1);
    // Below the first element there is no number but one that is too small to count from the end.
    ends.push_back(end < 0 ? std::numeric_limits<std::int64_t>::min() : end);
    axes.push_back(static_cast<std::int64_t>(i));
  }
  o.w.node("Slice", {o.in(0), o.w.ints(o.out() + ".starts", starts), o.w.ints(o.out() + ".ends", ends), o.w.ints(o.out() + ".axes", axes), o.w.ints(o.out() + ".steps", steps)}, {o.out()});
}

std::string pad(const Out& o) {
  Ints pads = o.a.get_ints("begin");
  const Ints& end = o.a.get_ints("end");
  pads.insert(pads.end(), end.begin(), end.end());
  Names inputs{o.in(0), o.w.ints(o.out() + ".pads", pads)};
  const double value = o.a.get_float("value", 0);
  if (value != 0) {
    if (o.type(0).dtype != DataType::f32) return "it pads integers with another constant than 0";
    inputs.push_back(o.w.scalar(o.out() + ".value", static_cast<float>(value)));
  }
  set(o.w.node("Pad", inputs, {o.out()}), "mode", o.a.get_string("mode"));
  return {};
}

void resize(const Out& o) {
  const Ints& sizes = o.a.get_ints("sizes");
  const Floats& scales = o.a.get_floats("scales");
  // Scales give their sizes rounded down; where they do, they say more.
  bool by_scales = true;
  std::vector<float> factors;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    factors.push_back(static_cast<float>(scales[i]));
    by_scales = by_scales && static_cast<std::int64_t>(static_cast<float>(o.type(0).shape[i]) * factors[i]) == sizes[i];
  }
  const Names inputs = by_scales ? Names{o.in(0), "", o.w.floats(o.out() + ".scales", factors)} : Names{o.in(0), "", "", o.w.ints(o.out() + ".sizes", sizes)};
  onnx::NodeProto& n = o.w.node("Resize", inputs, {o.out()});
  set(n, "mode", o.a.get_string("mode"));
  set(n, "coordinate_transformation_mode", o.a.get_string("coordinates"));
  set(n, "nearest_mode", o.a.get_string("nearest_mode"));
  if (o.a.has("cubic_a")) set(n, "cubic_coeff_a", static_cast<float>(o.a.get_float("cubic_a", -0.75)));
}

void with_axis(const Out& o, const char* op) { set(o.same(op), "axis", o.a.get_int("axis", 0)); }

}  // namespace

std::string write_move(const Out& o) {
  switch (o.node.op) {
    case OpKind::concat: with_axis(o, "Concat"); return {};
    case OpKind::flatten: with_axis(o, "Flatten"); return {};
    case OpKind::gather: with_axis(o, "Gather"); return {};
    case OpKind::gather_elements: with_axis(o, "GatherElements"); return {};
    case OpKind::gather_nd: set(o.same("GatherND"), "batch_dims", o.a.get_int("batch_dims", 0)); return {};
    case OpKind::dropout: o.same("Identity"); return {};
    case OpKind::transpose: set(o.same("Transpose"), "perm", o.a.get_ints("perm")); return {};
    case OpKind::slice: slice(o); return {};
    case OpKind::pad: return pad(o);
    case OpKind::resize: resize(o); return {};
    case OpKind::expand: o.w.node("Expand", {o.in(0), o.w.ints(o.out() + ".shape", o.a.get_ints("shape"))}, {o.out()}); return {};
    case OpKind::reshape:
      // A 0 is a size here, not "as in the input".
      set(o.w.node("Reshape", {o.in(0), o.w.ints(o.out() + ".shape", o.a.get_ints("shape"))}, {o.out()}), "allowzero", std::int64_t{1});
      return {};
    case OpKind::scatter_nd: set(o.same("ScatterND"), "reduction", o.a.get_string("reduction")); return {};
    case OpKind::scatter_elements: {
      onnx::NodeProto& n = o.same("ScatterElements");
      set(n, "axis", o.a.get_int("axis", 0));
      set(n, "reduction", o.a.get_string("reduction"));
      return {};
    }
    default: break;
  }
  onnx::NodeProto& n = o.same("GridSample");
  const std::string& mode = o.a.get_string("mode");
  set(n, "mode", std::string(mode == "linear" ? "bilinear" : mode == "cubic" ? "bicubic" : mode));
  set(n, "padding_mode", o.a.get_string("padding"));
  set(n, "align_corners", o.a.get_int("align_corners", 0));
  return {};
}

}  // namespace xpuq::onnx_export
