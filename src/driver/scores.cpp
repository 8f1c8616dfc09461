#include "driver/scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace xpuq {

std::vector<std::span<const float>> class_rows(const Tensor& output) {
  const Shape& s = output.shape();
  const bool classes = output.dtype() == DataType::f32 && (s.size() == 2 || (s.size() == 4 && s[2] == 1 && s[3] == 1)) && s[1] > 1;
  std::vector<std::span<const float>> rows;
  if (!classes) return rows;
  for (std::int64_t n = 0; n < s[0]; ++n) rows.emplace_back(output.data<float>() + n * s[1], static_cast<std::size_t>(s[1]));
  return rows;
}

std::vector<int> top_indices(std::span<const float> scores, std::size_t k) {
  std::vector<int> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  const auto key = [&](int i) { return std::isnan(scores[static_cast<std::size_t>(i)]) ? -std::numeric_limits<float>::infinity() : scores[static_cast<std::size_t>(i)]; };
  k = std::min(k, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(k), order.end(), [&](int a, int b) { return key(a) != key(b) ? key(a) > key(b) : a < b; });
  order.resize(k);
  return order;
}

std::vector<double> softmax(std::span<const float> scores) {
  const double top = *std::max_element(scores.begin(), scores.end());
  std::vector<double> out;
  double sum = 0;
  for (float s : scores) sum += out.emplace_back(std::exp(s - top));
  for (double& p : out) p /= sum;
  return out;
}

bool is_distribution(std::span<const float> scores) {
  double sum = 0;
  for (float s : scores) {
    if (!(s >= 0)) return false;
    sum += s;
  }
  return std::abs(sum - 1) < 1e-3;
}

}  // namespace xpuq
