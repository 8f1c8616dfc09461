// grid_sample (ops/grid_sample.cpp): coordinates in f32 as torch computes them, the weighted sums in f64.
#include <algorithm>
#include <array>
#include <cmath>

#include "reference/element.h"
#include "reference/groups.h"

namespace xpuq::reference {
namespace {

enum class Padding { zeros, border, reflection };

/// One axis of the picture.
struct GridAxis {
  std::int64_t size;
  bool aligned;
  Padding padding;

  /// Where -1..1 lies among the pixels. Far outside is like a little outside; NaN too.
  float place(float g) const {
    const auto n = static_cast<float>(size);
    const float x = aligned ? (g + 1.0f) / 2.0f * (n - 1.0f) : ((g + 1.0f) * n - 1.0f) / 2.0f;
    return x > -1e9f ? std::min(x, 1e9f) : -1e9f;
  }
  /// A coordinate moved into the picture, except where zeros surround it.
  float padded(float x) const {
    if (padding == Padding::zeros) return x;
    if (padding == Padding::reflection) x = reflected(x);
    return std::clamp(x, 0.0f, static_cast<float>(size - 1));
  }

 private:
  float reflected(float x) const {
    const float low = aligned ? 0.0f : -0.5f;
    const float span = static_cast<float>(aligned ? size - 1 : size);
    if (span == 0) return 0;
    const float distance = std::fabs(x - low);
    const float rest = std::fmod(distance, span);
    const bool back = std::fmod(std::floor(distance / span), 2.0f) != 0;
    return (back ? span - rest : rest) + low;
  }
};

struct Picture {
  const float* pixels;
  GridAxis y, x;

  double at(float row, float column) const {
    const auto r = static_cast<std::int64_t>(row), c = static_cast<std::int64_t>(column);
    return r < 0 || r >= y.size || c < 0 || c >= x.size ? 0.0 : static_cast<double>(pixels[r * x.size + c]);
  }
};

/// Keys' kernel with coefficient -0.75, at the four pixels around a point `t` behind the second.
std::array<double, 4> cubic_weights(double t) {
  constexpr double a = -0.75;
  const auto near = [](double d) { return ((a + 2) * d - (a + 3)) * d * d + 1; };
  const auto far = [](double d) { return ((d - 5) * d + 8) * d * a - 4 * a; };
  return {far(t + 1), near(t), near(1 - t), far(2 - t)};
}

double sample_cubic(const Picture& p, float row, float column) {
  const float top = std::floor(row), left = std::floor(column);
  const auto rows = cubic_weights(static_cast<double>(row) - static_cast<double>(top));
  const auto columns = cubic_weights(static_cast<double>(column) - static_cast<double>(left));
  double sum = 0;
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j)
      sum += rows[static_cast<std::size_t>(i)] * columns[static_cast<std::size_t>(j)] *
             p.at(p.y.padded(top - 1.0f + static_cast<float>(i)), p.x.padded(left - 1.0f + static_cast<float>(j)));
  return sum;
}

double sample_linear(const Picture& p, float row, float column) {
  const float top = std::floor(row), left = std::floor(column);
  const double down = static_cast<double>(row) - static_cast<double>(top);
  const double right = static_cast<double>(column) - static_cast<double>(left);
  return (1 - down) * ((1 - right) * p.at(top, left) + right * p.at(top, left + 1)) +
         down * ((1 - right) * p.at(top + 1, left) + right * p.at(top + 1, left + 1));
}

double sample(const Picture& p, float row, float column, const std::string& mode) {
  if (mode == "cubic") return sample_cubic(p, row, column);
  row = p.y.padded(row);
  column = p.x.padded(column);
  if (mode == "linear") return sample_linear(p, row, column);
  return p.at(std::nearbyint(row), std::nearbyint(column));
}

}  // namespace

Result<void> run_grid_sample(const OpCall& call) {
  const Attributes& a = *call.attributes;
  const Shape& src = call.inputs[0].type->shape;
  const std::string& wanted = a.get_string("padding");
  const Padding padding = wanted == "zeros" ? Padding::zeros
                          : wanted == "border" ? Padding::border
                                               : Padding::reflection;
  const bool aligned = a.get_int("align_corners", 0) != 0;
  const Shape& out = call.outputs[0].type->shape;
  const std::int64_t places = out[2] * out[3];
  auto* dst = elements<float>(call.outputs[0]);
  for (std::int64_t n = 0; n < src[0]; ++n) {
    const float* grid = elements<float>(call.inputs[1]) + n * places * 2;
    for (std::int64_t c = 0; c < src[1]; ++c) {
      const Picture p{elements<float>(call.inputs[0]) + (n * src[1] + c) * src[2] * src[3],
                      {src[2], aligned, padding},
                      {src[3], aligned, padding}};
      for (std::int64_t i = 0; i < places; ++i)
        *dst++ =
            static_cast<float>(sample(p, p.y.place(grid[2 * i + 1]), p.x.place(grid[2 * i]), a.get_string("mode")));
    }
  }
  return {};
}

}  // namespace xpuq::reference
