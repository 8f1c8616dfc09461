#include "qmath/range_rules.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <vector>

#include "support/json.h"
#include "support/text.h"

namespace xpuq::qmath {
namespace {

struct MethodInfo {
  RangeMethod method;
  std::string_view name;
  double parameter, above, most;  // default, and the accepted interval (above, most]; most 0: takes no parameter
};
constexpr std::array<MethodInfo, 6> kMethods{{{RangeMethod::histogram, "histogram", 0, 0, 0},
                                              {RangeMethod::minmax, "minmax", 0, 0, 0},
                                              {RangeMethod::moving_average, "moving-average", 0.01, 0, 1},
                                              {RangeMethod::percentile, "percentile", 99.99, 50, 100},
                                              {RangeMethod::entropy, "entropy", 0, 0, 0},
                                              {RangeMethod::automatic, "auto", 0, 0, 0}}};

Error unknown_method(std::string_view name, const std::string& who) {
  const auto near = nearest(name.substr(0, 40), range_rule_names(), 1);
  return {.code = "E203", .who = who, .what = "unknown value '" + std::string(name.substr(0, 40)) + "'", .got = {},
          .expected = "histogram, minmax, moving-average[:C], percentile[:P], entropy, auto",
          .remedy = near.empty() ? std::string() : who + " " + near[0], .node = {}};
}

double edge(const Histogram& h, std::size_t k) {
  const double lo = h.lo, hi = h.hi;
  return lo + (hi - lo) * static_cast<double>(k) / static_cast<double>(h.counts.size());
}

Range least_error_range(const Histogram& h) {
  Range best = search_range(h);
  for (const Range& other : {Range{h.lo, h.hi}, percentile_range(h, 99.99), entropy_range(h)})
    if (squared_error(h, other) < squared_error(h, best)) best = other;
  return best;
}

}  // namespace

std::vector<std::string> range_rule_names() {
  std::vector<std::string> names;
  for (const MethodInfo& info : kMethods) names.emplace_back(info.name);
  return names;
}

Result<RangeRule> parse_range_rule(std::string_view text, const std::string& who) {
  const auto colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const auto info = std::find_if(kMethods.begin(), kMethods.end(), [name](const auto& m) { return m.name == name; });
  if (info == kMethods.end()) return unknown_method(name, who);
  RangeRule rule{info->method, info->parameter};
  if (colon == std::string_view::npos) return rule;
  const std::string_view number = text.substr(colon + 1);
  const auto [end, code] = std::from_chars(number.data(), number.data() + number.size(), rule.parameter);
  const bool read = code == std::errc() && end == number.data() + number.size();
  if (info->most == 0 || !read || !(rule.parameter > info->above && rule.parameter <= info->most)) {
    const std::string expected = info->most == 0 ? "no parameter for " + std::string(name)
                                                 : "a number above " + format_f64(info->above) + " and at most " +
                                                       format_f64(info->most);
    return Error{.code = "E203", .who = who, .what = "bad parameter of '" + std::string(name) + "'",
                 .got = std::string(number.substr(0, 40)), .expected = expected, .remedy = {}, .node = {}};
  }
  return rule;
}

std::string to_string(const RangeRule& rule) {
  const MethodInfo& info = kMethods[static_cast<std::size_t>(rule.method)];
  return info.most == 0 ? std::string(info.name) : std::string(info.name) + ":" + format_f64(rule.parameter);
}

Result<Range> select_range(const ObserverState& state, const RangeRule& rule) {
  if (state.never_observed()) return Range{};
  if (state.hand_set()) return Range{state.min, state.max};
  switch (rule.method) {
    case RangeMethod::histogram: return search_range(state.histogram);
    case RangeMethod::minmax: return Range{state.min, state.max};
    case RangeMethod::percentile: return percentile_range(state.histogram, rule.parameter);
    case RangeMethod::entropy: return entropy_range(state.histogram);
    case RangeMethod::automatic: return least_error_range(state.histogram);
    case RangeMethod::moving_average: break;
  }
  if (static_cast<float>(rule.parameter) != state.moving_constant) {
    const std::string kept = format_f32(state.moving_constant);
    return Error{.code = "E407", .who = {}, .what = "the statistics do not hold moving averages with constant " +
                 format_f64(rule.parameter), .got = "constant " + kept, .expected = {},
                 .remedy = "--method moving-average:" + kept + ", or calibrate again", .node = {}};
  }
  return Range{state.moving_lo, state.moving_hi};
}

Range percentile_range(const Histogram& h, double percent) {
  if (h.empty() || h.lo == h.hi) return {h.lo, h.hi};
  double total = 0;
  for (const float count : h.counts) total += count;
  const double cut = (100.0 - percent) / 200.0 * total;
  std::size_t first = 0, last = h.counts.size() - 1;
  for (double mass = h.counts[first]; first < last && mass <= cut; mass += h.counts[first]) ++first;
  for (double mass = h.counts[last]; last > first && mass <= cut; mass += h.counts[last]) --last;
  // The outermost edges are the observed bounds themselves, free of rounding.
  return {first == 0 ? h.lo : static_cast<float>(edge(h, first)),
          last + 1 == h.counts.size() ? h.hi : static_cast<float>(edge(h, last + 1))};
}

double squared_error(const Histogram& h, const Range& range) {
  const double lo = std::min(range.lo, 0.0f), hi = std::max(range.hi, 0.0f), step = (hi - lo) / 255;
  double sum = 0, total = 0;
  for (std::size_t k = 0; k < h.counts.size(); ++k) {
    const double x = (edge(h, k) + edge(h, k + 1)) / 2, outside = std::max({lo - x, x - hi, 0.0});
    sum += h.counts[k] * (outside > 0 ? outside * outside : step * step / 12);
    total += h.counts[k];
  }
  return total > 0 ? sum / total : 0.0;
}

double clipped_fraction(const Histogram& h, const Range& range) {
  double total = 0, outside = 0;
  for (std::size_t k = 0; k < h.counts.size(); ++k) {
    total += h.counts[k];
    if (edge(h, k + 1) < range.lo || edge(h, k) > range.hi) outside += h.counts[k];
  }
  return h.lo < h.hi && total > 0 ? outside / total : 0.0;
}

}  // namespace xpuq::qmath
