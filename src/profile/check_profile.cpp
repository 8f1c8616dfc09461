#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "profile/json_fields.h"
#include "profile/profile.h"

namespace xpuq {
namespace {

// Above this a counter kept in f32 rounds: it saturates, stalls or overshoots, so only the order of size is checked.
constexpr float kExactCounter = 16777216.0f;

std::string pair_text(float lo, float hi) {
  std::string out = format_f32(lo);
  out += ", ";
  return out += format_f32(hi);
}

bool is_sha256(const std::string& text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

class Checker {
 public:
  Checker(const Profile& profile, const std::string& who) : p_(profile), who_(who) {}

  Result<void> all() const {
    XPUQ_TRY(header());
    XPUQ_TRY(values());
    XPUQ_TRY(layers());
    return groups();
  }

 private:
  Result<void> hash(const std::string& key, const std::string& text) const {
    if (is_sha256(text)) return {};
    return profile_error(who_, key + " is not a SHA-256", quote_name(text), "64 hexadecimal digits");
  }

  Result<void> header() const {
    XPUQ_TRY(hash("model: 'graph_sha256'", p_.model.graph_sha256));
    XPUQ_TRY(hash("model: 'weights_sha256'", p_.model.weights_sha256));
    XPUQ_TRY(hash("data: 'list_sha256'", p_.data.list_sha256));
    if (p_.data.count == 0) return profile_error(who_, "data: 'count' is 0", {}, "at least one sample");
    if (p_.data.batch == 0) return profile_error(who_, "data: 'batch' is 0", {}, "at least 1");
    if (!(p_.moving_constant > 0 && p_.moving_constant <= 1))
      return profile_error(who_, "'moving_constant' is out of range", format_f32(p_.moving_constant),
                           "above 0, at most 1");
    if (p_.shard && (p_.shard->index == 0 || p_.shard->index > p_.shard->count))
      return profile_error(who_, "shard: 'index' is out of range", std::to_string(p_.shard->index),
                           "1 to " + std::to_string(p_.shard->count));
    return {};
  }

  Result<void> values() const {
    std::unordered_set<std::string_view> names;
    for (const ProfileValue& v : p_.values) {
      const std::string where = "value " + quote_name(v.name);
      if (!names.insert(v.name).second) return profile_error(who_, where + " occurs twice");
      if (!checked_element_count(v.shape)) return profile_error(who_, where + ": 'shape' is too large");
      XPUQ_TRY(stats(where, v.stats));
    }
    return {};
  }

  Result<void> layers() const {
    std::unordered_set<std::string_view> names;
    for (const ProfileLayer& layer : p_.layers)
      if (!names.insert(layer.name).second) return profile_error(who_, "layer " + quote_name(layer.name) + " occurs twice");
    return {};
  }

  Result<void> groups() const {
    std::unordered_set<std::string_view> names;
    for (const ProfileValue& v : p_.values) names.insert(v.name);
    for (std::size_t i = 0; i < p_.groups.size(); ++i) {
      const std::string where = "group " + std::to_string(i);
      if (p_.groups[i].members.empty()) return profile_error(who_, where + " has no members");
      for (const std::string& member : p_.groups[i].members)
        if (!names.contains(member)) return profile_error(who_, where + ": member is not a value", quote_name(member));
      XPUQ_TRY(stats(where, p_.groups[i].stats));
    }
    return {};
  }

  Result<void> range(const std::string& what, float lo, float hi) const {
    if (!std::isfinite(lo) || !std::isfinite(hi)) return profile_error(who_, what + " are not finite");
    if (lo > hi) return profile_error(who_, what + " are in the wrong order", pair_text(lo, hi), "the lower one first");
    if (!std::isfinite(hi - lo)) return profile_error(who_, what + " are too far apart", pair_text(lo, hi));
    return {};
  }

  Result<void> stats(const std::string& where, const qmath::ObserverState& s) const {
    const qmath::Histogram& h = s.histogram;
    double mass = 0;
    float largest = 0;
    for (const float count : h.counts) {
      if (!(count >= 0) || !std::isfinite(count))
        return profile_error(who_, where + ": histogram: 'counts' hold a bad count", format_f32(count));
      mass += count;
      largest = std::max(largest, count);
    }
    if (s.count > 0) {
      XPUQ_TRY(range(where + ": 'min' and 'max'", s.min, s.max));
      XPUQ_TRY(range(where + ": histogram: 'lo' and 'hi'", h.lo, h.hi));
      XPUQ_TRY(range(where + ": 'moving' averages", s.moving_lo, s.moving_hi));
    }
    const double count = static_cast<double>(s.count);
    const bool exact = largest < kExactCounter;
    const double least = exact ? 0.999 * count : 0.0, most = (exact ? 1.001 : 2.0) * count;
    if (mass >= least && mass <= most && (mass > 0) == (count > 0)) return {};
    return profile_error(who_, where + ": histogram: 'counts' do not add up to 'count'", format_f64(mass),
                         std::to_string(s.count));
  }

  const Profile& p_;
  const std::string& who_;
};

}  // namespace

const ProfileValue* Profile::find(std::string_view name) const {
  const auto at = std::find_if(values.begin(), values.end(), [name](const ProfileValue& v) { return v.name == name; });
  return at == values.end() ? nullptr : &*at;
}

Result<void> check_profile(const Profile& profile, const std::string& who) { return Checker(profile, who).all(); }

}  // namespace xpuq
