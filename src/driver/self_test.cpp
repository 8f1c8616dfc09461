#include <algorithm>
#include <cmath>

#include "driver/run.h"

namespace xpuq {
namespace {

/// What a step of a GPU may differ by. oneDNN's transcendental post-ops and float sums in another order end
/// within a few units of the last place, which moves a code only at a tie.
constexpr double kMostCodes = 1, kMostShare = 1e-3, kMostRelative = 1e-4;

/// How outputs differ from the expected ones, or nothing.
std::optional<Error> compare(const std::string& who, const SelfTest& test, const std::vector<Tensor>& outputs) {
  const std::string name = "self-test " + std::to_string(test.seed);
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    const Tensor &got = outputs[o], &expected = test.expected[o];
    if (got.dtype() != DataType::f32) {
      if (std::equal(got.raw(), got.raw() + got.bytes(), expected.raw())) continue;
      return make_error("E605", who, name + " gives other integers in output " + std::to_string(o), {}, {}, "compile the model again and compare");
    }
    const auto a = got.span<float>(), b = expected.span<float>();
    for (std::size_t i = 0; i < a.size(); ++i) {
      const double tolerance = test.atol + test.rtol * std::abs(static_cast<double>(b[i]));
      if (a[i] == b[i] || std::abs(static_cast<double>(a[i]) - b[i]) <= tolerance || (std::isnan(a[i]) && std::isnan(b[i]))) continue;
      return make_error("E605", who, name + " differs in output " + std::to_string(o) + ", element " + std::to_string(i), format_f32(a[i]), format_f32(b[i]) + " within " + format_f64(tolerance),
                        "xpuq-run --list-devices, and the same test with -d cpu");
    }
  }
  return std::nullopt;
}

/// The run that stopped after every step against one that did not: a barrier that is missing shows here.
std::optional<Error> compare_runs(const std::string& who, const std::vector<Tensor>& outputs, const std::vector<Tensor>& stepwise) {
  constexpr double kMost = 1e-5;  // of the largest: floats may be added up in an order that changes
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    const Tensor &a = outputs[o], &b = stepwise[o];
    if (std::equal(a.raw(), a.raw() + a.bytes(), b.raw())) continue;
    double largest = 0, distance = INFINITY;
    if (a.dtype() == DataType::f32) {
      distance = 0;
      for (std::int64_t i = 0; i < a.elements(); ++i) {
        largest = std::max(largest, std::abs(static_cast<double>(b.data<float>()[i])));
        distance = std::max(distance, std::abs(static_cast<double>(a.data<float>()[i]) - b.data<float>()[i]));
      }
    }
    if (!(distance <= kMost * largest))
      return make_error("E605", who, "output " + std::to_string(o) + " is another one when the steps run without a stop between them", {}, {}, "please report this with the model and the device");
  }
  return std::nullopt;
}

bool acceptable(const StepDifference& d, const Plan& plan) {
  const DataType type = plan.values[plan.steps[d.step].outputs[0]].type.dtype;
  if (type == DataType::f32 || type == DataType::bf16) return d.largest <= (type == DataType::bf16 ? 1.0 / 64 : kMostRelative);
  return d.different == 0 || (d.largest <= kMostCodes && static_cast<double>(d.different) <= std::max(1.0, kMostShare * static_cast<double>(d.elements)));
}

/// The first step that is not what the interpreter gives.
std::optional<Error> first_bad_step(const std::string& who, const StepReport& report, const Plan& plan) {
  for (const StepDifference& d : report.steps) {
    if (acceptable(d, plan)) continue;
    Error e = make_error("E605", who, "step " + std::to_string(d.step) + " (" + d.op + ", " + d.implementation + ") differs from the interpreter in " + std::to_string(d.different) + " of " + std::to_string(d.elements) + " elements",
                         format_f64(d.got) + " at element " + std::to_string(d.first), format_f64(d.expected), "please report this with the model");
    if (!d.nodes.empty()) e.node = d.nodes.front();
    return e;
  }
  return std::nullopt;
}

}  // namespace

Result<SelfTestReport> self_test(const RunOptions& options, const Reporter& reporter) {
  XPUQ_ASSIGN(const Artifact artifact, open_artifact(options.artifact, {.verify_all = true, .public_key = options.public_key}));
  SelfTestReport report;
  if (artifact.self_tests.empty()) reporter.warning("W024", options.artifact + " holds no self-test");
  for (const SelfTest& test : artifact.self_tests) {
    const Plan& plan = artifact.plans[test.plan];
    const std::optional<std::int64_t> batch = plan.inputs.empty() || plan.values[plan.inputs[0]].type.shape.empty() ? std::nullopt : std::optional(plan.values[plan.inputs[0]].type.shape[0]);
    XPUQ_ASSIGN(Session session, Session::open(options.artifact, options.device, batch, {.threads = options.threads}, options.cache, {.public_key = options.public_key}));
    const std::vector<Tensor> inputs = selftest_inputs(session.plan(), test.seed);
    XPUQ_ASSIGN(const std::vector<Tensor> outputs, session.run(inputs));
    ++report.tests;
    std::optional<Error> failure;
    if (session.placement().program() == nullptr) {
      failure = compare(options.artifact, test, outputs);
    } else {
      // A GPU rounds in another order than the CPU engine that the expected outputs come from, and on noise, which these
      // inputs are, codes that fall the other way add up over the layers. So its steps are compared, one by one.
      XPUQ_ASSIGN(StepReport steps, check_steps(session.plan(), session.placement(), inputs, options.threads));
      failure = first_bad_step(options.artifact, steps, session.plan());
      if (!failure) failure = compare_runs(options.artifact, outputs, steps.outputs);
      report.steps = std::move(steps);
    }
    report.passed += !failure;
    if (failure && !report.failure) report.failure = std::move(failure);
  }
  return report;
}

}  // namespace xpuq
