// Range selection by name from stored statistics: what `--method` of xpuq-calibrate and xpuq-compile means.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "qmath/observer_state.h"
#include "qmath/range_search.h"
#include "xpuq/result.h"

namespace xpuq::qmath {

enum class RangeMethod : std::uint8_t {
  histogram,       ///< search_range: the reference's least-squares search
  minmax,          ///< smallest and largest element
  moving_average,  ///< moving averages of each forward's min and max; parameter = averaging constant in (0, 1]
  percentile,      ///< cuts (100 - P)/2 percent of the elements at each end; parameter = P in (50, 100]
  entropy,         ///< least KL divergence, see entropy_range
  automatic,       ///< that of histogram, minmax, percentile:99.99 and entropy with the least squared error
};

struct RangeRule {
  RangeMethod method = RangeMethod::histogram;
  double parameter = 0;  ///< of moving_average and percentile only

  bool operator==(const RangeRule&) const = default;
};

/// The names without parameters.
std::vector<std::string> range_rule_names();
/// "histogram", "minmax", "moving-average[:C]" (C = 0.01), "percentile[:P]" (P = 99.99), "entropy", "auto". E203 from `who`
/// for an unknown name (with the nearest one as remedy) or a parameter out of range.
Result<RangeRule> parse_range_rule(std::string_view text, const std::string& who = "--method");
/// The text that parses back to the rule; the parameter is always written.
std::string to_string(const RangeRule& rule);

/// (lo, hi) of the rule. Empty for something never observed. A hand-set range wins over every rule (cli.md 3.1).
/// E407, without `who`, when the statistics lack what the rule needs: moving averages kept with another constant.
Result<Range> select_range(const ObserverState& state, const RangeRule& rule);

/// The bins that remain after cutting (100 - percent)/2 percent of the mass at each end, as outer bin edges; a whole
/// bin is kept when part of it is. Follows ONNX Runtime's HistogramCollector.compute_percentile (asymmetric form),
/// which takes the lower edge of both boundary bins.
Range percentile_range(const Histogram& histogram, double percent);

/// The clip range whose 256-level quantization diverges least (Kullback-Leibler) from the histogram; see entropy.cpp.
Range entropy_range(const Histogram& histogram);

/// Mean squared error of the histogram's elements in 256 codes over the range (0 included): a twelfth of a squared step
/// inside, the squared distance to the nearer end outside.
double squared_error(const Histogram& histogram, const Range& range);

/// Share of the counted elements in bins that lie wholly outside the range, 0..1.
double clipped_fraction(const Histogram& histogram, const Range& range);

}  // namespace xpuq::qmath
