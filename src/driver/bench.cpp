#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <mutex>
#include <numeric>
#include <thread>

#include "driver/run.h"
#include "driver/run_inputs.h"
#include "ops/multiply_adds.h"

namespace xpuq {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point t) { return std::chrono::duration<double>(Clock::now() - t).count(); }

/// One request stream: a session of its own with bound buffers, so that nothing is shared while timing.
struct Stream {
  Session session;
  std::vector<Tensor> inputs, outputs;
  std::vector<const void*> in;
  std::vector<void*> out;
  std::vector<double> latencies;
  std::optional<Error> error;

  static Result<Stream> open(const RunOptions& options, int threads, bool profile) {
    XPUQ_ASSIGN(Session session, Session::open(options.artifact, options.device, options.batch, {.threads = threads, .profile = profile}, options.cache, {.public_key = options.public_key}));
    return over(std::move(session));
  }

  static Result<Stream> over(Session session) {
    Stream s{.session = std::move(session), .inputs = {}, .outputs = {}, .in = {}, .out = {}, .latencies = {}, .error = {}};
    const Plan& plan = s.session.plan();
    s.inputs = selftest_inputs(plan, 1);
    for (std::uint32_t v : plan.outputs) s.outputs.emplace_back(plan.values[v].type.dtype, plan.values[v].type.shape);
    for (const Tensor& t : s.inputs) s.in.push_back(t.raw());
    for (Tensor& t : s.outputs) s.out.push_back(t.raw());
    return s;
  }

  Result<void> once() { return session.executable().run(in, out); }
};

Result<Stream> another(const Stream& first, int threads) {
  XPUQ_ASSIGN(Session session, first.session.another({.threads = threads}));
  return Stream::over(std::move(session));
}

Result<void> warm_up(Stream& s, double seconds) {
  const auto start = Clock::now();
  do XPUQ_TRY(s.once());
  while (seconds_since(start) < seconds);
  return {};
}

void measure(Stream& s, const BenchOptions& bench, const Reporter& reporter) {
  const auto start = Clock::now();
  s.latencies.reserve(1 << 16);
  while (s.latencies.size() < bench.iterations || seconds_since(start) < bench.seconds) {
    const auto t = Clock::now();
    if (auto r = s.once(); !r) {
      s.error = r.error();
      return;
    }
    s.latencies.push_back(seconds_since(t) * 1e3);
    if (const int signal = reporter.interrupted(); signal != 0) {
      s.error = Error{.code = signal == 15 ? "E143" : "E130", .who = "--bench", .what = "interrupted", .got = {}, .expected = {}, .remedy = {}, .node = {}};
      return;
    }
  }
}

}  // namespace

double percentile(std::vector<double> values, double p) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(std::ceil(p / 100.0 * static_cast<double>(values.size())));
  return values[std::clamp<std::size_t>(rank, 1, values.size()) - 1];
}

Result<BenchResult> bench(const RunOptions& options, const BenchOptions& bench, const Reporter& reporter) {
  std::vector<Stream> streams;
  // Streams share the cores: each gets its part, so that two requests do not fight over the same ones.
  const int threads = bench.streams > 1 && options.threads == 0 ? std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / bench.streams) : options.threads;
  BenchResult result;
  for (int i = 0; i < std::max(bench.streams, 1); ++i) {
    Result<Stream> opened = i == 0 ? Stream::open(options, threads, false) : another(streams.front(), threads);
    XPUQ_ASSIGN(Stream s, std::move(opened));
    if (i == 0) {
      result.load_ms = s.session.load_seconds() * 1e3;
      const auto first = Clock::now();
      XPUQ_TRY(s.once());
      result.first_ms = seconds_since(first) * 1e3;
    }
    streams.push_back(std::move(s));
    // Buffers moved with the stream; the pointers into them stay, since tensors share their bytes.
  }
  for (Stream& s : streams) XPUQ_TRY(warm_up(s, bench.warmup_seconds / static_cast<double>(streams.size())));

  const auto start = Clock::now();
  std::vector<std::thread> workers;
  for (std::size_t i = 1; i < streams.size(); ++i) workers.emplace_back([&, i] { measure(streams[i], bench, reporter); });
  measure(streams[0], bench, reporter);
  for (std::thread& t : workers) t.join();
  result.seconds = seconds_since(start);

  for (Stream& s : streams) {
    if (s.error) return *s.error;
    result.latency_ms.insert(result.latency_ms.end(), s.latencies.begin(), s.latencies.end());
    result.memory_bytes += s.session.executable().memory_bytes();
  }
  result.batch = streams[0].session.batch();
  result.streams = static_cast<int>(streams.size());
  result.iterations = result.latency_ms.size();
  if (const GpuExecutable* gpu = streams[0].session.on_gpu())
    for (const StepWork& w : gpu->work()) result.instructions += w.instructions;
  const auto& l = result.latency_ms;
  const double n = static_cast<double>(l.size());
  result.throughput = n * static_cast<double>(result.batch) / result.seconds;
  result.min = *std::min_element(l.begin(), l.end());
  result.max = *std::max_element(l.begin(), l.end());
  result.mean = std::accumulate(l.begin(), l.end(), 0.0) / n;
  result.median = percentile(l, 50);
  double squares = 0;
  for (double v : l) squares += (v - result.mean) * (v - result.mean);
  result.std = std::sqrt(squares / n);
  if (result.std > 0.1 * result.mean) reporter.warning("W031", "timings vary by more than 10 % (standard deviation over mean): the machine is busy");
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  result.peak_rss_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  return result;
}

namespace {

/// Where nothing counts: the products of the direct sum, and every byte of the operands once.
StepWork planned_work(const Plan& plan, const Step& step) {
  StepWork work;
  const auto shape = [&](std::uint32_t v) -> const Shape& { return plan.values[v].type.shape; };
  if (step.inputs.size() > 1) work.operations = 2 * multiply_adds(step.op, shape(step.inputs[0]), shape(step.inputs[1]), shape(step.outputs[0]));
  for (std::uint32_t v : step.inputs) work.dram_bytes += plan.values[v].type.bytes();
  for (std::uint32_t v : step.outputs) work.dram_bytes += plan.values[v].type.bytes();
  return work;
}

}  // namespace

Result<LayerProfile> profile_layers(const RunOptions& options, const BenchOptions& bench, const Reporter& reporter) {
  XPUQ_ASSIGN(Stream s, Stream::open(options, options.threads, true));
  LayerProfile profile;
  const GpuExecutable* gpu = s.session.on_gpu();
  profile.predicted = gpu && gpu->predicts();
  profile.roofs = gpu ? gpu->roofs() : s.session.placement().roofs(options.threads);
  // A model answers the same every time: once for the caches it keeps, once to be read.
  XPUQ_TRY(warm_up(s, profile.predicted ? 0 : bench.warmup_seconds));
  const std::vector<StepInfo> before = s.session.executable().steps();
  if (profile.predicted) XPUQ_TRY(s.once());
  else measure(s, bench, reporter);
  if (s.error) return *s.error;
  const std::vector<StepInfo>& after = s.session.executable().steps();
  const std::vector<StepWork> work = gpu ? gpu->work() : std::vector<StepWork>{};
  const Plan& plan = s.session.plan();
  double total = 0;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const Step& step = plan.steps[i];
    const double runs = static_cast<double>(std::max<std::uint64_t>(after[i].runs - before[i].runs, 1));
    LayerTime row{.index = i, .nodes = step.origin, .op = std::string(to_string(step.op)), .primitive = after[i].primitive,
                  .implementation = after[i].implementation, .types = {}, .mean_ms = (after[i].seconds - before[i].seconds) / runs * 1e3, .percent = 0,
                  .work = i < work.size() ? work[i] : planned_work(plan, step)};
    for (std::uint32_t v : step.inputs) row.types += (row.types.empty() ? "" : " x ") + std::string(to_string(plan.values[v].type.dtype));
    for (std::uint32_t v : step.outputs) row.types += " -> " + std::string(to_string(plan.values[v].type.dtype));
    if (row.nodes.empty() && !step.outputs.empty()) row.nodes.push_back(plan.values[step.outputs[0]].name);
    total += row.mean_ms;
    profile.layers.push_back(std::move(row));
  }
  for (LayerTime& row : profile.layers) row.percent = total > 0 ? 100 * row.mean_ms / total : 0;
  return profile;
}

}  // namespace xpuq
