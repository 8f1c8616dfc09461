// Programs that nobody's compiler made, on the emulated device: they end in an error or inside the limits. And what the
// checks of the self-test find.
#include <cstdlib>
#include <random>

#include "fixture_program.h"
#include "runtime/emulated/emulated_device.h"

namespace xpuq::gpu {
namespace {

const Program& program_of(const std::string& part) {
  static std::map<std::string, Program> known;
  const std::string prefix = part == "b580" ? "gpu:20.1.4" : "gpu:12.55.8";
  if (!known.contains(part)) {
    auto read = read_program(digits(), section_of(prefix), "digits.xpuq");
    REQUIRE(read.ok());
    known.emplace(part, std::move(*read));
  }
  return known.at(part);
}

/// Loads and runs once; "" or the error.
std::string outcome(const std::string& part, Program program, const EmulationLimits& limits, bool checks = false) {
  const auto device = emulated_device(*find_target(part), limits);
  REQUIRE(device.ok());
  const Plan& plan = digits().plans[0];
  auto loaded = (*device)->load(plan, std::make_shared<const Program>(std::move(program)), {.threads = 1, .checks = checks});
  if (!loaded.ok()) return loaded.error().text();
  std::vector<std::vector<std::byte>> buffers;
  std::vector<const void*> in;
  std::vector<void*> out;
  for (const std::uint32_t v : plan.inputs) in.push_back(buffers.emplace_back(plan.values[v].type.bytes()).data());
  for (const std::uint32_t v : plan.outputs) out.push_back(buffers.emplace_back(plan.values[v].type.bytes()).data());
  const auto ran = (*loaded)->run(in, out);
  return ran.ok() ? "" : ran.error().text();
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Launch& first_launch(std::vector<Command>& commands) {
  for (Command& c : commands)
    if (auto* l = std::get_if<Launch>(&c.what)) return *l;
  FAIL("no launch");
  std::abort();
}

}  // namespace

// XPUQ_XE_FUZZ=N sets the rounds.
TEST_CASE("damaged modules of a program end in errors or inside the limits") {
  const int rounds = std::getenv("XPUQ_XE_FUZZ") ? std::atoi(std::getenv("XPUQ_XE_FUZZ")) : 24;
  std::mt19937 random(17);
  int failed = 0;
  for (int round = 0; round < rounds; ++round) {
    const std::string part = round % 2 ? "b580" : "a770";
    Program program = program_of(part);
    const unsigned flips = 1 + random() % 40;
    for (unsigned f = 0; f < flips; ++f) {
      auto& bytes = program.modules[random() % program.modules.size()];
      bytes[random() % bytes.size()] ^= static_cast<std::uint8_t>(1u << random() % 8);
    }
    INFO("round " << round);
    const std::string said = outcome(part, std::move(program), {.instructions = 3'000'000, .memory_bytes = std::uint64_t{64} << 20}, round % 4 == 0);
    failed += !said.empty();
    if (!said.empty()) CHECK((said.rfind("E62", 0) == 0 || said.rfind("E502", 0) == 0));
  }
  CHECK(failed * 2 > rounds);
}

TEST_CASE("a program cannot run for ever") {
  Program many = program_of("a770");
  first_launch(many.inference).group_count = {1u << 20, 1u << 20, 1};
  std::string said = outcome("a770", many, {});
  CHECK(has(said, "E623"));
  CHECK(has(said, "more work-groups than the limit of instructions allows"));
  CHECK(has(said, "got: 1099511627776 of "));
  first_launch(many.inference).group_count = {1u << 31, 1u << 31, 1u << 31};
  CHECK(has(outcome("a770", many, {}), "too many work-groups"));

  const EmulationLimits few{.instructions = 5000};
  said = outcome("a770", program_of("a770"), few);
  CHECK(has(said, "E623"));
  CHECK(has(said, "limit of instructions"));
  CHECK(has(said, "smaller batch"));

  // Copies count, too.
  Program copies = program_of("a770");
  Fill fill{{Arena::work, 0, copies.arena_bytes[static_cast<std::size_t>(Arena::work)]}, {0}};
  copies.setup.assign(1000, Command{fill, 0, false});
  said = outcome("a770", copies, few);
  CHECK(has(said, "reached by a copy"));
}

TEST_CASE("a program cannot allocate without bound") {
  Program large = program_of("a770");
  const std::string said = outcome("a770", large, {.memory_bytes = 1000});
  CHECK(has(said, "E622"));
  CHECK(has(said, "no memory left"));
  large.arena_bytes[static_cast<std::size_t>(Arena::work)] = std::uint64_t{1} << 50;
  CHECK(has(outcome("a770", large, {}), "no memory left"));
}

TEST_CASE("checks find nothing in a program that is right, and what is missing in others") {
  for (const char* part : {"a770", "b580"}) {
    INFO(part);
    CHECK(outcome(part, program_of(part), {}, true) == "");
    // A constant that is never uploaded: some output depends on it, or an address.
    Program forgets = program_of(part);
    int found = 0, dropped = 0;
    for (std::size_t k = 0; k < forgets.setup.size() && dropped < 6; ++k) {
      if (!std::holds_alternative<UploadLiteral>(forgets.setup[k].what) && !std::holds_alternative<UploadConstant>(forgets.setup[k].what)) continue;
      Program without = forgets;
      without.setup.erase(without.setup.begin() + static_cast<std::ptrdiff_t>(k));
      const std::string said = outcome(part, without, {}, true);
      INFO(said);
      CHECK((said.empty() || (has(said, "E625") && has(said, "depends on data that nobody wrote"))));
      found += !said.empty();
      ++dropped;
    }
    CHECK(found > 0);
  }
}

}  // namespace xpuq::gpu
