#include "opencl/index.h"

#include <algorithm>
#include <numeric>

#include "opencl/c_type.h"
#include "opencl/number.h"

namespace xpuq::opencl {

bool Affine::is_constant() const {
  return std::all_of(coefficients.begin(), coefficients.end(), [](std::int64_t c) { return c == 0; });
}

std::int64_t Affine::least(std::span<const std::int64_t> axes) const {
  std::int64_t out = offset;
  for (std::size_t a = 0; a < axes.size(); ++a) out += std::min<std::int64_t>(0, coefficients[a] * (axes[a] - 1));
  return out;
}

std::int64_t Affine::greatest(std::span<const std::int64_t> axes) const {
  std::int64_t out = offset;
  for (std::size_t a = 0; a < axes.size(); ++a) out += std::max<std::int64_t>(0, coefficients[a] * (axes[a] - 1));
  return out;
}

Affine operator+(Affine a, const Affine& b) {
  a.offset += b.offset;
  for (std::size_t i = 0; i < a.coefficients.size(); ++i) a.coefficients[i] += b.coefficients[i];
  return a;
}

Affine operator*(Affine a, std::int64_t factor) {
  a.offset *= factor;
  for (std::int64_t& c : a.coefficients) c *= factor;
  return a;
}

Affine address(const Coordinates& coordinates, std::span<const std::int64_t> strides, std::size_t axes) {
  Affine out{0, std::vector<std::int64_t>(axes, 0)};
  for (std::size_t i = 0; i < coordinates.size(); ++i) out = out + coordinates[i] * strides[i];
  return out;
}

std::optional<Coordinates> unravel(const Affine& linear, const Shape& shape, std::span<const std::int64_t> axes,
                                   std::optional<Split>& split) {
  const std::vector<std::int64_t> strides = row_major(shape);
  Coordinates out(shape.size(), Affine{0, std::vector<std::int64_t>(axes.size(), 0)});
  std::int64_t rest = linear.offset;
  if (rest < 0) return std::nullopt;
  for (std::size_t k = 0; k < shape.size(); ++k) {
    out[k].offset = rest / strides[k];
    rest %= strides[k];
  }
  for (std::size_t a = 0; a < axes.size(); ++a) {
    const std::int64_t c = linear.coefficients[a];
    if (c == 0 || axes[a] == 1) continue;
    if (c < 0) return std::nullopt;
    std::size_t k = 0;
    while (k < shape.size() && (shape[k] == 1 || c < strides[k] || c >= strides[k] * shape[k])) ++k;
    if (k == shape.size() || c % strides[k] != 0) return std::nullopt;
    const std::int64_t room = strides[k] * shape[k];
    if (c * (axes[a] - 1) >= room) {
      if (room % c == 0 && axes[a] % (room / c) == 0) split = Split{a, room / c};
      return std::nullopt;
    }
    out[k].coefficients[a] = c / strides[k];
  }
  // Two axes may meet in one coordinate, and their sum must not carry into the next.
  for (std::size_t k = 0; k < shape.size(); ++k)
    if (out[k].greatest(axes) >= shape[k]) return std::nullopt;
  return out;
}

void sort_and_join(std::vector<std::int64_t>& axes, const Affine& order, std::span<Affine* const> maps) {
  std::vector<std::size_t> sorted;
  for (std::size_t a = 0; a < axes.size(); ++a)
    if (axes[a] != 1) sorted.push_back(a);
  const std::vector<std::int64_t> rank = order.coefficients;
  std::stable_sort(sorted.begin(), sorted.end(), [&](std::size_t a, std::size_t b) { return rank[a] > rank[b]; });

  std::vector<std::int64_t> sizes;
  std::vector<std::vector<std::int64_t>> coefficients(maps.size());
  for (const std::size_t a : sorted) {
    bool joins = !sizes.empty();
    for (std::size_t m = 0; m < maps.size() && joins; ++m)
      joins = coefficients[m].back() == maps[m]->coefficients[a] * axes[a];
    if (joins) sizes.back() *= axes[a];
    else sizes.push_back(axes[a]);
    for (std::size_t m = 0; m < maps.size(); ++m) {
      if (joins) coefficients[m].back() = maps[m]->coefficients[a];
      else coefficients[m].push_back(maps[m]->coefficients[a]);
    }
  }
  if (sizes.empty()) {
    sizes.push_back(1);
    for (auto& c : coefficients) c.push_back(0);
  }
  axes = std::move(sizes);
  for (std::size_t m = 0; m < maps.size(); ++m) maps[m]->coefficients = std::move(coefficients[m]);
}

std::string text(const Affine& affine) {
  std::string out;
  for (std::size_t a = 0; a < affine.coefficients.size(); ++a) {
    const std::int64_t c = affine.coefficients[a];
    if (c == 0) continue;
    if (!out.empty()) out += " + ";
    out += "i" + std::to_string(a);
    if (c != 1) out += " * " + text(c);
  }
  if (affine.offset != 0 || out.empty()) out += (out.empty() ? "" : " + ") + text(affine.offset);
  return out;
}

}  // namespace xpuq::opencl
