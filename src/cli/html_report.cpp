// The HTML form of the quantization report. Static parts lie in src/cli/report and are compiled in (page_files.h).
#include <algorithm>

#include "cli/html_parts.h"
#include "cli/html_text.h"
#include "cli/page_files.h"
#include "cli/quantization_report.h"
#include "cli/report_figures.h"
#include "support/file.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

std::string tile(const std::string& figure, const std::string& words) { return "<li><b>" + figure + "</b> " + words + "</li>"; }

std::string percent(std::uint64_t part, std::uint64_t whole) { return whole ? format_fixed(100.0 * static_cast<double>(part) / static_cast<double>(whole), 1) + " %" : "–"; }

std::string tiles(const CompileOptions& options, const CompileResult& r) {
  const Coverage& c = r.coverage;
  std::string out;
  if (quantizes(options.precision))
    out += tile(percent(c.macs_int8, c.macs_total), "of multiply-adds in int8") + tile(std::to_string(c.layers_int8) + " of " + std::to_string(c.layers_total), "layers in int8") +
           tile(percent(c.weight_bytes_int8, c.weight_bytes_total), "of weights in int8");
  return out + tile(std::to_string(c.conversions), "conversions left, " + format_bytes(c.conversion_bytes) + " an inference") +
         tile(format_bytes(r.bytes), "artifact; f32 weights are " + format_bytes(r.f32_bytes));
}

std::string options_html(const CompileOptions& options, const CompileResult& result) {
  std::string out;
  for (const auto& [name, words] : recipe_words(options, result)) out += definition(name, name_html(words));
  return out;
}

std::string made_from(const Provenance& p) {
  std::string out = definition("xpuq", std::string(version())) + definition("model", escape_html(p.model_format + ", " + p.model_version)) + definition("graph SHA-256", p.graph_sha256) +
                    definition("weights SHA-256", p.weights_sha256);
  if (p.profile_sha256.empty()) return out;
  return out + definition("profile", name_html(p.profile) + ", " + std::to_string(p.samples) + " samples") + definition("profile SHA-256", p.profile_sha256) + definition("range method", escape_html(p.method));
}

/// The line under the title.
std::string summary(const CompileOptions& options, const Provenance& p) {
  std::string out = "xpuq " + std::string(version()) + ", " + std::string(to_string(options.precision)) + " from " + escape_html(p.model_format) + ", graph " + p.graph_sha256.substr(0, 12);
  if (!p.profile_sha256.empty()) out += ", profile " + name_html(p.profile) + " (" + p.profile_sha256.substr(0, 12) + ") of " + std::to_string(p.samples) + " samples";
  return out;
}

std::string lowest(const CompileResult& result) {
  const std::vector<const LayerReport*> rows = lowest_sqnr(result);
  if (rows.empty()) return "<p>No layer has int8 weights.</p>";
  const bool measured = has_measured_layers(result);
  std::string out = measured ? "<p>Of the output of the layer alone in int8, measured by calibration:</p><ol>" : "<p>Of the weights; what layers lose was not measured (xpuq-calibrate --sqnr):</p><ol>";
  for (const LayerReport* l : rows)
    out += "<li><a href=\"#layer-" + std::to_string(l->index) + "\">" + name_html(l->title()) + "</a> <b>" + decibels(ranking_sqnr(*l, measured), "–") + " dB</b></li>";
  return out + "</ol>";
}

/// Those that move most first.
std::string conversions(const CompileResult& result) {
  std::vector<const FlowStep*> rows;
  for (const FlowStep& s : result.flow.steps)
    if (s.arithmetic == Arithmetic::conversion) rows.push_back(&s);
  if (rows.empty()) return "<p>None.</p>";
  std::stable_sort(rows.begin(), rows.end(), [](const FlowStep* a, const FlowStep* b) { return a->bytes > b->bytes; });
  std::string out = "<table><thead><tr><th scope=\"col\">Step</th><th scope=\"col\">Value</th><th scope=\"col\">Types</th><th scope=\"col\" class=\"number\">Moves</th></tr></thead><tbody>";
  for (const FlowStep* s : rows)
    out += "<tr><td>" + std::to_string(s->index) + "</td><td class=\"wide\">" + name_html(s->name) + "</td><td>" + escape_html(s->source_type + " → " + s->type) + "</td><td class=\"number\">" +
           format_bytes(s->bytes) + "</td></tr>";
  return out + "</tbody></table>";
}

std::string notes(const CompileResult& result) {
  if (result.notes.empty()) return "<p>None.</p>";
  std::string out = "<ul>";
  for (const std::string& note : result.notes) out += "<li>" + shorten_html(note, 1000) + "</li>";
  return out + "</ul>";
}

}  // namespace

std::string report_html(const CompileOptions& options, const CompileResult& result) {
  const std::string json = report_json(options, result).dump(-1, ' ', false, Json::error_handler_t::replace);
  return fill(kReportPage, {{"model", name_html(base_name(options.model))},
                            {"title", shorten_html(base_name(options.model), 200)},
                            {"style", std::string(kReportStyle)},
                            {"style-digest", script_digest(kReportStyle)},
                            {"script", std::string(kReportScript)},
                            {"script-digest", script_digest(kReportScript)},
                            {"summary", summary(options, result.provenance)},
                            {"tiles", tiles(options, result)},
                            {"made-from", made_from(result.provenance)},
                            {"options", options_html(options, result)},
                            {"strip", flow_strip(result)},
                            {"flow", flow_graph(result)},
                            {"lowest", lowest(result)},
                            {"conversions", conversions(result)},
                            {"notes", notes(result)},
                            {"layers", layer_table(result)},
                            {"json", escape_script(json)}});
}

}  // namespace xpuq::cli
