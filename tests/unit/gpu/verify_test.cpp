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
      {"groups whose number wraps around", "too many groups", [](Program& p, auto& r) { pick<Launch>(p.inference, r)->group_count = {1u << 31, 1u << 9, 1u << 24}; return true; }},
      {"work memory prepared with a constant of the plan", "prepares work memory from other memory", [](Program& p, auto& r) { const std::uint64_t at = p.arena_bytes[4]; p.arena_bytes[4] += 256; p.setup.push_back({UploadConstant{{Arena::work, at, 64}, r() % 64}, 0, false}); return true; }},
      {"work memory prepared with raw memory", "prepares work memory from other memory", [](Program& p, auto&) { const std::uint64_t at = p.arena_bytes[4]; p.arena_bytes[4] += 256; p.setup.push_back({Copy{{Arena::work, at, 64}, {Arena::raw, 0, 64}}, 0, true}); return true; }},
      {"constants prepared with work memory", "prepares work memory from other memory", [](Program& p, auto&) { const std::uint64_t at = p.arena_bytes[4], to = p.arena_bytes[3]; p.arena_bytes[4] += 256; p.arena_bytes[3] += 256; p.setup.push_back({Fill{{Arena::work, at, 64}, {1}}, 0, false}); p.setup.push_back({Copy{{Arena::constant, to, 64}, {Arena::work, at, 64}}, 0, true}); return true; }},
      {"a value in memory of the set-up", "does not lie in its arena", [](Program& p, auto& r) { std::vector<std::optional<Range>*> there; for (auto& v : p.values) if (v && v->bytes <= p.arena_bytes[2]) there.push_back(&v); (**there[r() % there.size()]).arena = Arena::raw; (**there[r() % there.size()]).offset = 0; return p.values.end() != std::find_if(p.values.begin(), p.values.end(), [](auto& v) { return v && v->arena == Arena::raw; }); }},
      {"a command for a step that is part of another", "part of another", [](Program& p, auto& r) { auto& s = p.steps[p.inference[r() % (p.inference.size() - 1)].step]; s.fused_into = p.inference.back().step; return true; }},
      {"a step inside a step inside a step", "fused into no later step", [](Program& p, auto&) { const auto last = static_cast<std::uint32_t>(p.steps.size() - 1); p.steps[0].fused_into = 1; p.steps[1].fused_into = last; return true; }},
      {"commands of a step apart from each other", "not neighbours", [](Program& p, auto& r) { const auto i = static_cast<std::ptrdiff_t>(r() % (p.inference.size() - 2)); Command c = p.inference[static_cast<std::size_t>(i)]; if (c.step == p.inference[static_cast<std::size_t>(i) + 1].step) return false; c.barrier = true; p.inference.insert(p.inference.begin() + i + 2, c); return true; }},
      {"an output that lies elsewhere", "where inputs and outputs do", [](Program& p, auto&) { p.values[digits().plans[0].outputs[0]]->arena = Arena::work; return true; }},
      {"a result that goes elsewhere", "reads ", [](Program& p, auto& r) { auto* b = pick_buffer(p.inference, r, [](auto& x) { return x.range.arena == Arena::work && x.access == Access::write; }); b->range.offset = (p.arena_bytes[4] + 255) / 256 * 256; p.arena_bytes[4] = b->range.offset + b->range.bytes; return true; }},
      {"a value that another step overwrites", "not any more", [](Program& p, auto& r) {
         const Plan& plan = digits().plans[0];
         const std::size_t i = 1 + r() % (p.inference.size() - 1);
         for (std::uint32_t v : plan.steps[p.inference[i].step].inputs) {
           if (plan.values[v].place != Place::arena || !p.values[v] || p.inference[i - 1].step == p.inference[i].step) continue;
           // One of the steps before writes its last bytes on top, in good order.
           Command c{Copy{{Arena::work, p.values[v]->offset, 4}, {Arena::input, 0, 4}}, p.inference[i - 1].step, true};
           const auto made = std::find_if(plan.steps.begin(), plan.steps.end(), [&](const Step& s) { return std::count(s.outputs.begin(), s.outputs.end(), v) > 0; });
           if (static_cast<std::uint32_t>(made - plan.steps.begin()) == c.step) continue;
           p.inference[i].barrier = true;
           p.inference.insert(p.inference.begin() + static_cast<std::ptrdiff_t>(i), c);
           return true;
         }
         return false;
       }},
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
      INFO(problem);
      CHECK(!problem.empty());
      CHECK(problem.find(c.says) != std::string::npos);
    }
  CHECK(tried >= 280);
}

TEST_CASE("kernels of one name, and local memory without an argument") {
  Program p = a770();
  const std::string head = "kernels:\n";
  const auto kernel = [](const std::string& name, int local) { return "  - name: " + name + "\n    execution_env:\n      simd_size: 16\n      slm_size: " + std::to_string(local) + "\n"; };
  p.modules.push_back(module_of(head + kernel("a", 0) + kernel("b", 0)));
  CHECK(verify(p, digits().plans[0]).empty());
  p.modules.back() = module_of(head + kernel("a", 0) + kernel("a", 0));
  CHECK(verify(p, digits().plans[0]).find("two kernels have one name") != std::string::npos);
  p.modules.back() = module_of(head + kernel("a", 1 << 20));
  Launch launch;
  launch.module = static_cast<std::uint32_t>(p.modules.size() - 1);
  launch.kernel = "a";
  p.inference.insert(p.inference.begin(), {launch, p.inference[0].step, false});
  INFO(verify(p, digits().plans[0]));
  CHECK(verify(p, digits().plans[0]).find("too much local memory") != std::string::npos);
}

TEST_CASE("many commands between two barriers take no time") {
  Program p = a770();
  Command reader = *std::find_if(p.inference.begin(), p.inference.end(), [](const Command& c) { return std::holds_alternative<Launch>(c.what); });
  for (Argument& a : std::get<Launch>(reader.what).arguments)
    if (auto* b = std::get_if<BufferArgument>(&a)) *b = {{Arena::constant, 0, 4}, Access::read};
  reader.barrier = false;
  p.inference.insert(p.inference.begin(), 200'000, reader);  // pairs of them: 20 billion
  CHECK(verify(p, digits().plans[0]).empty());
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
