#include <algorithm>

#include "profile/json_fields.h"
#include "profile/profile.h"

namespace xpuq {
namespace {

using Shards = std::vector<const NamedProfile*>;

Error merge_error(const std::string& who, std::string what, std::string got = {}, std::string expected = {},
                  std::string remedy = {}) {
  return {.code = "E406", .who = who, .what = std::move(what), .got = std::move(got), .expected = std::move(expected),
          .remedy = std::move(remedy), .node = {}};
}

std::string shard_name(std::uint64_t index, std::uint64_t count) {
  std::string out = std::to_string(index);
  out += '/';
  return out += std::to_string(count);
}
std::string shard_name(const ProfileShard& shard) { return shard_name(shard.index, shard.count); }

std::string compact(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// In order of their index, each exactly once.
Result<Shards> in_order(std::span<const NamedProfile> shards) {
  Shards out;
  for (const NamedProfile& s : shards) {
    if (!s.profile.shard)
      return merge_error(s.who, "is not a part of a calibration", "a whole profile", "a profile made with --shard I/N");
    out.push_back(&s);
  }
  if (out.empty()) return merge_error("--merge", "no profiles given");
  const std::uint64_t count = out[0]->profile.shard->count;
  for (const NamedProfile* s : out)
    if (s->profile.shard->count != count)
      return merge_error(s->who, "is a part of another calibration", shard_name(*s->profile.shard),
                         "one of " + std::to_string(count) + " parts, as " + out[0]->who);
  std::stable_sort(out.begin(), out.end(), [](const NamedProfile* a, const NamedProfile* b) {
    return a->profile.shard->index < b->profile.shard->index;
  });
  for (std::size_t i = 0; i + 1 < out.size(); ++i)
    if (out[i]->profile.shard->index == out[i + 1]->profile.shard->index)
      return merge_error(out[i + 1]->who, "overlaps with " + out[i]->who + ": the same part",
                         shard_name(*out[i]->profile.shard), "every part once");
  for (std::size_t i = 0; i < out.size() || i < count; ++i)
    if (i >= out.size() || out[i]->profile.shard->index != i + 1)
      return merge_error("--merge", "part " + shard_name(i + 1, count) + " is missing",
                         std::to_string(out.size()) + " parts", std::to_string(count) + " parts",
                         "xpuq-calibrate --shard " + shard_name(i + 1, count));
  return out;
}

// Everything that has to agree before counts may be added.
Result<void> check_same(const NamedProfile& first, const NamedProfile& other) {
  const Profile &a = first.profile, &b = other.profile;
  const auto differs = [&](std::string what, std::string got, std::string expected) {
    expected += " (" + first.who + ")";
    return merge_error(other.who, std::move(what), std::move(got), std::move(expected));
  };
  if (a.model.graph_sha256 != b.model.graph_sha256)
    return differs("made for another model", "graph " + b.model.graph_sha256, a.model.graph_sha256);
  if (a.model.weights_sha256 != b.model.weights_sha256)
    return differs("made for other weights", "weights " + b.model.weights_sha256, a.model.weights_sha256);
  if (a.preprocessing != b.preprocessing)
    return differs("made with other preprocessing", compact(b.preprocessing), compact(a.preprocessing));
  if (a.data.list_sha256 != b.data.list_sha256)
    return differs("made from another list of samples", b.data.list_sha256, a.data.list_sha256);
  if (a.data.selection != b.data.selection || a.data.seed != b.data.seed)
    return differs("made with another selection", b.data.selection + ", seed " + std::to_string(b.data.seed),
                   a.data.selection + ", seed " + std::to_string(a.data.seed));
  if (a.data.batch != b.data.batch)
    return differs("made with another batch", std::to_string(b.data.batch), std::to_string(a.data.batch));
  if (a.method != b.method) return differs("made with another method", b.method, a.method);
  if (a.moving_constant != b.moving_constant)
    return differs("made with another moving average", format_f32(b.moving_constant), format_f32(a.moving_constant));
  if (a.values.size() != b.values.size())
    return differs("holds other values", std::to_string(b.values.size()), std::to_string(a.values.size()));
  if (a.groups.size() != b.groups.size())
    return differs("holds other groups", std::to_string(b.groups.size()), std::to_string(a.groups.size()));
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    const ProfileValue &v = a.values[i], &w = b.values[i];
    const std::string value = "value " + quote_name(v.name);
    if (v.name != w.name || v.node != w.node || v.op != w.op)
      return differs("holds other values", quote_name(w.name), quote_name(v.name));
    if (v.shape != w.shape) return differs(value + " has another shape", to_string(w.shape), to_string(v.shape));
    if (v.stats.histogram.counts.size() != w.stats.histogram.counts.size())
      return differs(value + " has other bins", std::to_string(w.stats.histogram.counts.size()),
                     std::to_string(v.stats.histogram.counts.size()));
  }
  for (std::size_t i = 0; i < a.groups.size(); ++i)
    if (a.groups[i].members != b.groups[i].members ||
        a.groups[i].stats.histogram.counts.size() != b.groups[i].stats.histogram.counts.size())
      return differs("holds other groups", "group " + std::to_string(i), "the same members and bins");
  return {};
}

Result<void> check_untouched(const NamedProfile& s) {
  const auto edited = [&s](const std::string& what) {
    return merge_error(s.who, "the range of " + what + " was set by hand", {}, "parts as they were written",
                       "edit the merged profile instead");
  };
  for (const ProfileValue& v : s.profile.values)
    if (v.stats.hand_set()) return edited("value " + quote_name(v.name));
  for (const ProfileGroup& g : s.profile.groups)
    if (g.stats.hand_set()) return edited("a group");
  return {};
}

// Round robin, which undoes the dealing of samples to shards.
ProfileData merge_data(const Shards& shards) {
  ProfileData out = shards[0]->profile.data;
  out.files.clear();
  out.bad.clear();
  out.count = out.dropped = 0;
  std::size_t rounds = 0;
  for (const NamedProfile* s : shards) {
    const ProfileData& d = s->profile.data;
    out.count += d.count;
    out.dropped += d.dropped;
    out.bad.insert(out.bad.end(), d.bad.begin(), d.bad.end());
    rounds = std::max(rounds, d.files.size());
  }
  for (std::size_t round = 0; round < rounds; ++round)
    for (const NamedProfile* s : shards)
      if (round < s->profile.data.files.size()) out.files.push_back(s->profile.data.files[round]);
  return out;
}

template <class StatsOf>
Result<qmath::ObserverState> merge_stats(const Shards& shards, const std::string& name, const StatsOf& stats_of) {
  std::vector<const qmath::ObserverState*> states;
  for (const NamedProfile* s : shards) states.push_back(&stats_of(s->profile));
  auto merged = qmath::merge_states(states);
  if (!merged) {
    merged.error().code = "E406";
    merged.error().who = name;
  }
  return merged;
}

std::optional<float> mean_value_db(const Shards& shards, std::size_t i) {
  double sum = 0;
  for (const NamedProfile* s : shards) {
    const std::optional<float>& db = s->profile.values[i].sqnr_db;
    if (!db) return std::nullopt;
    sum += *db;
  }
  return static_cast<float>(sum / static_cast<double>(shards.size()));
}

// None unless every shard has measured the same layers.
std::vector<ProfileLayer> mean_layers(const Shards& shards) {
  std::vector<ProfileLayer> out = shards[0]->profile.layers;
  const auto same = [](const ProfileLayer& a, const ProfileLayer& b) { return a.name == b.name; };
  for (const NamedProfile* s : shards)
    if (!std::equal(out.begin(), out.end(), s->profile.layers.begin(), s->profile.layers.end(), same)) return {};
  for (std::size_t i = 0; i < out.size(); ++i) {
    double own = 0, output = 0;
    for (const NamedProfile* s : shards) {
      own += s->profile.layers[i].sqnr_db;
      output += s->profile.layers[i].output_sqnr_db;
    }
    out[i].sqnr_db = static_cast<float>(own / static_cast<double>(shards.size()));
    out[i].output_sqnr_db = static_cast<float>(output / static_cast<double>(shards.size()));
  }
  return out;
}

}  // namespace

Result<MergedProfile> merge_profiles(std::span<const NamedProfile> given) {
  XPUQ_ASSIGN(const Shards shards, in_order(given));
  for (const NamedProfile* s : shards) {
    XPUQ_TRY(check_same(*shards[0], *s));
    XPUQ_TRY(check_untouched(*s));
  }
  MergedProfile out{shards[0]->profile, 0};
  Profile& p = out.profile;
  p.shard.reset();
  p.data = merge_data(shards);
  for (std::size_t i = 0; i < p.values.size(); ++i) {
    ProfileValue& v = p.values[i];
    XPUQ_ASSIGN(v.stats, merge_stats(shards, v.name, [i](const Profile& s) -> auto& { return s.values[i].stats; }));
    v.sqnr_db = mean_value_db(shards, i);
    out.rebinned += std::any_of(shards.begin(), shards.end(), [&v, i](const NamedProfile* s) {
      const qmath::ObserverState& part = s->profile.values[i].stats;
      return !part.never_observed() && (part.min != v.stats.min || part.max != v.stats.max);
    });
  }
  for (std::size_t i = 0; i < p.groups.size(); ++i) {
    const std::string name = "group " + std::to_string(i);
    const auto stats_of = [i](const Profile& s) -> auto& { return s.groups[i].stats; };
    XPUQ_ASSIGN(p.groups[i].stats, merge_stats(shards, name, stats_of));
  }
  p.layers = mean_layers(shards);
  return out;
}

}  // namespace xpuq
