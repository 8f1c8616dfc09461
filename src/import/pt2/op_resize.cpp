// Upsampling, and the shuffles between channels and space.
#include <cmath>

#include "import/pt2/operators.h"

namespace xpuq::pt2::import_op {
namespace {

/// nearest takes the pixel below i * scale; the others look from pixel centre to pixel centre.
Result<void> resized(Call& c, ValueId v, const Ints& size, const Floats& factors) {
  const std::string& target = c.node().target;
  const bool exact = target.find("nearest_exact") != std::string::npos;
  const bool nearest = target.find("nearest") != std::string::npos;
  const bool cubic = target.find("bicubic") != std::string::npos;
  bool align_corners = false;
  if (c.has("align_corners")) { XPUQ_ASSIGN(align_corners, c.flag("align_corners")); }
  Ints sizes(c.shape(v).begin(), c.shape(v).begin() + 2);
  Floats scales(2, 1.0);
  for (std::size_t i = 0; i < size.size(); ++i) {
    const std::int64_t in = c.shape(v)[i + 2];
    sizes.push_back(size[i]);
    scales.push_back(factors[i] > 0 ? factors[i] : in > 0 ? static_cast<double>(size[i]) / static_cast<double>(in) : 1);
  }
  Attributes a{{"mode", std::string(nearest ? "nearest"
                                    : cubic ? "cubic"
                                            : "linear")},
               {"coordinates", std::string(align_corners       ? "align_corners"
                                           : nearest && !exact ? "asymmetric"
                                                               : "half_pixel")},
               {"nearest_mode", std::string(exact ? "round_prefer_ceil" : "floor")},
               {"sizes", sizes},
               {"scales", scales}};
  if (cubic) a.set("cubic_a", -0.75);
  return c.emit_result(OpKind::resize, {v}, std::move(a));
}

Result<ValueId> image(Call& c, const char* name) {
  XPUQ_ASSIGN(const ValueId v, c.tensor(name));
  // "aten.upsample_nearest2d.vec": the 2
  const std::string& target = c.node().target;
  const std::size_t digit = target.find_first_of("123", target.find("upsample"));
  const std::size_t rank = digit == std::string::npos ? 4 : static_cast<std::size_t>(target[digit] - '0') + 2;
  if (c.rank(v) != rank)
    return c.problem("input has rank " + std::to_string(c.rank(v)) + ", expected " + std::to_string(rank));
  return v;
}

Result<void> shuffled(Call& c, ValueId v, const Shape& apart, Ints perm, const Shape& together) {
  XPUQ_ASSIGN(v, c.reshape(v, apart));
  XPUQ_ASSIGN(v, c.transpose(v, std::move(perm)));
  return c.result(c.last().reshape(v, together));
}

/// The image as [N,C,H,W], and the factor, bounded so that its square is.
Result<std::pair<Shape, std::int64_t>> shuffle_input(Call& c, ValueId v, const char* name) {
  XPUQ_ASSIGN(const std::int64_t factor, c.integer(name));
  const Shape& s = c.shape(v);
  if (s.size() < 3) return c.problem("input has rank " + std::to_string(s.size()) + ", expected at least 3");
  if (factor < 1 || factor > 65536) return c.problem("has factor " + std::to_string(factor));
  std::int64_t batch = 1;
  for (std::size_t i = 0; i + 3 < s.size(); ++i) batch *= s[i];
  return std::pair{Shape{batch, s[s.size() - 3], s[s.size() - 2], s[s.size() - 1]}, factor};
}

Shape with_image(const Shape& whole, std::int64_t channels, std::int64_t height, std::int64_t width) {
  Shape out(whole.begin(), whole.end() - 3);
  out.insert(out.end(), {channels, height, width});
  return out;
}

}  // namespace

Result<void> upsample(Call& c) {
  XPUQ_ASSIGN(const ValueId v, image(c, "self"));
  XPUQ_ASSIGN(const Ints size, c.spatial("output_size", c.rank(v) - 2));
  Floats factors(size.size(), 0.0);
  static constexpr const char* names[] = {"scales_w", "scales_h", "scales_d"};
  for (std::size_t i = 0; i < size.size(); ++i) {
    const char* name = size.size() == 1 ? "scales" : names[size.size() - 1 - i];
    if (!c.has(name) || !c.given(name)) continue;
    XPUQ_ASSIGN(factors[i], c.real(name));
  }
  return resized(c, v, size, factors);
}

Result<void> upsample_vec(Call& c) {
  XPUQ_ASSIGN(const ValueId v, image(c, "input"));
  const std::size_t spatial = c.rank(v) - 2;
  if (c.given("output_size")) {
    XPUQ_ASSIGN(const Ints size, c.spatial("output_size", spatial));
    return resized(c, v, size, Floats(spatial, 0.0));
  }
  XPUQ_ASSIGN(const Floats factors, c.reals("scale_factors"));
  if (factors.size() != spatial)
    return c.problem("has " + std::to_string(factors.size()) + " scale factors, expected " + std::to_string(spatial));
  Ints size;
  for (std::size_t i = 0; i < spatial; ++i) {
    const double out = std::floor(static_cast<double>(c.shape(v)[i + 2]) * factors[i]);
    if (!(factors[i] > 0) || !(out < 1e12)) return c.problem("has scale factor " + std::to_string(factors[i]));
    size.push_back(static_cast<std::int64_t>(out));
  }
  return resized(c, v, size, factors);
}

Result<void> pixel_shuffle(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const auto input, shuffle_input(c, v, "upscale_factor"));
  const auto& [s, r] = input;
  if (s[1] % (r * r) != 0)
    return c.problem(std::to_string(s[1]) + " channels do not divide by " + std::to_string(r * r));
  const std::int64_t channels = s[1] / (r * r);
  return shuffled(c, v, {s[0], channels, r, r, s[2], s[3]}, {0, 1, 4, 2, 5, 3},
                  with_image(c.shape(v), channels, s[2] * r, s[3] * r));
}

Result<void> pixel_unshuffle(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const auto input, shuffle_input(c, v, "downscale_factor"));
  const auto& [s, r] = input;
  if (s[2] % r != 0 || s[3] % r != 0)
    return c.problem("image " + to_string(s) + " does not divide by " + std::to_string(r));
  return shuffled(c, v, {s[0], s[1], s[2] / r, r, s[3] / r, r}, {0, 1, 3, 5, 2, 4},
                  with_image(c.shape(v), s[1] * r * r, s[2] / r, s[3] / r));
}

Result<void> channel_shuffle(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const std::int64_t groups, c.integer("groups"));
  const Shape s = c.shape(v);
  if (s.size() < 3 || groups < 1 || s[1] % groups != 0)
    return c.problem("cannot shuffle " + to_string(s) + " in " + std::to_string(groups) + " groups");
  Shape apart{s[0], groups, s[1] / groups};
  apart.insert(apart.end(), s.begin() + 2, s.end());
  Ints perm{0, 2, 1};
  for (std::size_t i = 3; i < apart.size(); ++i) perm.push_back(static_cast<std::int64_t>(i));
  return shuffled(c, v, apart, std::move(perm), s);
}

}  // namespace xpuq::pt2::import_op
