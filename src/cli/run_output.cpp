#include "cli/run_output.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cli/text_table.h"
#include "cli/usage_error.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

double percent(std::uint64_t part, std::uint64_t whole) {
  return whole ? 100.0 * static_cast<double>(part) / static_cast<double>(whole) : 0;
}

/// Truncated, not rounded: 99.996 % of a target of 100 must not read as met.
std::string shown_percent(double value) { return format_fixed(std::floor(value * 100 + 1e-9) / 100, 2) + "%"; }

std::string decibels(double db) { return std::isfinite(db) ? format_fixed(db, 1) + " dB" : "equal"; }

std::string class_table(const Accuracy& a) {
  Rows rows{{"class", "images", "top-1"}};
  for (std::size_t i = 0; i < a.confusion.size(); ++i) {
    const std::uint64_t images = std::accumulate(a.confusion[i].begin(), a.confusion[i].end(), std::uint64_t{0});
    if (images == 0) continue;
    rows.push_back({i < a.class_names.size() ? a.class_names[i] : std::to_string(i), std::to_string(images),
                    shown_percent(percent(a.confusion[i][i], images))});
  }
  return align(rows, {1, 2});
}

void tell_accuracy(Invocation& invocation, const Accuracy& a) {
  const double top1 = percent(a.top1, a.images), top5 = percent(a.top5, a.images);
  invocation.result()["accuracy"] = {{"top1", top1}, {"top5", top5}, {"images", a.images}, {"skipped", a.skipped}};
  invocation.print("accuracy   top-1 " + shown_percent(top1) + "  top-5 " + shown_percent(top5) + "  " +
                   std::to_string(a.images) + " images" +
                   (a.skipped ? ", " + std::to_string(a.skipped) + " skipped" : ""));
  if (invocation.settings().log >= LogLevel::decisions) invocation.print(class_table(a));
}

void tell_reference(Invocation& invocation, const ReferenceReport& r, const std::optional<Accuracy>& accuracy) {
  Json& out = invocation.result()["reference"];
  out = {{"top1_agreement", r.top1_agreement},
         {"sqnr_db", r.sqnr_db},
         {"worst", {{"file", r.worst_file}, {"sqnr_db", r.worst_sqnr_db}}}};
  invocation.print(
      "reference  top-1 agreement " + shown_percent(r.top1_agreement) + "  SQNR " + decibels(r.sqnr_db) + "  worst " +
      (r.worst_file.empty() ? std::string("none") : r.worst_file + " (" + decibels(r.worst_sqnr_db) + ")"));
  if (!accuracy) return;
  const double drop = r.reference_top1 - percent(accuracy->top1, accuracy->images);
  out["top1"] = r.reference_top1;
  out["drop"] = drop;
  invocation.print("           top-1 " + shown_percent(r.reference_top1) + "  drop " + format_fixed(drop, 2) +
                   " points");
}

void check_least(Invocation& invocation, const std::string& option, std::optional<double> least, double reached,
                 const std::string& what) {
  if (least && !(reached >= *least))
    invocation.miss(
        make_error("E603", option + " " + format_fixed(*least, 2), "reached " + shown_percent(reached) + " " + what));
}

}  // namespace

void tell_prediction(Invocation& invocation, const Prediction& p) {
  for (std::size_t rank = 0; rank < p.top.size(); ++rank) {
    const Prediction::Top& t = p.top[rank];
    invocation.print(p.file + "  " + std::to_string(rank + 1) + "  " + std::to_string(t.index) + "  " +
                     format_fixed(t.probability, 4) + (t.label.empty() ? "" : "  " + t.label));
  }
}

void tell_run(Invocation& invocation, const RunResult& result) {
  Json& out = invocation.result();
  out["samples"] = result.samples;
  out["skipped"] = result.skipped;
  if (!result.bad.empty()) {
    out["bad"] = Json::array();
    for (const auto& [file, why] : result.bad) out["bad"].push_back({{"file", file}, {"why", why}});
  }
  if (!result.predictions.empty()) {
    Json& list = out["predictions"] = Json::array();
    for (const Prediction& p : result.predictions) {
      Json top = Json::array();
      for (const Prediction::Top& t : p.top)
        top.push_back(
            {{"index", t.index}, {"label", t.label.empty() ? Json(nullptr) : Json(t.label)}, {"p", t.probability}});
      list.push_back({{"file", p.file}, {"top", std::move(top)}});
    }
  }
  if (result.accuracy) tell_accuracy(invocation, *result.accuracy);
  if (result.reference) tell_reference(invocation, *result.reference, result.accuracy);
  const auto& arguments = invocation.arguments();
  if (arguments.given("--expect")) {
    out["expect"] = {{"file", *arguments.value("--expect")}, {"equal", !result.mismatch}};
    if (!result.mismatch)
      invocation.print("expect     " + *arguments.value("--expect") + ": within tolerance, " +
                       std::to_string(result.samples) + " samples");
  }
  if (arguments.given("--output"))
    log_info(LogLevel::decisions,
             "outputs of " + std::to_string(result.samples) + " samples are in " + *arguments.value("--output"));
}

void check_targets(Invocation& invocation, const RunRequest& request, const RunResult& result) {
  const std::uint64_t total = result.samples + result.skipped;
  const double tolerated = request.max_bad.count
                               ? static_cast<double>(*request.max_bad.count)
                               : std::floor(request.max_bad.percent / 100 * static_cast<double>(total));
  if (static_cast<double>(result.bad.size()) > tolerated)
    invocation.miss(make_error("E102", result.bad[0].first, result.bad[0].second,
                               std::to_string(result.bad.size()) + " of " + std::to_string(total) + " samples skipped",
                               "at most " + format_fixed(tolerated, 0),
                               "remove them, or --max-bad " + std::to_string(result.bad.size())));
  const RunTargets& targets = request.targets;
  if (const auto& a = result.accuracy) {
    check_least(invocation, "--min-top1", targets.min_top1, percent(a->top1, a->images), "top-1");
    check_least(invocation, "--min-top5", targets.min_top5, percent(a->top5, a->images), "top-5");
  }
  if (result.mismatch) invocation.miss(*result.mismatch);
  const auto& r = result.reference;
  if (!r) return;
  if (targets.drop) {
    // Without labels the share of changed answers bounds the loss.
    const double lost = result.accuracy ? r->reference_top1 - percent(result.accuracy->top1, result.accuracy->images)
                                        : 100 - r->top1_agreement;
    if (!(lost <= *targets.drop))
      invocation.miss(make_error("E606", "--drop " + format_fixed(*targets.drop, 2),
                                 "lost " + format_fixed(lost, 2) + " points against " + request.options.reference,
                                 result.accuracy ? "" : "answers that differ, as the data has no labels", {},
                                 "xpuq-compile --report - shows what runs in int8"));
  }
  if (targets.min_sqnr && request.options.expect.empty() && !(r->sqnr_db >= *targets.min_sqnr))
    invocation.miss(make_error("E607", "--min-sqnr " + format_fixed(*targets.min_sqnr, 1),
                               "reached " + decibels(r->sqnr_db) + " against " + request.options.reference,
                               "worst sample " + r->worst_file + ", " + decibels(r->worst_sqnr_db)));
}

}  // namespace xpuq::cli
