#include "gpu/verify.h"

#include <algorithm>
#include <map>
#include <set>

#include "gpu/commands.h"
#include "gpu/ports.h"
#include "gpu/zebin.h"

namespace xpuq::gpu {
namespace {

constexpr std::uint64_t kMostArenaBytes = std::uint64_t{1} << 40;
constexpr std::size_t kMostCommands = std::size_t{1} << 18;
constexpr std::uint64_t kMostThreads = std::uint64_t{1} << 40;
constexpr std::uint32_t kMostGroup = 1024;
constexpr std::uint64_t kMostLocal = 128 * 1024;

/// Bytes of which something is known, as disjoint intervals.
class Bytes {
 public:
  void add(const Range& r) {
    if (r.bytes == 0) return;
    auto& spans = of(r);
    std::uint64_t begin = r.offset, end = r.offset + r.bytes;
    auto it = spans.upper_bound(begin);
    if (it != spans.begin() && std::prev(it)->second >= begin) --it;
    while (it != spans.end() && it->first <= end) {
      begin = std::min(begin, it->first);
      end = std::max(end, it->second);
      it = spans.erase(it);
    }
    spans[begin] = end;
  }
  bool holds(const Range& r) const {
    if (r.bytes == 0) return true;
    const auto& spans = of(r);
    auto it = spans.upper_bound(r.offset);
    return it != spans.begin() && std::prev(it)->second >= r.offset + r.bytes;
  }
  bool touches(const Range& r) const {
    const auto& spans = of(r);
    auto it = spans.lower_bound(r.offset + r.bytes);
    return it != spans.begin() && std::prev(it)->second > r.offset;
  }
  void clear() {
    for (Spans& spans : spans_) spans.clear();
  }

 private:
  using Spans = std::map<std::uint64_t, std::uint64_t>;
  Spans& of(const Range& r) { return spans_[static_cast<std::size_t>(r.arena)]; }
  const Spans& of(const Range& r) const { return spans_[static_cast<std::size_t>(r.arena)]; }
  Spans spans_[kArenas];
};

/// The step that wrote each byte last.
class Writers {
 public:
  void set(const Range& r, std::uint32_t step) {
    if (r.bytes == 0) return;
    Spans& spans = spans_[static_cast<std::size_t>(r.arena)];
    std::uint64_t begin = r.offset, end = r.offset + r.bytes;
    auto it = spans.upper_bound(begin);
    if (it != spans.begin()) --it;
    while (it != spans.end() && it->first <= end) {
      const auto [first, span] = *it;
      if (span.end < begin || (span.step != step && (span.end == begin || first == end))) {
        ++it;
        continue;
      }
      it = spans.erase(it);
      if (span.step == step) {  // neighbours of one step are one span
        begin = std::min(begin, first);
        end = std::max(end, span.end);
        continue;
      }
      if (first < begin) spans[first] = {begin, span.step};
      if (span.end > end) it = spans.insert_or_assign(end, Span{span.end, span.step}).first;
    }
    spans[begin] = {end, step};
  }
  /// True when all the bytes are from this step.
  bool is(const Range& r, std::uint32_t step) const {
    const Spans& spans = spans_[static_cast<std::size_t>(r.arena)];
    auto it = spans.upper_bound(r.offset);
    return it != spans.begin() && std::prev(it)->second.step == step && std::prev(it)->second.end >= r.offset + r.bytes;
  }

 private:
  struct Span {
    std::uint64_t end = 0;
    std::uint32_t step = 0;
  };
  using Spans = std::map<std::uint64_t, Span>;  ///< by their first byte
  Spans spans_[kArenas];
};

class Verifier {
 public:
  Verifier(const Program& program, const Plan& plan) : p_(program), plan_(plan) {}

  std::string run() {
    if (p_.plan_sha256 != plan_digest(plan_)) return "made for another plan";
    if (p_.setup.size() + p_.inference.size() > kMostCommands) return "too many commands";
    if (!arenas() || !values() || !modules()) return problem_;
    groups();
    if (!commands(p_.setup, Stage::setup) || !commands(p_.inference, Stage::inference)) return problem_;
    for (std::uint32_t v : plan_.outputs)
      if (!is_there(v)) return "an output is not written";
    return {};
  }

 private:
  enum class Stage { setup, inference };

  bool fail(std::string what) {
    if (problem_.empty()) problem_ = std::move(what);
    return false;
  }

  bool inside(const Range& r, std::uint64_t alignment) const {
    const auto arena = static_cast<std::size_t>(r.arena);
    return arena < kArenas && r.offset % alignment == 0 && r.offset <= p_.arena_bytes[arena] &&
           r.bytes <= p_.arena_bytes[arena] - r.offset;
  }

  bool arenas() {
    for (std::uint64_t bytes : p_.arena_bytes)
      if (bytes > kMostArenaBytes) return fail("an arena is impossibly large");
    const auto of = [&](Arena a) { return p_.arena_bytes[static_cast<std::size_t>(a)]; };
    if (of(Arena::input) != input_ports(plan_).bytes) return fail("the input arena has another size than the inputs");
    if (of(Arena::output) != output_ports(plan_).bytes) return fail("the output arena has another size than the outputs");
    return true;
  }

  bool values() {
    if (p_.values.size() != plan_.values.size()) return fail("another number of values than the plan");
    if (p_.steps.size() != plan_.steps.size()) return fail("another number of steps than the plan");
    for (std::size_t v = 0; v < p_.values.size(); ++v) {
      if (!p_.values[v]) continue;
      // Raw memory is gone when the set-up is over.
      if (p_.values[v]->arena == Arena::raw || !inside(*p_.values[v], kGpuAlignment) || p_.values[v]->bytes != plan_.values[v].type.bytes()) return fail("value " + std::to_string(v) + " does not lie in its arena");
    }
    const auto at_ports = [&](const std::vector<std::uint32_t>& values, const Ports& ports) {
      for (std::size_t i = 0; i < values.size(); ++i)
        if (p_.values[values[i]] != ports.ranges[i]) return fail("value " + std::to_string(values[i]) + " does not lie where inputs and outputs do");
      return true;
    };
    if (!at_ports(plan_.inputs, input_ports(plan_)) || !at_ports(plan_.outputs, output_ports(plan_))) return false;
    for (std::size_t s = 0; s < p_.steps.size(); ++s) {
      const auto& into = p_.steps[s].fused_into;
      if (into && (*into <= s || *into >= p_.steps.size() || p_.steps[*into].fused_into)) return fail("step " + std::to_string(s) + " is fused into no later step");
    }
    return true;
  }

  /// Who makes what: groups of steps have the number of their last.
  void groups() {
    begun_.resize(plan_.steps.size(), false);
    members_.resize(plan_.steps.size());
    made_by_.resize(plan_.values.size());
    maker_.resize(plan_.values.size());
    std::vector<bool> works(plan_.steps.size(), false);
    for (const Command& c : p_.inference)
      if (c.step < works.size()) works[c.step] = true;
    for (std::uint32_t s = 0; s < plan_.steps.size(); ++s) {
      const Step& step = plan_.steps[s];
      const std::uint32_t group = p_.steps[s].fused_into.value_or(s);
      members_[group].push_back(s);
      for (std::uint32_t v : step.outputs) {
        made_by_[v] = group;
        if (works[group]) maker_[v] = group;
        // A step in place has nothing to do: its output is its input.
        else if (step.in_place && v == step.outputs[0] && p_.values[step.inputs[*step.in_place]] == p_.values[v]) maker_[v] = maker_[step.inputs[*step.in_place]];
      }
    }
  }

  /// True when the memory of a value holds it, whole: nobody has written there since its step.
  bool is_there(std::uint32_t v) const {
    if (plan_.values[v].type.bytes() == 0 || plan_.values[v].place == Place::constant || plan_.values[v].place == Place::input) return true;
    return p_.values[v] && maker_[v] && writers_.is(*p_.values[v], *maker_[v]);
  }

  /// To be asked for every command of an inference: its step goes on, or begins.
  bool enter(std::uint32_t group) {
    if (current_ == group) return true;
    current_ = group;
    if (begun_[group]) return fail("the commands of step " + std::to_string(group) + " are not neighbours");
    begun_[group] = true;
    for (std::uint32_t s : members_[group])
      for (std::uint32_t v : plan_.steps[s].inputs)
        if (made_by_[v] != group && !is_there(v)) return fail("reads value " + std::to_string(v) + ", which is not there, or not any more");
    return true;
  }

  bool modules() {
    for (std::size_t m = 0; m < p_.modules.size(); ++m) {
      auto signatures = read_signatures(p_.modules[m], "module " + std::to_string(m));
      if (!signatures.ok()) return fail("module " + std::to_string(m) + ": " + signatures.error().what);
      for (KernelSignature& s : *signatures) {
        const std::pair key(static_cast<std::uint32_t>(m), s.name);
        if (!kernels_.try_emplace(key, std::move(s)).second) return fail("module " + std::to_string(m) + ": two kernels have one name");
      }
    }
    return true;
  }

  bool commands(const std::vector<Command>& list, Stage stage) {
    const char* name = stage == Stage::setup ? "set-up" : "inference";
    stage_ = stage;
    open_reads_.clear();
    open_writes_.clear();
    if (stage == Stage::inference) {
      for (const Range& r : input_ports(plan_).ranges) written_.add(r);
      written_.add({Arena::input, 0, p_.arena_bytes[0]});
    }
    for (std::size_t i = 0; i < list.size(); ++i)
      if (!command(list[i])) return fail(std::string(name) + " command " + std::to_string(i) + ": " + std::exchange(problem_, {}));
    return true;
  }

  bool command(const Command& c) {
    if (c.step >= plan_.steps.size()) return fail("works for no step of the plan");
    if (p_.steps[c.step].fused_into) return fail("works for a step that is part of another");
    if (!std::visit([&](const auto& what) { return sound(what); }, c.what)) return false;
    const std::vector<BufferArgument> now = accesses(c);
    for (const BufferArgument& a : now) {
      if (!inside(a.range, std::holds_alternative<Launch>(c.what) ? kPartAlignment : kGpuAlignment)) return fail("a range (" + std::to_string(a.range.offset) + ", " + std::to_string(a.range.bytes) + " bytes) does not lie in the " + std::string(arena_name(a.range.arena)) + " arena, or is not aligned");
      if (!allowed(a)) return fail("the " + std::string(arena_name(a.range.arena)) + " arena may not be accessed so");
      if (a.access == Access::read && !written_.holds(a.range)) return fail("reads what was not written");
    }
    if (stage_ == Stage::setup && !of_one_part(c, now)) return fail("prepares work memory from other memory, which is gone by then");
    if (stage_ == Stage::inference && !enter(c.step)) return false;
    if (c.barrier) {
      open_reads_.clear();
      open_writes_.clear();
    }
    for (const BufferArgument& a : now)
      if (open_writes_.touches(a.range) || (writes(a.access) && open_reads_.touches(a.range))) return fail("no barrier before it, although it depends on a command before");
    for (const BufferArgument& a : now) {
      if (reads(a.access)) open_reads_.add(a.range);
      if (writes(a.access)) open_writes_.add(a.range);
    }
    for (const BufferArgument& a : now) {
      if (!writes(a.access)) continue;
      written_.add(a.range);
      if (stage_ == Stage::inference) writers_.set(a.range, c.step);
      if (stage_ == Stage::setup && a.range.arena == Arena::work) kept_.add(a.range);
    }
    return true;
  }

  /// Every executable prepares work memory of its own, after the rest of the set-up, which runs once and whose raw memory
  /// and constants of the plan are gone then: a command of the set-up keeps to work memory, or out of it.
  static bool of_one_part(const Command& c, const std::vector<BufferArgument>& now) {
    const auto in_work = std::count_if(now.begin(), now.end(), [](const BufferArgument& a) { return a.range.arena == Arena::work; });
    return in_work == 0 || (static_cast<std::size_t>(in_work) == now.size() && !std::holds_alternative<UploadConstant>(c.what));
  }

  /// Which stage may do what to which arena.
  bool allowed(const BufferArgument& a) const {
    switch (a.range.arena) {
      case Arena::input: return stage_ == Stage::inference && a.access == Access::read;
      case Arena::output: return stage_ == Stage::inference;
      case Arena::raw: return stage_ == Stage::setup;
      case Arena::constant: return stage_ == Stage::setup || a.access == Access::read;
      case Arena::work:
        // What the set-up left in work memory (a counter, zeros to add to) has to be there in every inference: it may
        // be updated, never replaced.
        return stage_ == Stage::setup || a.access == Access::read || !kept_.touches(a.range) ||
               (a.access == Access::read_write && kept_.holds(a.range));
    }
    return false;
  }

  bool sound(const Launch& l) {
    const auto kernel = kernels_.find({l.module, l.kernel});
    if (kernel == kernels_.end()) return fail("launches a kernel that its module has not");
    const KernelSignature& signature = kernel->second;
    if (l.arguments.size() != signature.arguments.size()) return fail("another number of arguments than its kernel takes");
    std::uint64_t threads = 1, group = 1, local = signature.local_bytes;
    for (std::size_t d = 0; d < 3; ++d) {
      if (l.group_size[d] == 0 || l.group_count[d] == 0 || l.group_size[d] > kMostGroup) return fail("a group size or count is out of range");
      group *= l.group_size[d];
      if (l.group_count[d] > kMostThreads / threads) return fail("too many groups");
      threads *= l.group_count[d];
    }
    if (group > kMostGroup) return fail("a group is too large");
    for (std::size_t i = 0; i < l.arguments.size(); ++i) {
      const Argument& a = l.arguments[i];
      const ArgumentKind wanted = signature.arguments[i];
      const bool pointer = std::holds_alternative<BufferArgument>(a) || std::holds_alternative<NullArgument>(a);
      const auto* value = std::get_if<ValueArgument>(&a);
      const auto* slm = std::get_if<LocalArgument>(&a);
      if (pointer != (wanted == ArgumentKind::pointer) || (value != nullptr) != (wanted == ArgumentKind::value)) return fail("argument " + std::to_string(i) + " is of another kind than its kernel takes");
      if (value && (value->bytes.empty() || value->bytes.size() > 4096 || value->bytes.size() < signature.value_bytes[i])) return fail("argument " + std::to_string(i) + " of " + l.kernel + " has another size than its kernel takes: " + std::to_string(value->bytes.size()) + " for " + std::to_string(signature.value_bytes[i]));
      if (slm) local += std::min(slm->bytes, kMostLocal + 1);
    }
    return local <= kMostLocal || fail("too much local memory");
  }
  bool sound(const Fill& f) {
    const std::size_t n = f.pattern.size();
    if (n != 1 && n != 2 && n != 4 && n != 8 && n != 16) return fail("a fill has a wrong pattern");
    if (f.to.bytes == 0 || f.to.bytes % n != 0) return fail("a fill of no whole number of patterns");
    return stage_ == Stage::setup || fail("a fill outside the set-up");
  }
  bool upload(std::uint64_t from, std::uint64_t bytes, std::uint64_t have) {
    if (stage_ != Stage::setup) return fail("an upload outside the set-up");
    if (bytes == 0 || from > have || bytes > have - from) return fail("an upload of bytes that are not there");
    return true;
  }
  bool sound(const UploadConstant& u) { return upload(u.from, u.to.bytes, plan_.constants.size()); }
  bool sound(const UploadLiteral& u) { return upload(u.from, u.to.bytes, p_.literals.size()); }
  bool sound(const Copy& c) {
    if (c.to.bytes == 0 || c.to.bytes != c.from.bytes) return fail("a copy between ranges of unequal size");
    return !overlap(c.to, c.from) || fail("a copy onto itself");
  }

  const Program& p_;
  const Plan& plan_;
  Stage stage_ = Stage::setup;
  std::map<std::pair<std::uint32_t, std::string>, KernelSignature> kernels_;
  std::vector<std::vector<std::uint32_t>> members_;  ///< of a group, by its last step
  std::vector<std::optional<std::uint32_t>> made_by_;  ///< by value: its group
  std::vector<std::optional<std::uint32_t>> maker_;    ///< by value: the group whose commands write it
  std::vector<bool> begun_;                            ///< by step: a command of it was seen
  std::optional<std::uint32_t> current_;
  Writers writers_;    ///< in an inference
  Bytes written_;
  Bytes kept_;         ///< of work memory, by the set-up
  Bytes open_reads_;   ///< since the last barrier
  Bytes open_writes_;
  std::string problem_;
};

}  // namespace

std::string verify(const Program& program, const Plan& plan) { return Verifier(program, plan).run(); }

}  // namespace xpuq::gpu
