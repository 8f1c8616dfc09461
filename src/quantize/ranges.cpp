#include <algorithm>

#include "qmath/range_rules.h"
#include "quantize/quantization.h"

namespace xpuq {

Result<qmath::TensorQuant> choose_group_qparams(const Quantization& quantization, const std::vector<std::string>& members,
                                                qmath::Scheme scheme) {
  const Profile& profile = *quantization.profile;
  XPUQ_ASSIGN(const qmath::RangeRule rule, qmath::parse_range_rule(quantization.recipe.method.empty() ? profile.method : quantization.recipe.method));

  const qmath::ObserverState* state = nullptr;
  qmath::ObserverState joined;
  const auto group = std::find_if(profile.groups.begin(), profile.groups.end(), [&](const ProfileGroup& g) { return g.members == members; });
  if (members.size() > 1 && group != profile.groups.end()) {
    state = &group->stats;
  } else {
    std::vector<const qmath::ObserverState*> parts;
    for (const std::string& name : members) {
      const ProfileValue* value = profile.find(name);
      if (!value)
        return Error{.code = "E407", .who = "profile", .what = "has no statistics for value '" + name + "'",
                     .got = std::to_string(profile.values.size()) + " values of " + profile.model.file, .expected = {},
                     .remedy = "run xpuq-calibrate again on this model", .node = {}};
      parts.push_back(&value->stats);
    }
    if (parts.size() == 1) {
      state = parts[0];
    } else {
      XPUQ_ASSIGN(joined, qmath::merge_states(parts));
      state = &joined;
    }
  }
  const auto named = [&](Error e) {
    e.who = "value '" + members[0] + "'";
    return e;
  };
  const auto range = qmath::select_range(*state, rule);
  if (!range) return named(range.error());
  auto q = qmath::choose_qparams(range->lo, range->hi, scheme);
  if (!q) return named(q.error());
  return *q;
}

}  // namespace xpuq
