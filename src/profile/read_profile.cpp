#include <charconv>

#include "profile/json_fields.h"
#include "profile/profile.h"
#include "support/sha256.h"

namespace xpuq {
namespace {

constexpr std::size_t kMostRank = 16;

constexpr bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// What no honest profile can be, found without parsing it.
Result<void> check_text(std::string_view text, const std::string& who) {
  if (text.size() > kMostProfileBytes)
    return profile_error(who, "is too large for a profile", std::to_string(text.size()) + " bytes", "at most 1 GiB");
  std::size_t begin = 0, end = text.size();
  while (begin < end && is_space(text[begin])) ++begin;
  while (end > begin && is_space(text[end - 1])) --end;
  if (begin == end) return profile_error(who, "is empty", {}, "a calibration profile");
  if (text[begin] != '{') return profile_error(who, "is not a calibration profile", {}, "a JSON object");
  if (text[end - 1] != '}')
    return profile_error(who, "is cut off", std::to_string(text.size()) + " bytes without the closing '}'");
  return {};
}

Result<void> check_schema(const JsonFields& root) {
  XPUQ_ASSIGN(const std::string schema, root.text("schema"));
  int major = 0;
  const bool ours = schema.starts_with(kProfileSchema);
  const std::string_view number = std::string_view(schema).substr(ours ? kProfileSchema.size() : 0);
  const auto [end, code] = std::from_chars(number.data(), number.data() + number.size(), major);
  if (!ours || code != std::errc() || (end != number.data() + number.size() && *end != '.'))
    return profile_error(root.who(), "is not a calibration profile", "schema " + quote_name(schema),
                         std::string(kProfileSchema) + std::to_string(kProfileMajor));
  if (major == kProfileMajor) return {};
  return Error{.code = "E402", .who = root.who(),
               .what = "profile format " + std::to_string(major) + " is not known to this program",
               .got = std::string(kProfileSchema) + std::to_string(major),
               .expected = std::string(kProfileSchema) + std::to_string(kProfileMajor),
               .remedy = "run xpuq-calibrate of this version, or install the version that wrote it", .node = {}};
}

Result<ProfileModel> read_model(const JsonFields& f) {
  ProfileModel m;
  XPUQ_ASSIGN(m.file, f.text("file"));
  XPUQ_ASSIGN(m.format, f.text("format"));
  if (f.has("opset")) {
    XPUQ_ASSIGN(m.opset, f.whole("opset"));
  }
  if (f.has("schema")) {
    XPUQ_ASSIGN(m.export_schema, f.text("schema"));
  }
  XPUQ_ASSIGN(m.graph_sha256, f.text("graph_sha256"));
  XPUQ_ASSIGN(m.weights_sha256, f.text("weights_sha256"));
  return m;
}

Result<ProfileData> read_data(const JsonFields& f) {
  ProfileData d;
  XPUQ_ASSIGN(d.count, f.whole("count"));
  XPUQ_ASSIGN(d.batch, f.whole("batch"));
  if (f.has("dropped")) {
    XPUQ_ASSIGN(d.dropped, f.whole("dropped"));
  }
  XPUQ_ASSIGN(d.selection, f.text("selection"));
  XPUQ_ASSIGN(d.seed, f.whole("seed", UINT64_MAX));
  XPUQ_ASSIGN(d.list_sha256, f.text("list_sha256"));
  XPUQ_ASSIGN(d.files, f.texts("files"));
  XPUQ_ASSIGN(const Json* bad, f.array("bad"));
  for (const Json& item : *bad) {
    const JsonFields entry(item, "data: bad", f.who());
    XPUQ_TRY(entry.require_object());
    XPUQ_ASSIGN(std::string file, entry.text("file"));
    XPUQ_ASSIGN(std::string why, entry.text("why"));
    d.bad.push_back({std::move(file), std::move(why)});
  }
  return d;
}

// Counts with runs of zeros written as [0, n].
Result<std::vector<float>> read_counts(const JsonFields& f, std::size_t bins) {
  XPUQ_ASSIGN(const Json* items, f.array("counts", bins));
  std::vector<float> out;
  for (const Json& item : *items) {
    std::size_t times = 1;
    const Json* number = &item;
    if (item.is_array()) {
      const auto run = item.size() == 2 ? to_whole(item[1], qmath::kMostBins) : std::nullopt;
      if (!run || to_f32(item[0]) != 0.0f)
        return f.member_error("counts", "holds a bad run", item, "[0, number of zeros]");
      times = static_cast<std::size_t>(*run);
      number = &item[0];
    }
    const auto count = to_f32(*number);
    if (!count || *count < 0.0f)
      return f.member_error("counts", "holds a bad count", *number, "a number of at least 0");
    if (out.size() + times > bins) break;
    out.insert(out.end(), times, *count);
  }
  if (out.size() == bins) return out;
  return f.error("'counts' do not fill the bins", std::to_string(out.size()) + " or more", std::to_string(bins));
}

Result<qmath::ObserverState> read_stats(const JsonFields& f, float moving_constant) {
  qmath::ObserverState s;
  s.moving_constant = moving_constant;
  XPUQ_ASSIGN(s.count, f.whole("count"));
  XPUQ_ASSIGN(s.nonfinite, f.whole("nonfinite"));
  XPUQ_ASSIGN(const JsonFields histogram, f.object("histogram"));
  XPUQ_ASSIGN(const std::uint64_t bins, histogram.whole("bins", qmath::kMostBins));
  if (bins < qmath::kLeastBins)
    return histogram.error("too few bins", std::to_string(bins), "at least " + std::to_string(qmath::kLeastBins));
  XPUQ_ASSIGN(s.histogram.counts, read_counts(histogram, static_cast<std::size_t>(bins)));
  if (s.count == 0) {
    for (const char* key : {"min", "max", "moving"})
      if (f.has(key)) return f.error(quote_name(key) + " is given, but 'count' is 0");
    return s;
  }
  XPUQ_ASSIGN(s.min, f.real("min"));
  XPUQ_ASSIGN(s.max, f.real("max"));
  XPUQ_ASSIGN(const Json* moving, f.array("moving"));
  const auto lo = moving->size() == 2 ? to_f32((*moving)[0]) : std::nullopt;
  const auto hi = moving->size() == 2 ? to_f32((*moving)[1]) : std::nullopt;
  if (!lo || !hi) return f.member_error("moving", "is not a pair of numbers", *moving, "[lo, hi]");
  s.moving_lo = *lo;
  s.moving_hi = *hi;
  XPUQ_ASSIGN(s.histogram.lo, histogram.real("lo"));
  XPUQ_ASSIGN(s.histogram.hi, histogram.real("hi"));
  return s;
}

// Absent: not measured. Null: nothing lost.
Result<std::optional<float>> read_sqnr(const JsonFields& f, std::string_view key, const Json& object) {
  if (f.has(key)) {
    XPUQ_ASSIGN(const float db, f.real(key));
    return std::optional<float>(db);
  }
  if (!object.contains(std::string(key))) return std::optional<float>();
  return std::optional<float>(std::numeric_limits<float>::infinity());
}

Result<ProfileValue> read_value(const Json& json, std::size_t index, const std::string& who, float moving_constant) {
  const JsonFields by_index(json, "value " + std::to_string(index), who);
  XPUQ_TRY(by_index.require_object());
  ProfileValue v;
  XPUQ_ASSIGN(v.name, by_index.text("name"));
  const JsonFields f(json, "value " + quote_name(v.name), who);
  XPUQ_ASSIGN(v.node, f.text("node"));
  XPUQ_ASSIGN(v.op, f.text("op"));
  XPUQ_ASSIGN(const Json* shape, f.array("shape", kMostRank));
  for (const Json& item : *shape) {
    const auto dim = to_whole(item, std::uint64_t{1} << 62);
    if (!dim) return f.member_error("shape", "holds a bad dimension", item, "whole numbers");
    v.shape.push_back(static_cast<std::int64_t>(*dim));
  }
  XPUQ_ASSIGN(v.stats, read_stats(f, moving_constant));
  XPUQ_ASSIGN(v.sqnr_db, read_sqnr(f, "sqnr_db", json));
  return v;
}

Result<ProfileLayer> read_layer(const Json& json, std::size_t index, const std::string& who) {
  const JsonFields f(json, "layer " + std::to_string(index), who);
  XPUQ_TRY(f.require_object());
  ProfileLayer layer;
  XPUQ_ASSIGN(layer.name, f.text("name"));
  XPUQ_ASSIGN(layer.node, f.text("node"));
  XPUQ_ASSIGN(const std::optional<float> own, read_sqnr(f, "sqnr_db", json));
  XPUQ_ASSIGN(const std::optional<float> output, read_sqnr(f, "output_sqnr_db", json));
  if (!own || !output) return f.error("has no signal-to-noise ratio");
  layer.sqnr_db = *own;
  layer.output_sqnr_db = *output;
  return layer;
}

Result<ProfileGroup> read_group(const Json& json, std::size_t index, const std::string& who, float moving_constant) {
  const JsonFields f(json, "group " + std::to_string(index), who);
  XPUQ_TRY(f.require_object());
  ProfileGroup g;
  XPUQ_ASSIGN(g.members, f.texts("members"));
  XPUQ_ASSIGN(g.stats, read_stats(f, moving_constant));
  return g;
}

Result<Profile> read_root(const Json& json, const JsonFields& root) {
  Profile p;
  XPUQ_ASSIGN(const JsonFields model, root.object("model"));
  XPUQ_ASSIGN(p.model, read_model(model));
  XPUQ_TRY(root.object("preprocessing"));
  p.preprocessing = json["preprocessing"];
  XPUQ_ASSIGN(const JsonFields data, root.object("data"));
  XPUQ_ASSIGN(p.data, read_data(data));
  XPUQ_TRY(root.member("shard"));
  if (root.has("shard")) {
    XPUQ_ASSIGN(const JsonFields shard, root.object("shard"));
    p.shard.emplace();
    XPUQ_ASSIGN(p.shard->index, shard.whole("index"));
    XPUQ_ASSIGN(p.shard->count, shard.whole("count"));
  }
  XPUQ_ASSIGN(p.method, root.text("method"));
  if (root.has("moving_constant")) {
    XPUQ_ASSIGN(p.moving_constant, root.real("moving_constant"));
  }
  XPUQ_ASSIGN(const Json* values, root.array("values"));
  for (const Json& item : *values) {
    XPUQ_ASSIGN(ProfileValue value, read_value(item, p.values.size(), root.who(), p.moving_constant));
    p.values.push_back(std::move(value));
  }
  if (root.has("layers")) {
    XPUQ_ASSIGN(const Json* layers, root.array("layers"));
    for (const Json& item : *layers) {
      XPUQ_ASSIGN(ProfileLayer layer, read_layer(item, p.layers.size(), root.who()));
      p.layers.push_back(std::move(layer));
    }
  }
  if (!root.has("groups")) return p;
  XPUQ_ASSIGN(const Json* groups, root.array("groups"));
  for (const Json& item : *groups) {
    XPUQ_ASSIGN(ProfileGroup group, read_group(item, p.groups.size(), root.who(), p.moving_constant));
    p.groups.push_back(std::move(group));
  }
  return p;
}

void warn_if_edited(const Profile& p, std::string_view text, const std::string& integrity, const std::string& who,
                    std::vector<ProfileWarning>& warnings) {
  if (sha256_hex(text.substr(0, text.rfind("\"integrity\""))) == integrity) return;
  std::string message = who;
  message += ": was edited after it was written; it is used as it stands";
  std::size_t edited = 0;
  for (const ProfileValue& v : p.values) {
    if (!v.stats.hand_set() || ++edited > 8) continue;
    message += edited == 1 ? "; ranges set by hand: " : ", ";
    message += quote_name(v.name);
  }
  if (edited > 8) message += " and " + std::to_string(edited - 8) + " more";
  warnings.push_back({"W018", std::move(message)});
}

}  // namespace

Result<Profile> read_profile(std::string_view text, const std::string& who, std::vector<ProfileWarning>& warnings) {
  XPUQ_TRY(check_text(text, who));
  XPUQ_ASSIGN(const Json json, parse_json(text, "E403", who, {.keys = 4096}));
  const JsonFields root(json, {}, who);
  XPUQ_TRY(root.require_object());
  XPUQ_TRY(check_schema(root));
  XPUQ_ASSIGN(const std::string integrity, root.text("integrity"));
  XPUQ_ASSIGN(Profile profile, read_root(json, root));
  XPUQ_TRY(check_profile(profile, who));
  warn_if_edited(profile, text, integrity, who, warnings);
  return profile;
}

Result<Profile> read_profile(std::span<const std::byte> bytes, const std::string& who,
                             std::vector<ProfileWarning>& warnings) {
  return read_profile(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()), who, warnings);
}

}  // namespace xpuq
