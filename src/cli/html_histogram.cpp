// The histogram of one activation: heights are logarithmic, the bars that fall beyond the codes are marked.
#include <algorithm>
#include <cmath>

#include "cli/html_parts.h"
#include "cli/html_text.h"
#include "support/json.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

constexpr double kWide = 320, kHigh = 80;

std::string coordinate(double v) { return format_fixed(v, 1); }

/// Maps reals onto the drawing; covers everything that was observed and everything that the codes express.
class Axis {
 public:
  explicit Axis(const ActivationReport& a) : lo_(a.observed->lo), hi_(a.observed->hi) {
    if (a.chosen) {
      lo_ = std::min<double>(lo_, a.chosen->lo);
      hi_ = std::max<double>(hi_, a.chosen->hi);
    }
    if (!(hi_ > lo_)) hi_ = lo_ + 1;
  }
  double at(double value) const { return std::clamp((value - lo_) / (hi_ - lo_), 0.0, 1.0) * kWide; }

 private:
  double lo_, hi_;
};

std::string line(const char* css, double x) {
  return std::string("<path class=\"") + css + "\" d=\"M" + coordinate(x) + " 0V" + coordinate(kHigh) + "\"/>";
}

std::string drawing(const ActivationReport& a) {
  const Axis axis(a);
  const double lo = a.observed->lo, step = (static_cast<double>(a.observed->hi) - lo) / static_cast<double>(std::max<std::size_t>(a.histogram.size(), 1));
  const double most = std::log1p(*std::max_element(a.histogram.begin(), a.histogram.end()));
  const double half = a.scale ? *a.scale / 2 : 0;
  std::string kept, clipped, out = "<svg viewBox=\"0 0 " + coordinate(kWide) + " " + coordinate(kHigh) + "\" preserveAspectRatio=\"none\" aria-hidden=\"true\">";
  if (a.chosen && a.chosen->lo - half > lo) out += "<rect class=\"tail\" x=\"0\" y=\"0\" width=\"" + coordinate(axis.at(a.chosen->lo)) + "\" height=\"" + coordinate(kHigh) + "\"/>";
  if (a.chosen && a.chosen->hi + half < a.observed->hi)
    out += "<rect class=\"tail\" x=\"" + coordinate(axis.at(a.chosen->hi)) + "\" y=\"0\" width=\"" + coordinate(kWide - axis.at(a.chosen->hi)) + "\" height=\"" + coordinate(kHigh) + "\"/>";
  for (std::size_t k = 0; k < a.histogram.size(); ++k) {
    if (!(a.histogram[k] > 0)) continue;
    const double left = lo + step * static_cast<double>(k), middle = left + step / 2;
    const bool beyond = a.chosen && (middle < a.chosen->lo - half || middle > a.chosen->hi + half);
    const double height = most > 0 ? std::max(std::log1p(a.histogram[k]) / most * (kHigh - 4), 1.0) : 1.0;
    (beyond ? clipped : kept) += "M" + coordinate(axis.at(left)) + " " + coordinate(kHigh) + "V" + coordinate(kHigh - height) + "H" + coordinate(axis.at(left + step)) + "V" + coordinate(kHigh) + "z";
  }
  out += "<path class=\"kept\" d=\"" + kept + "\"/>" + (clipped.empty() ? "" : "<path class=\"clipped\" d=\"" + clipped + "\"/>");
  if (a.chosen) out += line("chosen", axis.at(a.chosen->lo)) + line("chosen", axis.at(a.chosen->hi));
  return out + "</svg>";
}

std::string range(const Interval& i) { return format_significant(i.lo) + " to " + format_significant(i.hi); }

}  // namespace

std::string histogram_figure(const std::string& title, const ActivationReport& a) {
  std::string out = "<figure><figcaption>" + title + ": " + name_html(a.name) + "</figcaption>";
  if (!a.histogram.empty()) out += drawing(a);
  out += "<dl>" + definition("type", escape_html(a.type + " " + a.shape));
  if (a.scale) out += definition("scale, zero point", format_f32(*a.scale) + ", " + std::to_string(a.zero_point));
  if (a.observed) out += definition("observed", range(*a.observed));
  if (a.chosen) out += definition("codes express", range(*a.chosen));
  if (a.clipped_percent) out += definition("clipped", format_significant(*a.clipped_percent) + " %");
  if (!a.observed) out += definition("observed", "no statistics of this value");
  return out + "</dl></figure>";
}

}  // namespace xpuq::cli
