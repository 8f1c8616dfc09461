#include "cli/bench_output.h"

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

const char* count_name(BenchOptions::Count count) {
  switch (count) {
    case BenchOptions::Count::compute: return "compute";
    case BenchOptions::Count::transfer: return "transfer";
    case BenchOptions::Count::all: return "all";
  }
  return "";
}

}  // namespace

void tell_bench(Invocation& invocation, const RunRequest& request, const BenchResult& r,
                const std::optional<DeviceInfo>& device) {
  Json percentiles = Json::object();
  std::string line = "latency ms  min " + format_ms(r.min) + "  mean " + format_ms(r.mean);
  for (const double p : request.percentiles) {
    const double value = percentile(r.latency_ms, p);
    percentiles[percent_name(p)] = value;
    line += "  p" + percent_name(p) + " " + format_ms(value);
  }
  line += "  max " + format_ms(r.max) + "   (" + count_name(request.bench.count) + ")";

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
  invocation.print("load        open " + format_fixed(r.load_ms / 1e3, 3) + " s, first inference " + format_ms(r.first_ms) +
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
                                 "percentile " + percent_name(target->percentile) + " is " + format_ms(reached) + " ms", {},
                                 "at most " + format_ms(target->seconds * 1e3) + " ms"));
  }
  if (const auto& least = request.targets.throughput; least && !(result.throughput >= *least))
    invocation.miss(make_error("E609", "--min-throughput " + *invocation.arguments().value("--min-throughput"),
                               "reached " + format_fixed(result.throughput, 1) + " infer/s"));
}

}  // namespace xpuq::cli
