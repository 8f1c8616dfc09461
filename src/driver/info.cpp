#include <cmath>

#include "driver/run.h"
#include "support/file.h"
#include "support/text.h"

namespace xpuq {

Result<Json> artifact_info(const std::string& path, bool verify) {
  XPUQ_ASSIGN(const MappedFile file, map_file(path, "E502"));
  XPUQ_ASSIGN(const ArtifactListing listing, list_sections(file.bytes, path));
  XPUQ_ASSIGN(const Artifact artifact, read_artifact(file.bytes, file.owner, path, {.verify_all = verify}));
  Json out;
  out["format"] = std::to_string(listing.major) + "." + std::to_string(listing.minor);
  out["bytes"] = listing.bytes;
  for (const auto& [key, value] : artifact.info.items()) out[key] = value;
  for (const Plan& plan : artifact.plans) {
    Json p;
    p["batch"] = plan.inputs.empty() || plan.values[plan.inputs[0]].type.shape.empty() ? 1 : plan.values[plan.inputs[0]].type.shape[0];
    p["steps"] = plan.steps.size();
    p["arena_bytes"] = plan.arena_bytes;
    Json types = Json::object();
    for (const Step& s : plan.steps) {
      const std::string name(to_string(s.op));
      types[name] = types.value(name, 0) + 1;
    }
    p["steps_by_type"] = std::move(types);
    out["plans"].push_back(std::move(p));
  }
  out["constants_bytes"] = artifact.plans[0].constants.size();
  for (const SectionInfo& s : listing.sections) {
    Json j;
    j["tag"] = s.tag;
    if (!s.key.empty()) j["key"] = s.key;
    j["bytes"] = s.bytes;
    if (verify) j["checksum"] = s.crc_ok ? "ok" : "damaged";
    out["sections"].push_back(std::move(j));
  }
  out["labels"] = artifact.labels.size();
  out["self_tests"] = artifact.self_tests.size();
  return out;
}

Result<SelfTestReport> self_test(const RunOptions& options, const Reporter& reporter) {
  XPUQ_ASSIGN(const Artifact artifact, open_artifact(options.artifact, {.verify_all = true}));
  SelfTestReport report;
  if (artifact.self_tests.empty()) reporter.warning("W024", options.artifact + " holds no self-test");
  for (const SelfTest& test : artifact.self_tests) {
    const Plan& plan = artifact.plans[test.plan];
    const std::optional<std::int64_t> batch = plan.inputs.empty() || plan.values[plan.inputs[0]].type.shape.empty() ? std::nullopt : std::optional(plan.values[plan.inputs[0]].type.shape[0]);
    XPUQ_ASSIGN(Session session, Session::open(options.artifact, options.device, batch, {.threads = options.threads}, options.cache));
    XPUQ_ASSIGN(const std::vector<Tensor> outputs, session.run(selftest_inputs(session.plan(), test.seed)));
    ++report.tests;
    bool passed = true;
    for (std::size_t o = 0; o < outputs.size() && passed; ++o) {
      if (outputs[o].dtype() != DataType::f32) {
        passed = std::equal(outputs[o].raw(), outputs[o].raw() + outputs[o].bytes(), test.expected[o].raw());
        if (!passed)
          report.failure = Error{.code = "E605", .who = options.artifact, .what = "self-test " + std::to_string(test.seed) + " gives other integers in output " + std::to_string(o), .got = {}, .expected = {}, .remedy = "compile the model again and compare", .node = {}};
        continue;
      }
      const auto a = outputs[o].span<float>(), b = test.expected[o].span<float>();
      for (std::size_t i = 0; i < a.size() && passed; ++i) {
        const double tolerance = test.atol + test.rtol * std::abs(static_cast<double>(b[i]));
        passed = a[i] == b[i] || std::abs(static_cast<double>(a[i]) - b[i]) <= tolerance || (std::isnan(a[i]) && std::isnan(b[i]));
        if (!passed)
          report.failure = Error{.code = "E605", .who = options.artifact, .what = "self-test " + std::to_string(test.seed) + " differs in output " + std::to_string(o) + ", element " + std::to_string(i),
                                 .got = format_f32(a[i]), .expected = format_f32(b[i]) + " within " + format_f64(tolerance), .remedy = "xpuq-run --list-devices, and the same test with -d cpu", .node = {}};
      }
    }
    report.passed += passed;
  }
  return report;
}

}  // namespace xpuq
