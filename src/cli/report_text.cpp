#include <algorithm>

#include "cli/quantization_report.h"
#include "cli/report_figures.h"
#include "cli/text_table.h"
#include "support/file.h"
#include "support/json.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

std::string percent_or(const std::optional<double>& percent, const std::string& unknown) { return percent ? format_fixed(*percent, 4) : unknown; }

/// Scale, zero point and ranges of an activation, as CSV cells.
void add_cells(std::vector<std::string>& row, const ActivationReport& a) {
  const auto both = [&](const std::optional<Interval>& i) {
    row.push_back(i ? format_f32(i->lo) : "");
    row.push_back(i ? format_f32(i->hi) : "");
  };
  row.push_back(a.shape);
  row.push_back(a.scale ? format_f32(*a.scale) : "");
  row.push_back(a.scale ? std::to_string(a.zero_point) : "");
  both(a.observed);
  both(a.chosen);
  row.push_back(percent_or(a.clipped_percent, ""));
}

std::string totals_text(const CompileResult& r) {
  const Coverage& c = r.coverage;
  return "\nint8 layers       " + std::to_string(c.layers_int8) + " of " + std::to_string(c.layers_total) + "\nint8 MACs         " + std::to_string(c.macs_int8) +
         " of " + std::to_string(c.macs_total) + " (" + format_fixed(c.percent(), 1) + "%)\nint8 weights      " + format_bytes(c.weight_bytes_int8) + " of " +
         format_bytes(c.weight_bytes_total) + " in f32\nconversions left  " + std::to_string(c.conversions) + ", " + format_bytes(c.conversion_bytes) +
         " per inference\n";
}

}  // namespace

std::string report_csv(const CompileResult& result) {
  Rows rows{{"index", "name", "op", "nodes", "shape", "macs", "macs_percent", "types", "post_ops", "result", "wanted", "reason", "detail", "sqnr_weights",
             "sqnr_source", "sqnr_layer", "sqnr_output", "weight_shape", "weight_scale_min", "weight_scale_max"}};
  for (const std::string end : {"source_", "destination_"})
    for (const char* column : {"shape", "scale", "zero_point", "observed_min", "observed_max", "chosen_min", "chosen_max", "clipped_percent"}) rows[0].push_back(end + column);
  for (const LayerReport& l : result.layers) {
    std::vector<std::string> row{std::to_string(l.index), l.name, l.op, join(l.nodes, " "), l.shape, std::to_string(l.macs),
                                 format_fixed(macs_percent(l, result.coverage), 3), l.types, join(l.post_ops, " "), l.int8 ? "int8" : "float",
                                 l.wanted ? "yes" : "no", l.reason, l.detail, decibels(l.weight_sqnr_db, ""), decibels(l.source_sqnr_db, ""),
                                 decibels(l.sqnr_db, ""), decibels(l.output_sqnr_db, ""), l.weights.shape, l.weights.scale ? format_f32(l.weights.scale->lo) : "",
                                 l.weights.scale ? format_f32(l.weights.scale->hi) : ""};
    add_cells(row, l.source);
    add_cells(row, l.destination);
    rows.push_back(std::move(row));
  }
  return to_csv(rows);
}

std::string report_text(const CompileOptions& options, const CompileResult& result) {
  std::string out = "xpuq " + std::string(version()) + ", quantization report of " + base_name(options.model) + "\n";
  Rows words;
  for (const auto& [name, text] : recipe_words(options, result)) words.push_back({"  " + name, text});
  out += align(words) + "\n";
  // Signal to noise in dB: of the weights; of the model's output with only this layer's source quantized; of the
  // layer's own output and of the model's with only this layer in int8.
  Rows rows{{"#", "op", "nodes", "shape", "MACs", "%", "types", "fused", "clipped %", "wei dB", "src dB", "own dB", "out dB", "result"}};
  for (const LayerReport& l : result.layers) {
    std::string verdict = l.int8 ? "int8" : "float";
    if (!l.reason.empty()) verdict += ", " + l.reason + (l.detail.empty() ? "" : ": " + l.detail);
    rows.push_back({std::to_string(l.index), l.op, l.nodes.empty() ? l.name : join(l.nodes, " + "), l.shape, std::to_string(l.macs),
                    format_fixed(macs_percent(l, result.coverage), 1), l.types, l.post_ops.empty() ? "-" : join(l.post_ops, ","),
                    percent_or(l.source.clipped_percent, "-"), decibels(l.weight_sqnr_db, "-"), decibels(l.source_sqnr_db, "-"),
                    decibels(l.sqnr_db, "-"), decibels(l.output_sqnr_db, "-"), verdict});
  }
  out += align(rows, {0, 4, 5, 8, 9, 10, 11, 12}) + totals_text(result);
  const bool measured = has_measured_layers(result);
  Rows lowest;
  for (const LayerReport* l : lowest_sqnr(result)) lowest.push_back({"lowest SQNR", decibels(ranking_sqnr(*l, measured), "-"), "dB", measured ? "layer" : "weights", l->title()});
  out += align(lowest, {1});
  for (const std::string& note : result.notes) out += "note  " + note + "\n";
  return out;
}

}  // namespace xpuq::cli
