#include "ops/window.h"

#include "ops/type_rule.h"

namespace xpuq::ops {
namespace {

constexpr std::int64_t kMaxWindow = std::int64_t{1} << 30;  // d * (k - 1) stays below 2^60

std::string list_problem(std::string_view name, const Ints& values, std::size_t count, std::int64_t least) {
  if (values.size() != count) return sentence(name, " has ", values.size(), " entries, expected ", count);
  for (std::int64_t v : values)
    if (v < least || v > kMaxWindow) return sentence(name, " has ", v, ", which is not in ", least, "..2^30");
  return {};
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

std::int64_t room(const Window& w, std::size_t i, std::int64_t in) {
  return in + w.pads_begin[i] + w.pads_end[i] - window_extent(w, i);
}

}  // namespace

Window read_window(const Attributes& a, Ints kernel) {
  Window w{std::move(kernel), a.get_ints("strides"), a.get_ints("pads_begin"), a.get_ints("pads_end"), {}};
  w.dilations = a.has("dilations") ? a.get_ints("dilations") : Ints(w.kernel.size(), 1);
  return w;
}

std::string window_problem(const Window& w) {
  const std::size_t count = w.kernel.size();
  for (const auto& problem :
       {list_problem("kernel", w.kernel, count, 1), list_problem("strides", w.strides, count, 1),
        list_problem("pads_begin", w.pads_begin, count, 0), list_problem("pads_end", w.pads_end, count, 0),
        list_problem("dilations", w.dilations, count, 1)})
    if (!problem.empty()) return problem;
  return {};
}

std::int64_t window_count(const Window& w, std::size_t i, std::int64_t in) {
  return floor_div(room(w, i, in), w.strides[i]) + 1;
}

std::int64_t window_count_ceil(const Window& w, std::size_t i, std::int64_t in) {
  const std::int64_t count = floor_div(room(w, i, in) + w.strides[i] - 1, w.strides[i]) + 1;
  // The division keeps the product small: count * stride <= room + 2 * stride.
  return count > 0 && (count - 1) * w.strides[i] >= in + w.pads_begin[i] ? count - 1 : count;
}

std::int64_t transposed_size(const Window& w, std::size_t i, std::int64_t in, std::int64_t output_padding) {
  // in <= 2^40 and stride <= 2^30 could make 2^70; such an output is refused anyway, so the product saturates, far
  // enough above the largest dimension that no padding brings it back.
  constexpr std::int64_t kFar = std::int64_t{1} << 50;
  const std::int64_t steps = in - 1;
  const std::int64_t reach = steps > kFar / w.strides[i] ? kFar : steps * w.strides[i];
  return reach - w.pads_begin[i] - w.pads_end[i] + window_extent(w, i) + output_padding;
}

}  // namespace xpuq::ops
