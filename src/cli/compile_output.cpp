#include "cli/compile_output.h"

#include <algorithm>

#include "cli/envelope.h"
#include "cli/report_figures.h"
#include "cli/text_table.h"
#include "support/file.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

std::string summary(const CompileOptions& options, const CompileResult& r) {
  const Coverage& c = r.coverage;
  std::string out = base_name(r.output) + ": " + format_bytes(r.bytes) + " (f32 " + format_bytes(r.f32_bytes) + ")";
  if (quantizes(r.precision))
    out += ", " + std::string(to_string(r.precision)) + " " + std::to_string(c.layers_int8) + "/" + std::to_string(c.layers_total) + " layers, " +
           format_fixed(c.percent(), 1) + "% of MACs";
  else out += std::string(r.precision == Precision::f32 ? ", float, " : ", bf16, ") + std::to_string(c.layers_total) + " layers";
  out += ", " + format_fixed(r.seconds, 1) + " s";
  return out + (options.dry_run ? ", not written" : "");
}

Json pass_records(const PipelineRecord& record) {
  Json out = Json::array();
  for (const PassRecord& p : record.passes)
    out.push_back(
        {{"name", p.name}, {"nodes_before", p.nodes_before}, {"nodes_after", p.nodes_after}, {"ms", p.milliseconds}});
  return out;
}

Json search_json(const SearchResult& s) {
  Json steps = Json::array();
  for (const SearchStep& step : s.steps)
    steps.push_back({{"what", step.what}, {"top1", step.evaluation.top1}, {"sqnr_db", step.evaluation.sqnr_db}, {"macs_int8_percent", step.evaluation.int8_percent}, {"kept", step.kept}});
  return {{"met", s.met}, {"float_top1", s.float_top1}, {"best", s.best}, {"steps", std::move(steps)}};
}

/// The path that a search took, a line an evaluation.
std::string search_text(const SearchResult& s, bool labels) {
  Rows rows;
  if (labels) rows.push_back({"search", "float", "top-1 " + format_fixed(s.float_top1, 2) + "%"});
  for (std::size_t i = 0; i < s.steps.size(); ++i) {
    const auto& [what, e, kept] = s.steps[i];
    rows.push_back({"search", what});
    if (labels) rows.back().push_back("top-1 " + format_fixed(e.top1, 2) + "%");
    for (const std::string& cell : {format_fixed(e.sqnr_db, 1) + " dB", format_fixed(e.int8_percent, 1) + "% of MACs int8", std::string(i == s.best ? "the best" : kept ? "kept" : "")}) rows.back().push_back(cell);
  }
  return align(rows);
}

void describe(Json& out, const CompileOptions& options, const CompileResult& r) {
  const Coverage& c = r.coverage;
  const bool int8 = quantizes(r.precision);
  out["output"] = r.output;
  out["written"] = !options.dry_run;
  out["bytes"] = r.bytes;
  out["f32_bytes"] = r.f32_bytes;
  out["precision"] = to_string(r.precision);
  out["act_scheme"] = nullptr;
  if (int8) out["act_scheme"] = to_string(options.recipe.global);
  out["coverage"] = {{"layers_int8", c.layers_int8},
                     {"layers_total", c.layers_total},
                     {"macs_int8", c.macs_int8},
                     {"macs_total", c.macs_total},
                     {"percent", c.percent()},
                     {"conversions", c.conversions},
                     {"conversion_bytes", c.conversion_bytes}};
  out["fallbacks"] = Json::array();
  for (const LayerReport& l : r.layers)
    if (l.wanted && !l.int8)
      out["fallbacks"].push_back({{"layer", l.title()},
                                  {"op", l.op},
                                  {"macs_percent", macs_percent(l, c)},
                                  {"reason", l.reason},
                                  {"detail", l.detail}});
  out["missed"] = Json::array();
  for (const Error& e : r.missed) out["missed"].push_back(to_json(e));
  out["tunings"] = Json::array();
  for (const TuningReport& t : r.tunings) {
    Json steps = Json::array();
    for (const ComparedStep& s : t.steps)
      steps.push_back({{"plan", s.plan}, {"step", s.step}, {"nodes", s.nodes}, {"op", s.op}, {"impl", s.library}, {"library_seconds", s.library_seconds}, {"own_seconds", s.own_seconds}, {"chosen", s.own ? "own" : "library"}});
    out["tunings"].push_back({{"target", t.target}, {"predicted_seconds_before", t.seconds_before}, {"predicted_seconds", t.seconds_after}, {"steps", std::move(steps)}});
  }
  if (r.cpu_tuning) {
    Json steps = Json::array();
    for (const MeasuredStep& s : r.cpu_tuning->steps) {
      Json kernels = Json::array();
      for (const MeasuredStep::Kernel& k : s.kernels) kernels.push_back({{"impl", k.name}, {"seconds", k.seconds}});
      steps.push_back({{"plan", s.plan}, {"step", s.step}, {"nodes", s.nodes}, {"op", s.op}, {"kernels", std::move(kernels)}, {"chosen", s.kernels[s.chosen].name}});
    }
    out["cpu_tuning"] = {{"device", r.cpu_tuning->device}, {"seconds_before", r.cpu_tuning->seconds_before}, {"seconds", r.cpu_tuning->seconds_after}, {"steps", std::move(steps)}};
  }
  out["verified"] = Json::array();
  for (const VerifiedTarget& v : r.verified)
    out["verified"].push_back({{"target", v.target}, {"steps", v.steps}, {"steps_equal", v.steps_equal}, {"elements", v.elements}, {"elements_different", v.elements_different}, {"seconds", v.seconds}});
  if (r.search) out["search"] = search_json(*r.search);
  out["targets"] = Json::array();
  for (const TargetReport& t : r.targets)
    out["targets"].push_back({{"target", t.target},
                              {"device", t.device},
                              {"batch", t.batch},
                              {"launches", t.launches},
                              {"library_launches", t.library_launches},
                              {"barriers", t.barriers},
                              {"setup_launches", t.setup_launches},
                              {"modules", t.modules},
                              {"code_bytes", t.code_bytes},
                              {"work_bytes", t.work_bytes},
                              {"constant_bytes", t.constant_bytes},
                              {"moved_bytes", t.moved_bytes},
                              {"seconds", t.seconds}});
  out["passes"] = pass_records(r.record);
}

}  // namespace

void tell_result(Invocation& invocation, const CompileOptions& options, const CompileResult& result) {
  for (const std::string& note : result.record.notes) log_info(LogLevel::decisions, note);
  for (const PassRecord& p : result.record.passes)
    log_info(LogLevel::passes, p.name + ": " + std::to_string(p.nodes_before) + " to " + std::to_string(p.nodes_after) +
                                   " nodes, " + format_fixed(p.milliseconds, 2) + " ms");
  if (options.stop_after) {
    invocation.result()["stopped_after"] = std::string(to_string(*options.stop_after));
    invocation.result()["graph"] = result.dump;
    invocation.result()["passes"] = pass_records(result.record);
    invocation.print(result.dump);
    return;
  }
  describe(invocation.result(), options, result);
  if (result.search) invocation.print(search_text(*result.search, options.search.drop.has_value()));
  invocation.print(summary(options, result));
  for (const TargetReport& t : result.targets)
    invocation.print("target  " + t.target + " (" + t.device + "): batch " + std::to_string(t.batch) + ", " + std::to_string(t.launches) +
                     " launches, " + std::to_string(t.modules) + " modules, " + format_bytes(t.code_bytes) + " of code, " + format_fixed(t.seconds, 1) + " s");
  for (const TuningReport& t : result.tunings)
    invocation.print("tune    " + t.target + ": own kernels for " + std::to_string(std::count_if(t.steps.begin(), t.steps.end(), [](const ComparedStep& s) { return s.own; })) + " of " + std::to_string(t.steps.size()) +
                     " steps of oneDNN, predicted " + format_ms(1e3 * t.seconds_after) + " ms (" + format_ms(1e3 * t.seconds_before) + " without)");
  if (const auto& t = result.cpu_tuning)
    invocation.print("tune    cpu (" + t->device + "): " + std::to_string(std::count_if(t->steps.begin(), t->steps.end(), [](const MeasuredStep& s) { return s.chosen != 0; })) + " of " +
                     std::to_string(t->steps.size()) + " steps with a choice take another kernel, " + format_ms(1e3 * t->seconds_after) + " ms (" + format_ms(1e3 * t->seconds_before) + " without)");
  for (const VerifiedTarget& v : result.verified)
    invocation.print("verify  " + v.target + ": " + std::to_string(v.steps_equal) + " of " + std::to_string(v.steps) + " steps equal to the interpreter, " +
                     std::to_string(v.elements_different) + " of " + std::to_string(v.elements) + " elements differ, " + format_fixed(v.seconds, 1) + " s");
  for (const LayerReport& l : result.layers)
    if (l.wanted && !l.int8)
      invocation.print("float  " + l.title() + " (" + l.op + ", " +
                       format_fixed(macs_percent(l, result.coverage), 1) +
                       "% of MACs): " + (l.detail.empty() ? l.reason : l.detail));
}

}  // namespace xpuq::cli
