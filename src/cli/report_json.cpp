#include "cli/envelope.h"
#include "cli/quantization_report.h"
#include "cli/report_figures.h"
#include "quantize/recipe_file.h"
#include "support/file.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

Json interval(const std::optional<Interval>& i) { return i ? Json{number(i->lo), number(i->hi)} : Json(nullptr); }
Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

/// File names only: the same model and options give the same report wherever they lie.
Json options_json(const CompileOptions& o, const CompileResult& result) {
  Json words = Json::object();  // in the words of the other forms
  for (const auto& [name, text] : recipe_words(o, result)) words[name] = text;
  return {{"precision", to_string(o.precision)}, {"recipe", recipe_json(compiled_variant(o, result).recipe)}, {"fusion", o.fuse}, {"words", words}};
}

Json provenance_json(const Provenance& p) {
  Json profile;
  if (!p.profile_sha256.empty()) profile = {{"file", p.profile}, {"sha256", p.profile_sha256}, {"samples", p.samples}, {"method", p.method}};
  return {{"format", p.model_format}, {"version", p.model_version}, {"graph_sha256", p.graph_sha256}, {"weights_sha256", p.weights_sha256}, {"profile", profile}};
}

Json totals_json(const CompileResult& r) {
  const Coverage& c = r.coverage;
  return {{"layers_int8", c.layers_int8},
          {"layers_total", c.layers_total},
          {"macs_int8", c.macs_int8},
          {"macs_total", c.macs_total},
          {"percent", c.percent()},
          {"weight_bytes_int8", c.weight_bytes_int8},
          {"weight_bytes_total", c.weight_bytes_total},
          {"conversions", c.conversions},
          {"conversion_bytes", c.conversion_bytes},
          {"artifact_bytes", r.bytes},
          {"f32_bytes", r.f32_bytes}};
}

Json activation_json(const ActivationReport& a) {
  Json out{{"name", a.name}, {"type", a.type}, {"shape", a.shape}, {"scale", nullptr}, {"zero_point", nullptr}};
  if (a.scale) {
    out["scale"] = number(*a.scale);
    out["zero_point"] = a.zero_point;
  }
  out["chosen"] = interval(a.chosen);
  out["observed"] = interval(a.observed);
  out["clipped_percent"] = a.clipped_percent ? Json(*a.clipped_percent) : Json(nullptr);
  out["histogram"] = Json::array();
  for (float count : a.histogram) out["histogram"].push_back(number(count));
  return out;
}

/// Only what is known; null is infinite.
Json sqnr_json(const LayerReport& l) {
  Json out = Json::object();
  const auto add = [&](const char* key, const std::optional<float>& db) {
    if (db) out[key] = number(*db);
  };
  add("weights", l.weight_sqnr_db);
  add("source", l.source_sqnr_db);
  add("layer", l.sqnr_db);
  add("output", l.output_sqnr_db);
  return out;
}

Json layer_json(const LayerReport& l, const Coverage& c) {
  Json row;
  row["index"] = l.index;
  row["name"] = l.name;
  row["op"] = l.op;
  row["nodes"] = l.nodes;
  row["shape"] = l.shape;
  row["macs"] = l.macs;
  row["macs_percent"] = macs_percent(l, c);
  row["types"] = l.types;
  row["post_ops"] = l.post_ops;
  row["result"] = l.int8 ? "int8" : "float";
  row["wanted"] = l.wanted;
  row["reason"] = text_or_null(l.reason);
  row["detail"] = text_or_null(l.detail);
  row["sqnr_db"] = sqnr_json(l);
  row["source"] = activation_json(l.source);
  row["destination"] = activation_json(l.destination);
  row["weights"] = {{"shape", l.weights.shape}, {"f32_bytes", l.weights.f32_bytes}, {"scale", interval(l.weights.scale)}, {"scales", l.weights.scales}};
  return row;
}

constexpr const char* kArithmetic[] = {"int8", "float", "conversion"};  // in the order of the enum

Json flow_json(const FlowReport& flow) {
  Json out{{"inputs", Json::array()}, {"outputs", Json::array()}, {"steps", Json::array()}};
  for (const EndReport& e : flow.inputs) out["inputs"].push_back({{"name", e.name}, {"type", e.type}, {"shape", e.shape}});
  for (const EndReport& e : flow.outputs) out["outputs"].push_back({{"name", e.name}, {"type", e.type}, {"shape", e.shape}, {"step", e.step}});
  for (const FlowStep& s : flow.steps)
    out["steps"].push_back({{"index", s.index}, {"op", s.op}, {"name", s.name}, {"nodes", s.nodes}, {"shape", s.shape}, {"source_type", s.source_type},
                            {"type", s.type}, {"arithmetic", kArithmetic[static_cast<std::size_t>(s.arithmetic)]}, {"bytes", s.bytes}, {"sources", s.sources}});
  return out;
}

}  // namespace

Json report_json(const CompileOptions& options, const CompileResult& result) {
  Json out;
  out["schema"] = "xpuq.report/1";
  out["version"] = std::string(version());
  out["model"] = base_name(options.model);
  out["made_from"] = provenance_json(result.provenance);
  out["options"] = options_json(options, result);
  out["totals"] = totals_json(result);
  out["layers"] = Json::array();
  for (const LayerReport& l : result.layers) out["layers"].push_back(layer_json(l, result.coverage));
  out["lowest_sqnr"] = Json::array();
  for (const LayerReport* l : lowest_sqnr(result)) out["lowest_sqnr"].push_back({{"index", l->index}, {"layer", l->title()}, {"sqnr_db", sqnr_json(*l)}});
  out["flow"] = flow_json(result.flow);
  out["notes"] = result.notes;
  return out;
}

}  // namespace xpuq::cli
