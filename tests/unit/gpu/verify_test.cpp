// Programs that the verifier has to refuse: one kind of damage each, at many places.
#include <functional>
#include <random>

#include "fixture_program.h"
#include "gpu/commands.h"
#include "gpu/hazards.h"
#include "gpu/verify.h"

namespace xpuq::gpu {
namespace {

using Damage = std::function<bool(Program&, std::mt19937&)>;  // false: no place for it

template <class T>
T* pick(std::vector<Command>& commands, std::mt19937& random, const std::function<bool(const T&)>& fits = {}) {
  std::vector<T*> found;
  for (Command& c : commands)
    if (auto* t = std::get_if<T>(&c.what); t && (!fits || fits(*t))) found.push_back(t);
  return found.empty() ? nullptr : found[random() % found.size()];
}

BufferArgument* pick_buffer(std::vector<Command>& commands, std::mt19937& random, const std::function<bool(const BufferArgument&)>& fits) {
  std::vector<BufferArgument*> found;
  for (Command& c : commands)
    if (auto* l = std::get_if<Launch>(&c.what))
      for (Argument& a : l->arguments)
        if (auto* b = std::get_if<BufferArgument>(&a); b && fits(*b)) found.push_back(b);
  return found.empty() ? nullptr : found[random() % found.size()];
}

bool any_buffer(const BufferArgument&) { return true; }

struct Case {
  const char* name;
  const char* says;
  Damage damage;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"another plan", "made for another plan", [](Program& p, auto& r) { p.plan_sha256[r() % 64] ^= 1; return true; }},
      {"a range behind its arena", "does not lie in", [](Program& p, auto& r) { auto* b = pick_buffer(p.inference, r, any_buffer); b->range.offset = p.arena_bytes[static_cast<std::size_t>(b->range.arena)] / 256 * 256; b->range.bytes += 256; return true; }},
      {"a range that wraps around", "does not lie in", [](Program& p, auto& r) { auto* b = pick_buffer(p.inference, r, any_buffer); b->range.bytes = ~std::uint64_t{0} - 255; return true; }},
      {"a misaligned argument", "does not lie in", [](Program& p, auto& r) { auto* b = pick_buffer(p.inference, r, [](auto& x) { return x.range.bytes > 64; }); b->range.offset += 1 + r() % 127; b->range.bytes /= 2; return true; }},
      {"a write to constants in an inference", "may not be accessed so", [](Program& p, auto& r) { auto* b = pick_buffer(p.inference, r, [](auto& x) { return x.range.arena == Arena::constant; }); b->access = Access::write; return true; }},
      {"a write to inputs", "may not be accessed so", [](Program& p, auto& r) { auto* b = pick_buffer(p.inference, r, [](auto& x) { return x.range.arena == Arena::input; }); b->access = Access::read_write; return true; }},
      {"raw weights in an inference", "", [](Program& p, auto& r) { auto* b = pick_buffer(p.inference, r, [](auto& x) { return x.range.arena == Arena::constant; }); b->range = {Arena::raw, 0, 256}; return true; }},
      {"a value read before it is written", "reads what was not written", [](Program& p, auto&) { std::swap(p.inference[1].what, p.inference[p.inference.size() - 2].what); return true; }},
      {"a constant that nobody uploads", "", [](Program& p, auto& r) { auto* u = pick<UploadLiteral>(p.setup, r); const Range gone = u->to; std::erase_if(p.setup, [&](const Command& c) { auto* x = std::get_if<UploadLiteral>(&c.what); return x && x->to == gone; }); return true; }},
      {"a missing barrier", "no barrier", [](Program& p, auto& r) { std::vector<Command*> with; for (auto* list : {&p.setup, &p.inference}) for (Command& c : *list) if (c.barrier) with.push_back(&c); with[r() % with.size()]->barrier = false; return true; }},
      {"a kernel that is not there", "its module has not", [](Program& p, auto& r) { pick<Launch>(p.inference, r)->kernel += "x"; return true; }},
      {"a module that is not there", "its module has not", [](Program& p, auto& r) { pick<Launch>(p.inference, r)->module = static_cast<std::uint32_t>(p.modules.size() + r() % 9); return true; }},
      {"one argument less", "another number of arguments", [](Program& p, auto& r) { pick<Launch>(p.inference, r)->arguments.pop_back(); return true; }},
      {"one argument more", "another number of arguments", [](Program& p, auto& r) { pick<Launch>(p.inference, r)->arguments.push_back(NullArgument{}); return true; }},
      {"an address as a number", "of another kind", [](Program& p, auto& r) { auto* l = pick<Launch>(p.inference, r); for (Argument& a : l->arguments) if (std::holds_alternative<BufferArgument>(a)) { a = ValueArgument{{0, 0, 0, 0, 0, 0, 0, 0}}; return true; } return false; }},
      {"a number as an address", "of another kind", [](Program& p, auto& r) { auto* l = pick<Launch>(p.inference, r, [](const Launch& x) { return std::any_of(x.arguments.begin(), x.arguments.end(), [](const Argument& a) { return std::holds_alternative<ValueArgument>(a); }); }); for (Argument& a : l->arguments) if (std::holds_alternative<ValueArgument>(a)) { a = BufferArgument{{Arena::work, 0, 256}, Access::read_write}; return true; } return false; }},
      {"a number that is cut off", "another size", [](Program& p, auto& r) { auto* l = pick<Launch>(p.inference, r, [](const Launch& x) { return std::any_of(x.arguments.begin(), x.arguments.end(), [](const Argument& a) { return std::holds_alternative<ValueArgument>(a); }); }); for (Argument& a : l->arguments) if (auto* v = std::get_if<ValueArgument>(&a)) { v->bytes.pop_back(); return true; } return false; }},
      {"no groups", "out of range", [](Program& p, auto& r) { pick<Launch>(p.inference, r)->group_count[r() % 3] = 0; return true; }},
      {"an empty group", "out of range", [](Program& p, auto& r) { pick<Launch>(p.inference, r)->group_size[r() % 3] = 0; return true; }},
      {"a huge group", "", [](Program& p, auto& r) { pick<Launch>(p.inference, r)->group_size = {1024, 1024, 1024}; return true; }},
      {"endless groups", "too many groups", [](Program& p, auto& r) { pick<Launch>(p.inference, r)->group_count = {0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}; return true; }},
      {"an upload from behind the constants", "bytes that are not there", [](Program& p, auto& r) { pick<UploadConstant>(p.setup, r)->from = digits().plans[0].constants.size() - r() % 8; return true; }},
      {"an upload from behind the literals", "bytes that are not there", [](Program& p, auto& r) { pick<UploadLiteral>(p.setup, r)->from = ~std::uint64_t{0} - r() % 8; return true; }},
      {"an upload in an inference", "outside the set-up", [](Program& p, auto& r) { const Command c = p.setup[0]; p.inference.insert(p.inference.begin() + static_cast<std::ptrdiff_t>(r() % p.inference.size()), c); return true; }},
      {"an output that is not written", "an output is not written", [](Program& p, auto&) { p.inference.pop_back(); return true; }},
      {"a command for no step", "for no step", [](Program& p, auto& r) { p.inference[r() % p.inference.size()].step = static_cast<std::uint32_t>(p.steps.size()); return true; }},
      {"a small input arena", "the input arena", [](Program& p, auto&) { p.arena_bytes[0] -= 256; return true; }},
      {"an impossible arena", "impossibly large", [](Program& p, auto& r) { p.arena_bytes[2 + r() % 3] = std::uint64_t{1} << 41; return true; }},
      {"a value outside", "does not lie in its arena", [](Program& p, auto& r) { std::vector<std::optional<Range>*> there; for (auto& v : p.values) if (v) there.push_back(&v); (**there[r() % there.size()]).offset += std::uint64_t{1} << 40; return true; }},
      {"a module that is no module", "module", [](Program& p, auto& r) { p.modules[r() % p.modules.size()][r() % 6] ^= 0x10; return true; }},
  };
  return all;
}

}  // namespace

TEST_CASE("the recorded programs are sound") {
  CHECK(verify(a770(), digits().plans[0]).empty());
  Program again = a770();
  set_barriers(again.setup);
  set_barriers(again.inference);
  CHECK(again.setup == a770().setup);
  CHECK(again.inference == a770().inference);
}

TEST_CASE("no damaged program is accepted") {
  std::size_t tried = 0;
  for (const Case& c : cases())
    for (unsigned seed = 0; seed < 10; ++seed) {
      INFO(c.name << ", seed " << seed);
      Program damaged = a770();
      std::mt19937 random(seed);
      if (!c.damage(damaged, random)) continue;
      ++tried;
      const std::string problem = verify(damaged, digits().plans[0]);
      CHECK(!problem.empty());
      CHECK(problem.find(c.says) != std::string::npos);
    }
  CHECK(tried >= 280);
}

TEST_CASE("what the set-up left in work memory may be updated, not replaced") {
  Program p = a770();
  const Range kept{Arena::work, (p.arena_bytes[4] + 255) / 256 * 256, 256};
  p.arena_bytes[4] = kept.offset + kept.bytes;
  p.setup.push_back({Fill{kept, {0}}, 0, false});
  CHECK(verify(p, digits().plans[0]).empty());
  auto& launch = std::get<Launch>(p.inference.back().what);
  for (Argument& a : launch.arguments)
    if (auto* b = std::get_if<BufferArgument>(&a); b && b->access == Access::read) {
      b->range = kept;
      break;
    }
  CHECK(verify(p, digits().plans[0]).empty());
  for (Argument& a : launch.arguments)
    if (auto* b = std::get_if<BufferArgument>(&a); b && b->range == kept) b->access = Access::write;
  CHECK(verify(p, digits().plans[0]).find("may not be accessed so") != std::string::npos);
}

}  // namespace xpuq::gpu
