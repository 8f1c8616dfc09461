#include "cli/layer_times_output.h"

#include <algorithm>

#include "cli/text_table.h"
#include "support/file.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

std::string layer_name(const LayerTime& l) { return l.nodes.empty() ? l.op : join(l.nodes, " + "); }

/// Operations per second that the roofs allow at this layer's operations per byte of memory.
double roof(const StepWork& w, const Roofs& roofs) {
  if (w.dram_bytes == 0) return roofs.operations;
  return std::min(roofs.operations, static_cast<double>(w.operations) / static_cast<double>(w.dram_bytes) * roofs.bytes);
}

double operations_per_second(const LayerTime& l) {
  return l.mean_ms > 0 ? static_cast<double>(l.work.operations) / (l.mean_ms * 1e-3) : 0;
}

std::string giga(double per_second) { return per_second > 0 ? format_fixed(per_second * 1e-9, per_second < 1e10 ? 1 : 0) : "-"; }

/// Measured times beside the roofs of the machine. A layer can be above the roof where its kernel needs fewer products than
/// the direct sum (Winograd), or where its operands are still in a cache.
std::string layer_table(const LayerProfile& profile) {
  Rows rows{{"#", "ms", "%", "GOPS", "GB/s", "of roof", "op", "types", "primitive", "implementation", "nodes"}};
  double total = 0;
  for (const LayerTime& l : profile.layers) {
    const double seconds = std::max(l.mean_ms * 1e-3, 1e-12), bytes = static_cast<double>(l.work.dram_bytes) / seconds;
    const bool compute = l.work.operations > 0 && profile.roofs.operations > 0, memory = profile.roofs.bytes > 0;
    const double part = compute ? operations_per_second(l) / roof(l.work, profile.roofs) : memory ? bytes / profile.roofs.bytes : 0;
    rows.push_back({std::to_string(l.index), format_ms(l.mean_ms), format_fixed(l.percent, 1), giga(operations_per_second(l)), giga(bytes),
                    compute || memory ? format_fixed(100 * part, 0) + "%" : "-", l.op, l.types, l.primitive, l.implementation, layer_name(l)});
    total += l.mean_ms;
  }
  std::string text = align(rows, {0, 1, 2, 3, 4, 5}) + "total " + format_ms(total) + " ms";
  if (profile.roofs.bytes > 0) text += "; measured roofs: " + giga(profile.roofs.operations) + " GOPS int8, " + giga(profile.roofs.bytes) + " GB/s of memory";
  return text + "\n";
}

/// The roofline: what each layer needs of the part, what limits it, and how near it comes to what is possible.
std::string roofline_table(const LayerProfile& profile) {
  Rows rows{{"#", "predicted us", "%", "limit", "TOPS", "of roof", "instructions", "dpas", "SLM KiB", "L1 KiB", "L2 KiB", "memory KiB", "groups", "implementation", "nodes"}};
  const auto kib = [](std::uint64_t bytes) { return std::to_string((bytes + 1023) / 1024); };
  double total = 0;
  std::uint64_t operations = 0;
  for (const LayerTime& l : profile.layers) {
    const StepWork& w = l.work;
    total += l.mean_ms;
    operations += w.operations;
    if (w.groups == 0) continue;  // part of another step's kernel
    rows.push_back({std::to_string(l.index), format_fixed(l.mean_ms * 1e3, 1), format_fixed(l.percent, 1), std::string(to_string(w.bound)),
                    format_fixed(operations_per_second(l) * 1e-12, 2), format_fixed(100 * operations_per_second(l) / std::max(roof(w, profile.roofs), 1.0), 0) + "%",
                    std::to_string(w.instructions), std::to_string(w.systolic), kib(w.local_bytes), kib(w.l1_bytes), kib(w.l2_bytes), kib(w.dram_bytes),
                    std::to_string(w.groups), l.implementation, layer_name(l)});
  }
  return align(rows, {0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12}) + "predicted " + format_ms(total) + " ms, " + format_fixed(static_cast<double>(operations) / std::max(total, 1e-9) * 1e-9, 2) +
         " TOPS; the part: " + format_fixed(profile.roofs.operations * 1e-12, 1) + " TOPS, " + format_fixed(profile.roofs.bytes * 1e-9, 0) + " GB/s\n";
}

std::string layer_csv(const LayerProfile& profile) {
  const char* time = profile.predicted ? "predicted_ms" : "mean_ms";
  Rows rows{{"index", "op", "nodes", "types", "primitive", "implementation", time, "percent"}};
  rows[0].insert(rows[0].end(), {"operations", "dram_bytes"});
  if (profile.predicted) rows[0].insert(rows[0].end(), {"limit", "instructions", "dpas", "local_bytes", "l1_bytes", "l2_bytes"});
  for (const LayerTime& l : profile.layers) {
    rows.push_back({std::to_string(l.index), l.op, join(l.nodes, " "), l.types, l.primitive, l.implementation, format_f64(l.mean_ms), format_fixed(l.percent, 3)});
    const StepWork& w = l.work;
    for (const std::uint64_t n : {w.operations, w.dram_bytes}) rows.back().push_back(std::to_string(n));
    if (!profile.predicted) continue;
    rows.back().push_back(std::string(to_string(w.bound)));
    for (const std::uint64_t n : {w.instructions, w.systolic, w.local_bytes, w.l1_bytes, w.l2_bytes}) rows.back().push_back(std::to_string(n));
  }
  return to_csv(rows);
}

/// The trace event format that chrome://tracing and Perfetto read: mean times, one layer after the other.
std::string layer_trace(const LayerProfile& profile) {
  Json events = Json::array();
  double at = 0;
  for (const LayerTime& l : profile.layers) {
    const double us = l.mean_ms * 1e3;
    events.push_back({{"name", layer_name(l)},
                      {"cat", l.op},
                      {"ph", "X"},
                      {"ts", at},
                      {"dur", us},
                      {"pid", 0},
                      {"tid", 0},
                      {"args",
                       {{"index", l.index},
                        {"primitive", l.primitive},
                        {"implementation", l.implementation},
                        {"types", l.types},
                        {"percent", l.percent},
                        {"predicted", profile.predicted}}}});
    at += us;
  }
  const Json document = {{"displayTimeUnit", "ms"}, {"traceEvents", std::move(events)}};
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json work_json(const StepWork& w) {
  return {{"operations", w.operations}, {"instructions", w.instructions},
          {"by_pipe", {{"integer", w.integer}, {"float", w.floating}, {"math", w.math}, {"dpas", w.systolic}, {"messages", w.messages}, {"control", w.control}}},
          {"register_bytes", w.register_bytes}, {"local_bytes", w.local_bytes}, {"l1_bytes", w.l1_bytes}, {"l2_bytes", w.l2_bytes}, {"dram_bytes", w.dram_bytes},
          {"groups", w.groups}, {"threads", w.threads}};
}

}  // namespace

Result<void> tell_layer_times(Invocation& invocation, const std::string& path, const LayerProfile& profile) {
  Json& list = invocation.result()["layers"] = Json::array();
  for (const LayerTime& l : profile.layers) {
    list.push_back({{"index", l.index},
                    {"nodes", l.nodes},
                    {"op", l.op},
                    {"primitive", l.primitive},
                    {"impl", l.implementation},
                    {"types", l.types},
                    {"ms", {{profile.predicted ? "predicted" : "mean", l.mean_ms}}},
                    {"percent", l.percent}});
    if (!profile.predicted) {
      list.back()["operations"] = l.work.operations;
      list.back()["bytes"] = l.work.dram_bytes;
      continue;
    }
    list.back()["limit"] = to_string(l.work.bound);
    list.back()["work"] = work_json(l.work);
  }
  if (profile.roofs.bytes > 0) invocation.result()["roofs"] = {{"operations_per_second", profile.roofs.operations}, {"bytes_per_second", profile.roofs.bytes}};
  const std::string table = profile.predicted ? roofline_table(profile) : layer_table(profile);
  if (path.empty() || path == "-") {
    invocation.print(table);
    return {};
  }
  if (path.ends_with(".json")) return write_file(path, layer_trace(profile));
  return write_file(path, path.ends_with(".csv") ? layer_csv(profile) : table);
}

}  // namespace xpuq::cli
