#include "cli/bench_output.h"

#include "cli/text_table.h"
#include "cli/usage_error.h"
#include "support/file.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

/// "50", "99.9": as a user writes a percentile.
std::string percent_name(double p) {
  std::string text = format_fixed(p, 4);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

/// Milliseconds with three figures where they are small.
std::string ms(double value) { return format_fixed(value, value < 1 ? 4 : value < 10 ? 3 : 2); }

const char* count_name(BenchOptions::Count count) {
  switch (count) {
    case BenchOptions::Count::compute: return "compute";
    case BenchOptions::Count::transfer: return "transfer";
    case BenchOptions::Count::all: return "all";
  }
  return "";
}

std::string layer_name(const LayerTime& l) { return l.nodes.empty() ? l.op : join(l.nodes, " + "); }

std::string layer_table(const std::vector<LayerTime>& layers) {
  Rows rows{{"#", "ms", "%", "op", "types", "primitive", "implementation", "nodes"}};
  double total = 0;
  for (const LayerTime& l : layers) {
    rows.push_back({std::to_string(l.index), ms(l.mean_ms), format_fixed(l.percent, 1), l.op, l.types, l.primitive,
                    l.implementation, layer_name(l)});
    total += l.mean_ms;
  }
  return align(rows, {0, 1, 2}) + "total " + ms(total) + " ms\n";
}

std::string layer_csv(const std::vector<LayerTime>& layers) {
  Rows rows{{"index", "op", "nodes", "types", "primitive", "implementation", "mean_ms", "percent"}};
  for (const LayerTime& l : layers)
    rows.push_back({std::to_string(l.index), l.op, join(l.nodes, " "), l.types, l.primitive, l.implementation,
                    format_f64(l.mean_ms), format_fixed(l.percent, 3)});
  return to_csv(rows);
}

/// The trace event format that chrome://tracing and Perfetto read: mean times, one layer after the other.
std::string layer_trace(const std::vector<LayerTime>& layers) {
  Json events = Json::array();
  double at = 0;
  for (const LayerTime& l : layers) {
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
                        {"percent", l.percent}}}});
    at += us;
  }
  const Json document = {{"displayTimeUnit", "ms"}, {"traceEvents", std::move(events)}};
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

void tell_bench(Invocation& invocation, const RunRequest& request, const BenchResult& r,
                const std::optional<DeviceInfo>& device) {
  Json percentiles = Json::object();
  std::string line = "latency ms  min " + ms(r.min) + "  mean " + ms(r.mean);
  for (const double p : request.percentiles) {
    const double value = percentile(r.latency_ms, p);
    percentiles[percent_name(p)] = value;
    line += "  p" + percent_name(p) + " " + ms(value);
  }
  line += "  max " + ms(r.max) + "   (" + count_name(request.bench.count) + ")";

  invocation.result()["bench"] = {{"batch", r.batch},
                                  {"streams", r.streams},
                                  {"iterations", r.iterations},
                                  {"seconds", r.seconds},
                                  {"throughput", r.throughput},
                                  {"latency_ms",
                                   {{"min", r.min},
                                    {"mean", r.mean},
                                    {"median", r.median},
                                    {"max", r.max},
                                    {"std", r.std},
                                    {"percentiles", percentiles}}},
                                  {"load_ms", r.load_ms},
                                  {"first_ms", r.first_ms},
                                  {"memory_bytes", r.memory_bytes},
                                  {"peak_rss_bytes", r.peak_rss_bytes}};
  const double executed = static_cast<double>(r.instructions), a_second = executed * r.throughput / static_cast<double>(r.batch);
  if (r.instructions != 0) {
    Json& json = invocation.result()["bench"];
    json["instructions"] = r.instructions;
    json["instructions_per_second"] = a_second;
  }
  if (device) invocation.print("device      " + device->name + " (" + device->id + "), " + device->library);
  invocation.print("throughput  " + format_fixed(r.throughput, 1) + " infer/s   batch " + std::to_string(r.batch) +
                   "   streams " + std::to_string(r.streams) + "   " + std::to_string(r.iterations) +
                   " iterations in " + format_fixed(r.seconds, 3) + " s");
  invocation.print(line);
  if (r.instructions != 0)
    invocation.print("executed    " + format_fixed(executed / 1e6, 2) + " M instructions an inference, " +
                     format_fixed(a_second / 1e6, 1) + " M/s");
  invocation.print("load        open " + format_fixed(r.load_ms / 1e3, 3) + " s, first inference " + ms(r.first_ms) +
                   " ms, device memory " + format_bytes(r.memory_bytes) + ", process peak " +
                   format_bytes(r.peak_rss_bytes));
}

Result<void> write_times(const std::string& path, const BenchResult& result) {
  if (path.ends_with(".json")) {
    Json rows = Json::array();
    for (std::size_t i = 0; i < result.latency_ms.size(); ++i)
      rows.push_back({{"iteration", i}, {"latency_ms", result.latency_ms[i]}});
    return write_file(path, rows.dump(0) + "\n");
  }
  std::string csv = "iteration,latency_ms\n";
  for (std::size_t i = 0; i < result.latency_ms.size(); ++i)
    csv += std::to_string(i) + "," + format_f64(result.latency_ms[i]) + "\n";
  return write_file(path, csv);
}

void check_targets(Invocation& invocation, const RunRequest& request, const BenchResult& result) {
  if (const auto& target = request.targets.latency) {
    const double reached = percentile(result.latency_ms, target->percentile);
    if (!(reached <= target->seconds * 1e3))
      invocation.miss(make_error("E608", "--max-latency " + *invocation.arguments().value("--max-latency"),
                                 "percentile " + percent_name(target->percentile) + " is " + ms(reached) + " ms", {},
                                 "at most " + ms(target->seconds * 1e3) + " ms"));
  }
  if (const auto& least = request.targets.throughput; least && !(result.throughput >= *least))
    invocation.miss(make_error("E609", "--min-throughput " + *invocation.arguments().value("--min-throughput"),
                               "reached " + format_fixed(result.throughput, 1) + " infer/s"));
}

Result<void> tell_layer_times(Invocation& invocation, const std::string& path, const std::vector<LayerTime>& layers) {
  Json& list = invocation.result()["layers"] = Json::array();
  for (const LayerTime& l : layers)
    list.push_back({{"index", l.index},
                    {"nodes", l.nodes},
                    {"op", l.op},
                    {"primitive", l.primitive},
                    {"impl", l.implementation},
                    {"types", l.types},
                    {"ms", {{"mean", l.mean_ms}}},
                    {"percent", l.percent}});
  if (path.empty() || path == "-") {
    invocation.print(layer_table(layers));
    return {};
  }
  if (path.ends_with(".json")) return write_file(path, layer_trace(layers));
  return write_file(path, path.ends_with(".csv") ? layer_csv(layers) : layer_table(layers));
}

}  // namespace xpuq::cli
