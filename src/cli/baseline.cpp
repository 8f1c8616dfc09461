#include "cli/baseline.h"

#include <algorithm>
#include <optional>

#include "cli/usage_error.h"
#include "support/file.h"
#include "support/json.h"
#include "support/sha256.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

constexpr const char* kSchema = "xpuq.baseline/1";

/// A figure of the result document, and how it may move.
struct Figure {
  const char* part;       ///< key of the result: which kind of run has it
  const char* path;       ///< JSON pointer inside the part
  const char* name;       ///< for people
  bool higher_is_better;
  const char* tolerance;  ///< key of the file's tolerances
  bool relative;
};
constexpr Figure kFigures[] = {
    {"accuracy", "/top1", "top-1", true, "accuracy_points", false},
    {"accuracy", "/top5", "top-5", true, "accuracy_points", false},
    {"reference", "/top1_agreement", "top-1 agreement", true, "accuracy_points", false},
    {"reference", "/sqnr_db", "SQNR", true, "sqnr_db", false},
    {"bench", "/throughput", "throughput", true, "time_share", true},
    {"bench", "/latency_ms/percentiles/50", "latency p50", false, "time_share", true},
    {"bench", "/latency_ms/percentiles/90", "latency p90", false, "time_share", true},
    {"bench", "/latency_ms/percentiles/95", "latency p95", false, "time_share", true},
    {"bench", "/latency_ms/percentiles/99", "latency p99", false, "time_share", true},
};
/// Points of accuracy, dB, and share of a time that a later run may lose. Int8 answers are the same everywhere, so only
/// float layers and timings need room.
Json default_tolerances() { return {{"accuracy_points", 0.1}, {"sqnr_db", 0.5}, {"time_share", 0.15}}; }

std::optional<double> number_at(const Json& document, const std::string& path) {
  const Json::json_pointer pointer(path);
  if (!document.contains(pointer) || !document.at(pointer).is_number()) return std::nullopt;
  return document.at(pointer).get<double>();
}

std::string pointer_of(const Figure& f) { return std::string("/") + f.part + f.path; }

Result<std::string> hash_of(const std::string& artifact) {
  XPUQ_ASSIGN(const MappedFile file, map_file(artifact, "E502"));
  return sha256_hex(file.bytes);
}

Result<Json> read_baseline(const std::string& path) {
  XPUQ_ASSIGN(const MappedFile file, map_file(path, kBadValue));
  const std::string_view text(reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size());
  XPUQ_ASSIGN(Json document, parse_json(text, kBadValue, path));
  if (!document.is_object() || document.value("schema", Json()) != kSchema)
    return make_error(kBadValue, path, "not a baseline of xpuq-run", {}, std::string("\"schema\": \"") + kSchema + "\"", "xpuq-run ... --write-baseline " + path);
  return document;
}

std::string device_of(const Json& document) {
  const Json::json_pointer name("/device/name");
  return document.contains(name) && document.at(name).is_string() ? document.at(name).get<std::string>() : "";
}

}  // namespace

Result<void> write_baseline(Invocation& invocation, const std::string& artifact, const std::string& path) {
  const Json& result = invocation.result();
  XPUQ_ASSIGN(const std::string hash, hash_of(artifact));
  Json out = {{"schema", kSchema}, {"artifact", {{"sha256", hash}}}, {"tolerances", default_tolerances()}, {"figures", Json::object()}};
  if (file_exists(path)) {
    XPUQ_ASSIGN(const Json before, read_baseline(path));
    if (before.value("artifact", Json()) == out["artifact"]) {
      out["figures"] = before.value("figures", Json::object());
      if (before.contains("device")) out["device"] = before["device"];
    }
    if (before.value("tolerances", Json()).is_object()) out["tolerances"].update(before["tolerances"]);
  }
  for (const Figure& f : kFigures)
    if (const auto value = number_at(result, pointer_of(f))) out["figures"][Json::json_pointer(pointer_of(f))] = *value;
  if (result.contains("bench")) out["device"] = {{"name", device_of(result)}};
  return write_file(path, out.dump(1) + "\n");
}

Result<void> check_baseline(Invocation& invocation, const std::string& artifact, const std::string& path) {
  XPUQ_ASSIGN(const Json baseline, read_baseline(path));
  XPUQ_ASSIGN(const std::string hash, hash_of(artifact));
  Json& result = invocation.result();
  Json& out = result["baseline"] = {{"file", path}, {"checks", Json::array()}};
  const Json::json_pointer known("/artifact/sha256");
  out["same_artifact"] = baseline.contains(known) && baseline.at(known) == hash;
  const Json figures = baseline.value("figures", Json::object());
  const bool same_device = device_of(baseline) == device_of(result);
  if (result.contains("bench") && figures.contains("bench") && !same_device)
    invocation.warn("W025", path + " has timings of another device (" + device_of(baseline) + "): they are not compared");
  std::size_t compared = 0, worse = 0;
  for (const Figure& f : kFigures) {
    const auto expected = number_at(figures, pointer_of(f));
    if (!expected || !result.contains(f.part) || (std::string_view(f.part) == "bench" && !same_device)) continue;
    const double tolerance = std::max(0.0, number_at(baseline, std::string("/tolerances/") + f.tolerance).value_or(default_tolerances()[f.tolerance].get<double>()));
    const double room = f.relative ? tolerance * *expected : tolerance;
    const double limit = f.higher_is_better ? *expected - room : *expected + room;
    const auto got = number_at(result, pointer_of(f));
    const bool good = got && (f.higher_is_better ? *got >= limit : *got <= limit);
    ++compared;
    worse += !good;
    out["checks"].push_back({{"figure", f.name}, {"got", got ? Json(*got) : Json()}, {"baseline", *expected}, {"limit", limit}, {"ok", good}});
    if (!good)
      invocation.miss(make_error("E611", "--baseline " + path, std::string(f.name) + (got ? " is worse than the baseline" : " was not measured"), got ? format_fixed(*got, 3) : std::string(),
                                 std::string(f.higher_is_better ? "at least " : "at most ") + format_fixed(limit, 3) + " (the baseline's " + format_fixed(*expected, 3) + ")",
                                 "--write-baseline " + path + " if this is wanted"));
  }
  if (compared == 0)
    invocation.miss(make_error("E611", "--baseline " + path, "has no figure that this run measured", {}, "figures of the same kind of run", "--write-baseline " + path + " with the options of this run"));
  invocation.print("baseline   " + path + ": " + std::to_string(compared - worse) + " of " + std::to_string(compared) + " figures hold" + (out["same_artifact"].get<bool>() ? "" : ", another artifact"));
  return {};
}

}  // namespace xpuq::cli
