// Resize and its forerunner Upsample, in all their forms.
#include <algorithm>
#include <cmath>

#include "import/onnx/operators.h"

namespace xpuq::onnx_import {
namespace {

constexpr double kLargestSize = static_cast<double>(std::int64_t{1} << 40);

struct Target {
  Ints sizes;
  Floats scales;
};

Result<Floats> constant_floats(const Call& c, std::size_t i, const char* what) {
  const Tensor* t = c.builder.constant_of(c.in(i));
  if (!t)
    return c.problem(std::string(what) + " is not constant",
                     "'" + c.builder.name(c.in(i)) + "', which is computed at run time", "a constant");
  if (t->dtype() == DataType::f32) return Floats(t->span<float>().begin(), t->span<float>().end());
  if (t->dtype() == DataType::f64) return Floats(t->span<double>().begin(), t->span<double>().end());
  return c.problem(std::string(what) + " has the wrong type", std::string(to_string(t->dtype())), "f32");
}

/// Values for some axes (opset 18) or for all, in the order of the axes.
template <class List>
Result<List> for_all_axes(const Call& c, const List& given, List all, const char* what) {
  Ints axes;
  if (c.has_attribute("axes")) {
    XPUQ_TRY(c.axes(c.ints("axes"), c.rank(0)));
    for (std::int64_t a : c.ints("axes")) axes.push_back(a < 0 ? a + c.rank(0) : a);
  } else {
    for (std::int64_t a = 0; a < c.rank(0); ++a) axes.push_back(a);
  }
  if (given.size() != axes.size())
    return c.problem(std::string(what) + " has the wrong number of entries", std::to_string(given.size()),
                     std::to_string(axes.size()));
  for (std::size_t i = 0; i < axes.size(); ++i) all[static_cast<std::size_t>(axes[i])] = given[i];
  return all;
}

/// The size is the product rounded down, in f32 as ONNX Runtime computes it.
Result<Target> from_scales(const Call& c, const Floats& given) {
  const Shape src = c.shape(0);
  Target t;
  XPUQ_ASSIGN(t.scales, for_all_axes(c, given, Floats(src.size(), 1.0), "scales"));
  for (std::size_t i = 0; i < src.size(); ++i) {
    const float size = static_cast<float>(src[i]) * static_cast<float>(t.scales[i]);
    if (!(t.scales[i] > 0) || !(size < kLargestSize))
      return c.problem("a scale is out of range", std::to_string(t.scales[i]), "a positive factor");
    t.sizes.push_back(static_cast<std::int64_t>(size));
  }
  return t;
}

/// Sizes, or bounds of them when the ratio of height to width must be kept (opset 18).
Result<Target> from_sizes(const Call& c, const Ints& given) {
  const Shape src = c.shape(0);
  Target t;
  XPUQ_ASSIGN(t.sizes, for_all_axes(c, given, Ints(src), "sizes"));
  const std::string policy = c.string_or("keep_aspect_ratio_policy", "stretch");
  if (policy != "stretch" && policy != "not_larger" && policy != "not_smaller")
    return c.problem("attribute 'keep_aspect_ratio_policy' is not known", policy, "stretch, not_larger or not_smaller");
  double common = 0;
  for (std::size_t i = 0; i < src.size(); ++i) {
    if (t.sizes[i] < 1 || t.sizes[i] > (std::int64_t{1} << 40) || src[i] < 1)
      return c.problem("a size is out of range", text(t.sizes) + " for " + to_string(src), "1..2^40");
    t.scales.push_back(static_cast<double>(t.sizes[i]) / static_cast<double>(src[i]));
  }
  if (policy == "stretch") return t;
  Ints axes;
  for (std::int64_t a : c.has_attribute("axes") ? c.ints("axes") : Ints()) axes.push_back(a < 0 ? a + c.rank(0) : a);
  if (!c.has_attribute("axes"))
    for (std::int64_t a = 0; a < c.rank(0); ++a) axes.push_back(a);
  for (std::int64_t a : axes) {
    const double s = t.scales[static_cast<std::size_t>(a)];
    common = common == 0 ? s : policy == "not_larger" ? std::min(common, s) : std::max(common, s);
  }
  for (std::int64_t a : axes) {
    const auto i = static_cast<std::size_t>(a);
    t.scales[i] = common;
    t.sizes[i] = static_cast<std::int64_t>(std::floor(common * static_cast<double>(src[i]) + 0.5));
  }
  return t;
}

Result<Outputs> resized(const Call& c, const Target& t, Attributes how) {
  how.set("sizes", t.sizes).set("scales", t.scales);
  return c.result(OpKind::resize, {c.in(0)}, std::move(how));
}

/// Opsets 9 and 10: pixel i comes from i / scale. Nearest takes the one below, and the one above when shrinking.
Result<Outputs> old_form(const Call& c) {
  const std::string mode = c.string_or("mode", "nearest");
  if (mode != "nearest" && mode != "linear" && mode != "bilinear")
    return c.problem("attribute 'mode' is not supported", mode, "nearest or linear");
  Floats scales = c.floats("scales");
  if (c.has(1)) {
    XPUQ_ASSIGN(scales, constant_floats(c, 1, "scales"));
  }
  XPUQ_ASSIGN(const Target t, from_scales(c, scales));
  const bool grows = std::any_of(t.scales.begin(), t.scales.end(), [](double s) { return s > 1; });
  const bool shrinks = std::any_of(t.scales.begin(), t.scales.end(), [](double s) { return s < 1; });
  if (mode == "nearest" && grows && shrinks)
    return c.problem("grows and shrinks at once, which opset 10 leaves open", "", "one of the two");
  return resized(c, t,
                 {{"mode", mode == "nearest" ? "nearest" : "linear"},
                  {"coordinates", "asymmetric"},
                  {"nearest_mode", shrinks ? "ceil" : "floor"}});
}

bool gives_whole_sizes(const Call& c, const Target& t) {
  const Shape src = c.shape(0);
  for (std::size_t i = 0; i < src.size(); ++i)
    if (std::abs(static_cast<double>(src[i]) * t.scales[i] - static_cast<double>(t.sizes[i])) >
        1e-5 * static_cast<double>(t.sizes[i]))
      return false;
  return true;
}

Result<Target> read_target(const Call& c) {
  const bool with_sizes = c.has(3) && c.builder.type(c.in(3)).elements() > 0;
  const bool with_scales =
      c.has(2) && c.builder.type(c.in(2)).elements() > 0;  // opset 11 writes an empty tensor for none
  if (with_sizes == with_scales)
    return c.problem("needs either scales or sizes", with_sizes ? "both" : "neither", "one of them");
  if (with_sizes) {
    XPUQ_ASSIGN(const Ints sizes, c.constant_ints(3, "sizes"));
    return from_sizes(c, sizes);
  }
  XPUQ_ASSIGN(const Floats scales, constant_floats(c, 2, "scales"));
  return from_scales(c, scales);
}

}  // namespace

Result<Outputs> upsample(Call& c) { return old_form(c); }

Result<Outputs> resize(Call& c) {
  if (c.opset < 11) return old_form(c);
  const std::string mode = c.string_or("mode", "nearest");
  const std::string coordinates = c.string_or("coordinate_transformation_mode", "half_pixel");
  const std::string nearest = c.string_or("nearest_mode", "round_prefer_floor");
  if (coordinates == "tf_crop_and_resize" || coordinates == "tf_half_pixel_for_nn")
    return c.problem("attribute 'coordinate_transformation_mode' is not supported", coordinates,
                     "half_pixel, pytorch_half_pixel, half_pixel_symmetric, align_corners or asymmetric");
  XPUQ_ASSIGN(const Target t, read_target(c));
  const bool shrinks = std::any_of(t.scales.begin(), t.scales.end(), [](double s) { return s < 1; });
  // ONNX measures the corners of the size before it is rounded, ONNX Runtime and PyTorch after.
  if (coordinates == "align_corners" && !gives_whole_sizes(c, t))
    return c.problem("align_corners with scales that give no whole size has two meanings",
                     to_string(c.shape(0)) + " to " + to_string(t.sizes), "sizes, or other scales");
  if (mode != "nearest" && c.int_or("antialias", 0) != 0 && shrinks)
    return c.problem("antialiasing is not supported", "antialias=1", "0");
  if (mode != "nearest" && c.int_or("exclude_outside", 0) != 0)
    return c.problem("attribute 'exclude_outside' is not supported", "1", "0");
  Attributes how{{"mode", mode}, {"coordinates", coordinates}, {"nearest_mode", nearest}};
  if (mode == "cubic") how.set("cubic_a", c.float_or("cubic_coeff_a", -0.75));
  return resized(c, t, std::move(how));
}

}  // namespace xpuq::onnx_import
