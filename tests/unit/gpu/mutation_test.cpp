// Whatever the reader and the verifier accept may be submitted: programs with some numbers changed run, or fail with an
// error, on a fake Level Zero device (whose memory is this process's own) and on the emulator.
#include <cstdlib>
#include <limits>
#include <random>

#include "fixture_program.h"
#include "gpu/program_json.h"
#include "gpu/verify.h"
#include "runtime/emulated/emulated_device.h"
#include "runtime/gpu_device.h"

namespace xpuq::gpu {
namespace {

void numbers(Json& json, std::vector<Json*>& out) {
  if (json.is_number_unsigned() || json.is_binary()) out.push_back(&json);
  if (json.is_structured())
    for (Json& child : json) numbers(child, out);
}

void change(Json& json, std::mt19937& random) {
  if (json.is_binary()) {
    auto& bytes = json.get_binary();
    if (!bytes.empty()) bytes[random() % bytes.size()] ^= static_cast<std::uint8_t>(1u << random() % 8);
    return;
  }
  const auto n = json.get<std::uint64_t>();
  const std::uint64_t others[] = {0, 1, 2, 3, 4, 128, 256, n + 1, n - 1, n + 128, n + 256, n - 256, n * 2, n / 2, std::uint64_t{1} << 31, std::numeric_limits<std::uint32_t>::max(), std::uint64_t{1} << 40};
  json = others[random() % std::size(others)];
}

/// A program with a few numbers changed, if it is accepted.
std::shared_ptr<const Program> mutated(unsigned seed) {
  std::mt19937 random(seed);
  Json json = to_json(a770());
  // Commands are what is interesting; identities would only be refused.
  std::vector<Json*> places;
  for (const char* key : {"arenas", "setup", "inference", "steps", "values", "literals"}) numbers(json[key], places);
  for (unsigned i = 0; i <= seed % 2; ++i) change(*places[random() % places.size()], random);
  auto program = program_from_json(json, a770().modules.size(), {"x", {}});
  if (!program.ok()) return nullptr;
  program->modules = a770().modules;
  if (!verify(*program, digits().plans[0]).empty()) return nullptr;
  return std::make_shared<const Program>(std::move(*program));
}

/// Reads everything there is to read.
class Reader final : public StepObserver {
 public:
  explicit Reader(const Program& program) : program_(program) {}
  Result<void> before(std::uint32_t, const ReadValue&) override { return {}; }
  Result<void> after(std::uint32_t, const ReadValue& read) override {
    for (std::uint32_t v = 0; v < program_.values.size(); ++v) {
      if (!program_.values[v]) continue;
      std::vector<std::byte> bytes(program_.values[v]->bytes);
      XPUQ_TRY(read(v, bytes));
    }
    return {};
  }

 private:
  const Program& program_;
};

void run(GpuDevice& device, const std::shared_ptr<const Program>& program) {
  const Plan& plan = digits().plans[0];
  auto loaded = device.load(plan, program, {.threads = 2, .profile = true});
  if (!loaded.ok()) return;
  std::vector<std::vector<std::byte>> buffers;
  std::vector<const void*> in;
  std::vector<void*> out;
  for (const std::uint32_t v : plan.inputs) in.push_back(buffers.emplace_back(plan.values[v].type.bytes()).data());
  for (const std::uint32_t v : plan.outputs) out.push_back(buffers.emplace_back(plan.values[v].type.bytes()).data());
  (void)(*loaded)->run(in, out);
  Reader reader(*program);
  (void)(*loaded)->run_observed(in, out, reader);
}

bool is_small(const Program& program) {
  std::uint64_t bytes = 0;
  for (const std::uint64_t b : program.arena_bytes) bytes += b;
  return bytes < std::uint64_t{256} << 20;
}

/// Few enough groups to be emulated in a test.
bool is_quick(const Program& program) {
  for (const auto* list : {&program.setup, &program.inference})
    for (const Command& c : *list)
      if (const auto* l = std::get_if<Launch>(&c.what))
        if (std::uint64_t{l->group_count[0]} * l->group_count[1] * l->group_count[2] > 4096) return false;
  return true;
}

}  // namespace

TEST_CASE("what is accepted can be submitted") {
  setenv("XPUQ_LEVEL_ZERO", XPUQ_FAKE_LEVEL_ZERO, 1);
  const auto devices = level_zero_devices();
  REQUIRE(devices.ok());
  const auto emulated = emulated_device(*find_target("dg2"));
  REQUIRE(emulated.ok());
  int accepted = 0, computed = 0;
  for (unsigned seed = 0; seed < 1500; ++seed) {
    INFO("seed " << seed);
    const auto program = mutated(seed);
    if (!program || !is_small(*program)) continue;
    ++accepted;
    run(*devices->front(), program);
    if (computed == 6 || !is_quick(*program)) continue;
    ++computed;
    run(**emulated, program);
  }
  CHECK(accepted >= 50);
  CHECK(computed == 6);
}

}  // namespace xpuq::gpu
