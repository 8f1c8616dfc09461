// The table of the report. All of it is there without JavaScript; the script adds sorting, the filter, and closes the
// details.
#include <cmath>

#include "cli/html_parts.h"
#include "cli/html_text.h"
#include "cli/report_figures.h"
#include "support/json.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

struct Column {
  std::string_view title, key, css;  ///< `key`: path in a layer of the JSON report that the script sorts by
};

std::vector<Column> columns_of(const CompileResult& result) {
  std::vector<Column> columns{{"#", "index", "number"}, {"Layer", "nodes.0", "wide"}, {"Operation", "op", "more"}, {"Output", "shape", "more"},
                              {"Types", "types", "more"}, {"Runs in", "result", ""}, {"MACs %", "macs_percent", "number"}, {"Clipped %", "source.clipped_percent", "number most"}};
  const bool measured = has_measured_layers(result);
  if (measured) columns.insert(columns.end(), {{"Layer dB", "sqnr_db.layer", "number"}, {"Output dB", "sqnr_db.output", "number most"}});
  columns.push_back({"Weights dB", "sqnr_db.weights", measured ? "number more" : "number"});
  return columns;
}

std::string cell_html(std::string_view key, const LayerReport& l, const CompileResult& result) {
  if (key == "index") return std::to_string(l.index);
  if (key == "nodes.0") return name_html(l.title());
  if (key == "op") return escape_html(l.op + (l.post_ops.empty() ? "" : " + " + join(l.post_ops, " + ")));
  if (key == "shape") return escape_html(l.shape);
  if (key == "types") return escape_html(l.types);
  if (key == "result") return badge(l.int8 ? Arithmetic::int8 : Arithmetic::floating);
  if (key == "macs_percent") return format_fixed(macs_percent(l, result.coverage), 2);
  if (key == "source.clipped_percent") return l.source.clipped_percent ? format_fixed(*l.source.clipped_percent, 3) : "–";
  if (key == "sqnr_db.layer") return decibels(l.sqnr_db, "–");
  if (key == "sqnr_db.output") return decibels(l.output_sqnr_db, "–");
  return decibels(l.weight_sqnr_db, "–");
}

std::string weights_html(const WeightReport& w) {
  std::string out = escape_html(w.shape);
  if (!w.scale) return out;
  out += ", " + std::to_string(w.scales) + (w.scales == 1 ? " scale " : " scales ") + format_f32(w.scale->lo);
  return w.scales == 1 ? out : out + " to " + format_f32(w.scale->hi);
}

std::string detail_html(const LayerReport& l, const CompileResult& result) {
  std::string nodes;
  for (const std::string& node : l.nodes) nodes += (nodes.empty() ? "" : "<br>") + name_html(node);
  std::string reason = l.reason.empty() ? "" : escape_html(l.reason + (l.detail.empty() ? "" : ": " + l.detail));
  const auto db = [](const std::optional<float>& ratio) { return ratio ? decibels(ratio, "") + (std::isinf(*ratio) ? "" : " dB") : ""; };
  return "<dl>" + definition("Your nodes", nodes) + definition("Value", name_html(l.name)) + definition("Primitive", escape_html(l.op)) + definition("Fused", escape_html(join(l.post_ops, ", "))) +
         definition("Source", escape_html(l.source.shape)) + definition("Weights", weights_html(l.weights)) + definition("Output", escape_html(l.shape)) + definition("Types", escape_html(l.types)) +
         definition("Multiply-adds", std::to_string(l.macs) + " (" + format_fixed(macs_percent(l, result.coverage), 2) + " %)") +
         definition("SQNR of weights", db(l.weight_sqnr_db)) + definition("SQNR of the layer", db(l.sqnr_db)) +
         definition("SQNR at the model's output", db(l.output_sqnr_db)) + definition("the same, source alone int8", db(l.source_sqnr_db)) +
         definition("Runs in", badge(l.int8 ? Arithmetic::int8 : Arithmetic::floating)) + definition("Reason", reason) + "</dl>" + histogram_figure("Source", l.source) +
         histogram_figure("Output", l.destination);
}

}  // namespace

std::string layer_table(const CompileResult& result) {
  const std::vector<Column> columns = columns_of(result);
  const std::string_view ranking = lowest_sqnr(result).empty() ? "index" : has_measured_layers(result) ? "sqnr_db.layer" : "sqnr_db.weights";
  std::string out = "<table id=\"layers\"><thead><tr>";
  for (const Column& c : columns)
    out += "<th scope=\"col\" class=\"" + std::string(c.css) + "\" data-key=\"" + std::string(c.key) + "\"" + (c.key == ranking ? " aria-sort=\"ascending\"" : "") + ">" + std::string(c.title) + "</th>";
  out += "</tr></thead>\n";
  for (const LayerReport* l : worst_first(result)) {
    const std::string index = std::to_string(l->index);
    out += "<tbody id=\"layer-" + index + "\" data-layer=\"" + std::to_string(l - result.layers.data()) + "\"><tr>";
    for (const Column& c : columns) {
      const std::string_view tag = c.key == "nodes.0" ? "th" : "td";
      out += "<" + std::string(tag) + (tag == "th" ? " scope=\"row\"" : "") + " class=\"" + std::string(c.css) + "\">" + cell_html(c.key, *l, result) + "</" + std::string(tag) + ">";
    }
    out += "</tr><tr class=\"detail\" id=\"detail-" + index + "\"><td colspan=\"" + std::to_string(columns.size()) + "\"><div class=\"facts\">" + detail_html(*l, result) + "</div></td></tr></tbody>\n";
  }
  return out + "</table>";
}

}  // namespace xpuq::cli
