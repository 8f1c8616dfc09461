#include "cli/quantization_report.h"

#include <algorithm>

#include "cli/envelope.h"
#include "cli/text_table.h"
#include "quantize/recipe_file.h"
#include "support/file.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

double share(std::uint64_t macs, const Coverage& c) {
  return c.macs_total ? 100.0 * static_cast<double>(macs) / static_cast<double>(c.macs_total) : 0;
}

std::string decibel(const std::optional<float>& db, const char* unmeasured) {
  return !db ? unmeasured : std::isinf(*db) ? "exact" : format_fixed(*db, 1);
}

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

/// The ten layers of the lowest measured ratio of their own output; of the lowest ratio of their weights when none was
/// measured.
std::vector<const LayerReport*> ten_lowest(const CompileResult& result) {
  const bool measured = std::any_of(result.layers.begin(), result.layers.end(), [](const LayerReport& l) { return l.sqnr_db.has_value(); });
  const auto ratio = [&](const LayerReport* l) { return measured ? l->sqnr_db : l->weight_sqnr_db; };
  std::vector<const LayerReport*> rows;
  for (const LayerReport& l : result.layers)
    if (ratio(&l)) rows.push_back(&l);
  std::stable_sort(rows.begin(), rows.end(), [&](const auto* a, const auto* b) { return *ratio(a) < *ratio(b); });
  if (rows.size() > 10) rows.resize(10);
  return rows;
}

std::string placement(const LayerReport& l) { return l.int8 ? "int8" : "float"; }

/// File names only: the same model and options give the same report wherever they lie.
Json options_json(const CompileOptions& o) {
  Json out;
  out["precision"] = to_string(o.precision);
  out["recipe"] = recipe_json(o.recipe);
  out["fusion"] = o.fuse;
  return out;
}

/// What the recipe says beyond its family, a line each.
std::string exceptions(const Recipe& r) {
  std::string out;
  for (const ModuleEntry& e : r.modules) out += "  module " + e.name + ": " + std::string(to_string(e.config)) + "\n";
  for (const OperatorEntry& e : r.operators) out += "  operator " + std::string(to_string(e.type)) + ": " + std::string(to_string(e.config)) + "\n";
  if (r.quantize_matmul) out += "  products of two activations: int8\n";
  if (!r.exclude.empty()) out += "  exclude " + join(r.exclude, ", ") + "\n";
  if (!r.exclude_types.empty()) out += "  exclude operations " + join(r.exclude_types, ", ") + "\n";
  if (!r.only.empty()) out += "  only " + join(r.only, ", ") + "\n";
  return out;
}

}  // namespace

Json report_json(const CompileOptions& options, const CompileResult& result) {
  const Coverage& c = result.coverage;
  Json out;
  out["schema"] = "xpuq.report/1";
  out["version"] = std::string(version());
  out["model"] = base_name(options.model);
  out["options"] = options_json(options);
  out["totals"] = {{"layers_int8", c.layers_int8},
                   {"layers_total", c.layers_total},
                   {"macs_int8", c.macs_int8},
                   {"macs_total", c.macs_total},
                   {"percent", c.percent()},
                   {"conversions", c.conversions},
                   {"conversion_bytes", c.conversion_bytes}};
  out["layers"] = Json::array();
  for (const LayerReport& l : result.layers) {
    Json row;
    row["index"] = l.index;
    row["name"] = l.name;
    row["op"] = l.op;
    row["nodes"] = l.nodes;
    row["shape"] = l.shape;
    row["macs"] = l.macs;
    row["macs_percent"] = share(l.macs, c);
    row["types"] = l.types;
    row["post_ops"] = l.post_ops;
    row["sqnr_db"] = sqnr_json(l);
    row["result"] = placement(l);
    row["wanted"] = l.wanted;
    row["reason"] = l.reason.empty() ? Json(nullptr) : Json(l.reason);
    row["detail"] = l.detail.empty() ? Json(nullptr) : Json(l.detail);
    out["layers"].push_back(std::move(row));
  }
  out["lowest_sqnr"] = Json::array();
  for (const LayerReport* l : ten_lowest(result)) out["lowest_sqnr"].push_back({{"index", l->index}, {"layer", l->nodes.empty() ? l->name : l->nodes[0]}, {"sqnr_db", sqnr_json(*l)}});
  out["notes"] = result.notes;
  return out;
}

std::string report_csv(const CompileResult& result) {
  Rows rows{{"index", "name", "op", "nodes", "shape", "macs", "macs_percent", "types", "post_ops", "result", "wanted",
             "reason", "detail", "sqnr_weights", "sqnr_source", "sqnr_layer", "sqnr_output"}};
  for (const LayerReport& l : result.layers)
    rows.push_back({std::to_string(l.index), l.name, l.op, join(l.nodes, " "), l.shape, std::to_string(l.macs),
                    format_fixed(share(l.macs, result.coverage), 3), l.types, join(l.post_ops, " "), placement(l),
                    l.wanted ? "yes" : "no", l.reason, l.detail, decibel(l.weight_sqnr_db, ""), decibel(l.source_sqnr_db, ""),
                    decibel(l.sqnr_db, ""), decibel(l.output_sqnr_db, "")});
  return to_csv(rows);
}

std::string report_text(const CompileOptions& options, const CompileResult& result) {
  const Coverage& c = result.coverage;
  const Recipe& r = options.recipe;
  std::string out = "xpuq " + std::string(version()) + ", quantization report of " + base_name(options.model) + "\n";
  if (quantizes(options.precision))
    out += std::string(to_string(options.precision)) + ", " + std::string(to_string(r.global)) +
           " activations, weights per " + (r.per_channel_weights ? "channel" : "tensor") + ", recipe " +
           (r.family == RecipeFamily::xpu ? "xpu" : "x86") + (r.method.empty() ? "" : ", method " + r.method) + "\n" + exceptions(r) + "\n";
  else out += std::string(to_string(options.precision)) + "\n\n";
  // Signal to noise in dB: of the weights; of the model's output with only this layer's source quantized; of the
  // layer's own output and of the model's with only this layer in int8.
  Rows rows{{"#", "op", "nodes", "shape", "MACs", "%", "types", "fused", "wei dB", "src dB", "own dB", "out dB", "result"}};
  for (const LayerReport& l : result.layers) {
    std::string verdict = placement(l);
    if (!l.reason.empty()) verdict += ", " + l.reason + (l.detail.empty() ? "" : ": " + l.detail);
    rows.push_back({std::to_string(l.index), l.op, l.nodes.empty() ? l.name : join(l.nodes, " + "), l.shape,
                    std::to_string(l.macs), format_fixed(share(l.macs, c), 1), l.types,
                    l.post_ops.empty() ? "-" : join(l.post_ops, ","), decibel(l.weight_sqnr_db, "-"), decibel(l.source_sqnr_db, "-"),
                    decibel(l.sqnr_db, "-"), decibel(l.output_sqnr_db, "-"), verdict});
  }
  out += align(rows, {0, 4, 5, 8, 9, 10, 11});
  out += "\nint8 layers       " + std::to_string(c.layers_int8) + " of " + std::to_string(c.layers_total) +
         "\nint8 MACs         " + std::to_string(c.macs_int8) + " of " + std::to_string(c.macs_total) + " (" +
         format_fixed(c.percent(), 1) + "%)\nconversions left  " + std::to_string(c.conversions) + ", " +
         format_bytes(c.conversion_bytes) + " per inference\n";
  Rows lowest;
  for (const LayerReport* l : ten_lowest(result))
    lowest.push_back({"lowest SQNR", l->nodes.empty() ? l->name : l->nodes[0], "own", decibel(l->sqnr_db, "-"), "weights", decibel(l->weight_sqnr_db, "-"), "dB"});
  if (!lowest.empty()) out += align(lowest, {3, 5});
  for (const std::string& note : result.notes) out += "note  " + note + "\n";
  return out;
}

Result<void> write_report(Invocation& invocation, const std::string& path, const CompileOptions& options,
                          const CompileResult& result) {
  if (path == "-") {
    invocation.print("\n" + report_text(options, result));
    return {};
  }
  if (path.ends_with(".json"))
    return write_file(path, report_json(options, result).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  return write_file(path, path.ends_with(".csv") ? report_csv(result) : report_text(options, result));
}

}  // namespace xpuq::cli
