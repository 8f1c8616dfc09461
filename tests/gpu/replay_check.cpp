// replay_check ARTIFACT [SEED]: loads the section for the device that the driver shows, runs it as xpuq-run does, records
// that run through the tracing layer, and compares it with the section: same machine code, kernels, group sizes, counts
// and arguments, in the same order. With a seed, one thing of the expectation is changed first: the comparison must fail.
// Prints one line; exit status 0: identical (or, with a seed, the change was found).
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <random>

#include "artifact/artifact.h"
#include "driver/gpu_program.h"
#include "gpu/commands.h"
#include "record/tracer.h"
#include "runtime/gpu_device.h"
#include "runtime/level_zero/loaded_program.h"

namespace {

using namespace xpuq;

/// What was submitted, with pointers as they were.
struct Event {
  std::optional<record::TracedLaunch> launch;
  void* to = nullptr;
  const void* from = nullptr;
  std::size_t bytes = 0;
  std::vector<std::uint8_t> pattern;
};

class Log final : public record::Listener {
 public:
  std::vector<Event> events;
  std::string refusal;
  void launched(const record::TracedLaunch& launch) override { events.push_back({launch, nullptr, nullptr, 0, {}}); }
  void filled(void* to, std::span<const std::uint8_t> pattern, std::size_t bytes) override { events.push_back({.launch = {}, .to = to, .from = nullptr, .bytes = bytes, .pattern = {pattern.begin(), pattern.end()}}); }
  void copied(void* to, const void* from, std::size_t bytes) override { events.push_back({.launch = {}, .to = to, .from = from, .bytes = bytes, .pattern = {}}); }
  void refused(const std::string& what) override { refusal = what; }
};

class Comparison {
 public:
  Comparison(const gpu::Program& program, const std::vector<std::vector<std::uint8_t>>& modules, const Plan& plan) : program_(program), modules_(modules), plan_(plan) {}

  /// The first difference, or empty.
  std::string compare(const std::vector<gpu::Command>& expected, const std::vector<Event>& events) {
    if (expected.size() != events.size()) return std::to_string(expected.size()) + " commands expected, " + std::to_string(events.size()) + " seen";
    for (std::size_t i = 0; i < expected.size(); ++i)
      if (std::string difference = one(expected[i], events[i]); !difference.empty()) return "command " + std::to_string(i) + ": " + difference;
    return {};
  }

 private:
  /// The address must be that of the arena seen first, wherever this is.
  bool lies(const void* at, const gpu::Range& range) {
    const auto base = reinterpret_cast<std::uintptr_t>(at) - range.offset;
    const auto [it, fresh] = bases_.try_emplace(range.arena, base);
    return it->second == base;
  }

  std::string one(const gpu::Command& command, const Event& event) {
    if (const auto* l = std::get_if<gpu::Launch>(&command.what)) return event.launch ? launch(*l, *event.launch) : "a launch expected";
    if (event.launch) return "no launch expected";
    if (const auto* f = std::get_if<gpu::Fill>(&command.what)) return lies(event.to, f->to) && event.bytes == f->to.bytes && event.pattern == f->pattern ? "" : "another fill";
    if (const auto* u = std::get_if<gpu::UploadConstant>(&command.what)) return lies(event.to, u->to) && event.bytes == u->to.bytes && event.from == plan_.constants.data() + u->from ? "" : "another upload";
    if (const auto* u = std::get_if<gpu::UploadLiteral>(&command.what)) return lies(event.to, u->to) && event.bytes == u->to.bytes && event.from == program_.literals.data() + u->from ? "" : "another upload";
    const auto& c = std::get<gpu::Copy>(command.what);
    return lies(event.to, c.to) && lies(event.from, c.from) && event.bytes == c.to.bytes ? "" : "another copy";
  }

  std::string launch(const gpu::Launch& l, const record::TracedLaunch& seen) {
    if (*seen.module != modules_[l.module]) return "another module";
    if (seen.kernel != l.kernel) return "another kernel";
    if (seen.group_size != l.group_size || seen.group_count != l.group_count) return "other group sizes or counts";
    if (seen.arguments.size() != l.arguments.size()) return "another number of arguments";
    for (std::size_t i = 0; i < l.arguments.size(); ++i)
      if (!same(l.arguments[i], seen.arguments[i])) return "argument " + std::to_string(i) + " differs";
    return {};
  }

  bool same(const gpu::Argument& expected, const record::TracedArgument& seen) {
    if (std::holds_alternative<gpu::NullArgument>(expected)) return seen.null;
    if (const auto* local = std::get_if<gpu::LocalArgument>(&expected)) return seen.null && seen.size == local->bytes;
    if (const auto* value = std::get_if<gpu::ValueArgument>(&expected)) return seen.bytes == value->bytes;
    void* at = nullptr;
    if (seen.bytes.size() != sizeof at) return false;
    std::memcpy(&at, seen.bytes.data(), sizeof at);
    return lies(at, std::get<gpu::BufferArgument>(expected).range);
  }

  const gpu::Program& program_;
  const std::vector<std::vector<std::uint8_t>>& modules_;
  const Plan& plan_;
  std::map<gpu::Arena, std::uintptr_t> bases_;
};

/// Changes one argument, count or module of the expectation.
void mutate(std::vector<gpu::Command>& commands, gpu::Program& program, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<gpu::Launch*> launches;
  for (gpu::Command& c : commands)
    if (auto* l = std::get_if<gpu::Launch>(&c.what)) launches.push_back(l);
  gpu::Launch& l = *launches[random() % launches.size()];
  switch (random() % 3) {
    case 0: {
      gpu::Argument& a = l.arguments[random() % l.arguments.size()];
      if (auto* b = std::get_if<gpu::BufferArgument>(&a)) b->range.offset += 256;
      else if (auto* v = std::get_if<gpu::ValueArgument>(&a)) v->bytes[random() % v->bytes.size()] ^= static_cast<std::uint8_t>(1u << random() % 8);
      else a = gpu::ValueArgument{{1}};
      break;
    }
    case 1: l.group_count[random() % 3] += 1; break;
    default: {
      auto& module = program.modules[l.module];
      module[random() % module.size()] ^= static_cast<std::uint8_t>(1u << random() % 8);
    }
  }
}

bool is_port_copy(const Event& e, const gpu::Program& program) {
  return e.bytes == program.arena_bytes[static_cast<std::size_t>(gpu::Arena::input)] || e.bytes == program.arena_bytes[static_cast<std::size_t>(gpu::Arena::output)];
}

int fail(const std::string& what) {
  std::printf("%s\n", what.c_str());
  return 1;
}

int check(const char* path, std::optional<unsigned> seed) {
  auto tracer = record::Tracer::start();
  if (!tracer.ok()) return fail(tracer.error().text());
  auto artifact = open_artifact(path);
  if (!artifact.ok()) return fail(artifact.error().text());
  auto devices = level_zero_devices();
  if (!devices.ok()) return fail(devices.error().text());
  std::string note;
  auto program = section_program(*artifact, 0, devices->front()->key(), path, note);
  if (!program.ok()) return fail(program.error().text());
  if (!*program) return fail("no section for this device");

  Log log;
  (*tracer)->listen(&log);
  auto executable = devices->front()->load(artifact->plans[0], *program, {});
  if (!executable.ok()) return fail(executable.error().text());
  (*tracer)->listen(nullptr);

  std::vector<std::byte> bytes(1 << 26);
  const Plan& plan = artifact->plans[0];
  const std::vector<const void*> in(plan.inputs.size(), bytes.data());
  const std::vector<void*> out(plan.outputs.size(), bytes.data());
  constexpr std::uint64_t kRuns = 10;
  const record::CallCounts before = (*tracer)->counts();
  for (std::uint64_t i = 0; i < kRuns; ++i)
    if (auto ran = (*executable)->run(in, out); !ran.ok()) return fail(ran.error().text());
  const record::CallCounts after = (*tracer)->counts();
  if (after.executions - before.executions != kRuns || after.synchronizations - before.synchronizations != kRuns) return fail("not one execution and one synchronization an inference");
  if (after.modules != before.modules || after.arguments != before.arguments || after.launches != before.launches || after.allocations != before.allocations) return fail("an inference sets something up");

  gpu::Program expected = **program;
  std::vector<gpu::Command> commands;
  for (const gpu::Command& c : expected.setup)
    if (!level_zero::prepares_work(c)) commands.push_back(c);
  for (const gpu::Command& c : expected.setup)
    if (level_zero::prepares_work(c)) commands.push_back(c);
  commands.insert(commands.end(), expected.inference.begin(), expected.inference.end());
  // The copies of inputs and outputs around the inference are the runtime's own: between host and device memory of it.
  std::erase_if(log.events, [&](const Event& e) { return !e.launch && e.from != nullptr && (*tracer)->allocation_of(e.from).bytes > 0 && (*tracer)->allocation_of(e.to).bytes > 0 && is_port_copy(e, expected); });
  if (seed) mutate(commands, expected, *seed);
  const std::string difference = Comparison(**program, expected.modules, plan).compare(commands, log.events);
  if (seed) return difference.empty() ? fail("a change was not found") : 0;
  if (!difference.empty()) return fail(difference);
  std::printf("identical: %zu commands, %zu modules, one synchronization an inference\n", commands.size(), expected.modules.size());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) return fail("usage: replay_check ARTIFACT [SEED]");
  return check(argv[1], argc > 2 ? std::optional<unsigned>(static_cast<unsigned>(std::atoi(argv[2]))) : std::nullopt);
}
