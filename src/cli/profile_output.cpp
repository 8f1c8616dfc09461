#include "cli/profile_output.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "cli/envelope.h"
#include "cli/parse_values.h"
#include "cli/text_table.h"
#include "cli/usage_error.h"
#include "qmath/range_rules.h"
#include "support/file.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

constexpr std::size_t kMostTails = 5, kMostLayers = 5;
constexpr std::size_t kSketchColumns = 32;

/// A value and what the profile's own rule makes of it.
struct Clipped {
  const ProfileValue* value;
  qmath::Range range;
  double fraction = 0;
};

std::vector<Clipped> clip_all(const Profile& profile) {
  std::vector<Clipped> out;
  const auto rule = qmath::parse_range_rule(profile.method);
  for (const ProfileValue& value : profile.values) {
    Clipped clipped{&value, {value.stats.min, value.stats.max}};
    if (rule.ok())
      if (const auto range = qmath::select_range(value.stats, *rule); range.ok()) {
        clipped.range = *range;
        if (!value.stats.hand_set() && !value.stats.never_observed())
          clipped.fraction = qmath::clipped_fraction(value.stats.histogram, *range);
      }
    out.push_back(clipped);
  }
  return out;
}

std::string percent(double fraction) { return format_fixed(100 * fraction, fraction < 1e-3 ? 4 : 2) + "%"; }

std::string interval(float lo, float hi) {
  const auto text = [](float v) { return std::isfinite(v) ? format_f32(v) : std::string(v > 0 ? "inf" : "-inf"); };
  return "[" + text(lo) + ", " + text(hi) + "]";
}

Json value_json(const Clipped& c) {
  const ProfileValue& v = *c.value;
  Json out;
  out["name"] = v.name;
  out["node"] = v.node;
  out["op"] = v.op;
  out["min"] = number(v.stats.min);
  out["max"] = number(v.stats.max);
  out["clip"] = {number(c.range.lo), number(c.range.hi)};
  out["clipped_fraction"] = c.fraction;
  if (v.sqnr_db) out["sqnr_db"] = number(*v.sqnr_db);
  return out;
}

std::string decibel(float db) { return std::isinf(db) ? "exact" : format_fixed(db, 1) + " dB"; }

/// Layers that int8 costs most, as seen at the model's output.
std::vector<const ProfileLayer*> noisiest_first(const Profile& profile) {
  std::vector<const ProfileLayer*> layers;
  for (const ProfileLayer& layer : profile.layers) layers.push_back(&layer);
  std::stable_sort(layers.begin(), layers.end(), [](const auto* a, const auto* b) { return a->output_sqnr_db < b->output_sqnr_db; });
  return layers;
}

void print_layers(Invocation& invocation, const Profile& profile, std::size_t most) {
  Rows rows;
  for (const ProfileLayer* layer : noisiest_first(profile)) {
    if (rows.size() == most) break;
    rows.push_back({"layer", layer->node, decibel(layer->output_sqnr_db), "at the output,", decibel(layer->sqnr_db), "its own"});
  }
  invocation.print(align(rows, {2, 4}));
}

void describe(Json& out, const std::string& output, const Profile& p, const std::vector<Clipped>& values) {
  out["output"] = output;
  out["model"] = {
      {"format", p.model.format}, {"graph_sha256", p.model.graph_sha256}, {"weights_sha256", p.model.weights_sha256}};
  Json bad = Json::array();
  for (const BadFile& b : p.data.bad) bad.push_back({{"file", b.file}, {"why", b.why}});
  out["images"] = {{"requested", p.data.count},
                   {"used", p.data.count},
                   {"bad", std::move(bad)},
                   {"list_sha256", p.data.list_sha256}};
  out["shard"] = nullptr;
  if (p.shard) out["shard"] = {{"index", p.shard->index}, {"count", p.shard->count}};
  out["preprocessing"] = p.preprocessing;
  out["method"] = p.method;
  out["values"] = Json::array();
  for (const Clipped& c : values) out["values"].push_back(value_json(c));
  if (p.layers.empty()) return;
  out["layers"] = Json::array();
  for (const ProfileLayer& layer : p.layers)
    out["layers"].push_back({{"name", layer.name}, {"node", layer.node}, {"sqnr_db", number(layer.sqnr_db)}, {"output_sqnr_db", number(layer.output_sqnr_db)}});
}

std::string summary(const std::string& output, const Profile& p) {
  std::string out = output + ": " + std::to_string(p.data.count) + " images, " + std::to_string(p.values.size()) +
                    " values, method " + p.method;
  if (p.shard) out += ", part " + std::to_string(p.shard->index) + " of " + std::to_string(p.shard->count);
  return out;
}

}  // namespace

std::string sketch(const qmath::Histogram& histogram, std::size_t columns) {
  static constexpr std::array<const char*, 9> kBars{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  std::vector<double> mass(columns, 0);
  const std::size_t bins = histogram.counts.size();
  for (std::size_t i = 0; i < bins; ++i) mass[i * columns / bins] += static_cast<double>(histogram.counts[i]);
  const double most = std::log1p(*std::max_element(mass.begin(), mass.end()));
  std::string out;
  for (const double m : mass) {
    // Rounded up: a bucket with anything in it shows.
    const double height = most > 0 ? std::ceil(std::log1p(m) / most * (kBars.size() - 1)) : 0;
    out += kBars[std::min(static_cast<std::size_t>(height), kBars.size() - 1)];
  }
  return out;
}

void tell_result(Invocation& invocation, const CalibrateResult& result) {
  std::vector<Clipped> values = clip_all(result.profile);
  Json& json = invocation.result();
  describe(json, result.output, result.profile, values);
  json["images"]["requested"] = result.requested;
  json["images_per_second"] = result.images_per_second;
  json["peak_memory_bytes"] = result.peak_memory_bytes;
  std::string line = summary(result.output, result.profile);
  if (result.seconds > 0) line += ", " + format_fixed(result.seconds, 1) + " s";
  invocation.print(line);

  std::stable_sort(values.begin(), values.end(),
                   [](const Clipped& a, const Clipped& b) { return a.fraction > b.fraction; });
  Rows rows;
  for (const Clipped& c : values) {
    if (rows.size() == kMostTails || c.fraction <= 0) break;
    rows.push_back({"clipped", percent(c.fraction), c.value->name, "(" + c.value->op + ")",
                    interval(c.value->stats.min, c.value->stats.max) + " to " + interval(c.range.lo, c.range.hi)});
  }
  invocation.print(align(rows, {1}));
  print_layers(invocation, result.profile, kMostLayers);
}

Result<void> show_profile(Invocation& invocation, const std::string& path, const std::string& glob) {
  XPUQ_ASSIGN(const MappedFile file, map_file(path, "E403"));
  std::vector<ProfileWarning> warnings;
  XPUQ_ASSIGN(const Profile profile, read_profile(file.bytes, path, warnings));
  for (const ProfileWarning& w : warnings) invocation.warn(w.code, w.message);

  std::vector<Clipped> values = clip_all(profile);
  std::vector<std::string> names;
  for (const Clipped& c : values) names.push_back(c.value->name);
  std::erase_if(values,
                [&](const Clipped& c) { return !glob_match(glob, c.value->name) && !glob_match(glob, c.value->node); });
  if (values.empty()) {
    const auto near = nearest(glob, names, 3);
    return make_error(kBadValue, glob, "matches no value of " + path, {},
                      near.empty() ? "a glob over value and node names" : "near names: " + join(near, ", "));
  }
  describe(invocation.result(), path, profile, values);
  invocation.print(summary(path, profile) + "; model " + profile.model.file);
  Rows rows;
  for (const Clipped& c : values) {
    rows.push_back({c.value->name, c.value->op, interval(c.value->stats.min, c.value->stats.max),
                    interval(c.range.lo, c.range.hi), percent(c.fraction),
                    "|" + sketch(c.value->stats.histogram, kSketchColumns) + "|"});
    if (c.value->sqnr_db) rows.back().push_back(decibel(*c.value->sqnr_db));
  }
  invocation.print(align(rows, {4, 6}));
  if (glob == "*") print_layers(invocation, profile, profile.layers.size());
  return {};
}

}  // namespace xpuq::cli
