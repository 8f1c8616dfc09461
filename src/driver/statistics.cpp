#include "driver/statistics.h"

#include <algorithm>
#include <optional>

#include "support/parallel.h"

namespace xpuq {

Statistics::Statistics(const Graph& normalized, const ObservationPlan& plan, qmath::HistogramObserver::Options options) : groups_(plan.groups) {
  for (ValueId v : plan.values) {
    const Value& value = normalized.value(v);
    ProfileValue d;
    d.name = value.name;
    if (const Node* producer = normalized.producer(v)) {
      d.node = producer->origin.empty() ? value.name : producer->origin.back();
      d.op = std::string(to_string(producer->op));
    }
    d.shape = value.type.shape;
    descriptions_.push_back(std::move(d));
    value_observers_.emplace_back(options);
  }
  for (std::size_t g = 0; g < groups_.size(); ++g) group_observers_.emplace_back(options);
}

Result<void> Statistics::observe(const std::vector<std::span<const float>>& values, const std::string& sample, int threads) {
  struct Fault {
    std::uint32_t value;
    Error error;
  };
  const std::size_t singles = value_observers_.size();
  std::vector<std::optional<Fault>> faults(singles + group_observers_.size());
  parallel_for(faults.size(), threads, [&](std::size_t task) {
    const auto take = [&](qmath::HistogramObserver& observer, std::uint32_t value) {
      const auto r = observer.observe(values[value]);
      if (!r && !faults[task]) faults[task] = Fault{value, r.error()};
    };
    if (task < singles) take(value_observers_[task], static_cast<std::uint32_t>(task));
    else
      for (std::uint32_t value : groups_[task - singles]) take(group_observers_[task - singles], value);
  });
  const Fault* first = nullptr;
  for (const auto& f : faults)
    if (f && (!first || f->value < first->value)) first = &*f;
  if (!first) return {};
  Error e = first->error;
  const ProfileValue& where = descriptions_[first->value];
  e.who = where.node.empty() ? "input '" + where.name + "'" : "node '" + where.node + "'";
  e.what += " on sample '" + sample + "'";
  if (e.remedy.empty()) e.remedy = "check --mean and --std, or run the model in float";
  return e;
}

std::string Statistics::nonfinite_report() const {
  for (std::size_t i = 0; i < value_observers_.size(); ++i)
    if (const auto n = value_observers_[i].state().nonfinite)
      return "value '" + descriptions_[i].name + "' had " + std::to_string(n) + " infinite elements, which were left out";
  return {};
}

void Statistics::store(Profile& profile) const {
  profile.values = descriptions_;
  for (std::size_t i = 0; i < value_observers_.size(); ++i) profile.values[i].stats = value_observers_[i].state();
  profile.groups.clear();
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    ProfileGroup group;
    for (std::uint32_t v : groups_[g]) group.members.push_back(descriptions_[v].name);
    group.stats = group_observers_[g].state();
    profile.groups.push_back(std::move(group));
  }
}

bool Statistics::restore(const Profile& profile) {
  if (profile.values.size() != value_observers_.size() || profile.groups.size() != group_observers_.size()) return false;
  for (std::size_t i = 0; i < value_observers_.size(); ++i) {
    if (profile.values[i].name != descriptions_[i].name) return false;
    value_observers_[i] = qmath::HistogramObserver(profile.values[i].stats);
  }
  for (std::size_t g = 0; g < group_observers_.size(); ++g) group_observers_[g] = qmath::HistogramObserver(profile.groups[g].stats);
  return true;
}

}  // namespace xpuq
