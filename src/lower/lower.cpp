#include "lower/lower.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "ops/post_ops.h"
#include "plan/memory.h"
#include "support/check.h"

namespace xpuq {
namespace {

class Lowering {
 public:
  Lowering(const Graph& graph, bool strip) : g_(graph), strip_(strip) {}

  Result<Lowered> run() {
    for (ValueId v : g_.inputs()) plan().inputs.push_back(declare(v, Place::input));
    for (NodeId n : g_.order()) {
      const Node& node = g_.node(n);
      if (node.op == OpKind::observe) observe(node);
      else add_step(node);
    }
    for (ValueId v : g_.outputs()) plan().outputs.push_back(output(v));
    place_constants();
    std::vector<bool> kept(plan().values.size(), false);
    for (std::uint32_t v : out_.observed) kept[v] = true;
    choose_in_place(kept);
    plan_memory(plan(), kept);
    return std::move(out_);
  }

 private:
  Plan& plan() { return out_.plan; }

  std::uint32_t declare(ValueId v, Place place) {
    const auto id = static_cast<std::uint32_t>(plan().values.size());
    const Value& value = g_.value(v);
    plan().values.push_back({.name = strip_ ? std::string() : value.name, .type = value.type, .place = place, .offset = 0});
    index_[v] = id;
    return id;
  }

  std::uint32_t use(ValueId v) {
    if (const auto it = index_.find(v); it != index_.end()) return it->second;
    XPUQ_CHECK(g_.value(v).is_constant(), "a step reads a value that no step writes");
    const std::uint32_t id = declare(v, Place::constant);
    constants_.emplace_back(id, v);
    return id;
  }

  void add_step(const Node& node) {
    Step step{.op = node.op, .attributes = node.attributes, .inputs = {}, .outputs = {}, .origin = strip_ ? std::vector<std::string>{} : node.origin, .in_place = {}};
    for (ValueId v : node.inputs) step.inputs.push_back(use(v));
    for (ValueId v : node.outputs) step.outputs.push_back(declare(v, g_.is_output(v) ? Place::output : Place::arena));
    plan().steps.push_back(std::move(step));
  }

  void observe(const Node& node) {
    const auto index = static_cast<std::size_t>(node.attributes.get_int("index", 0));
    if (out_.observed.size() <= index) out_.observed.resize(index + 1);
    out_.observed[index] = use(node.inputs[0]);
  }

  /// A model output that no step writes (an input handed through, a constant) is copied by a reshape to its own shape.
  std::uint32_t output(ValueId v) {
    const std::uint32_t source = use(v);
    if (plan().values[source].place == Place::output) return source;
    const auto id = static_cast<std::uint32_t>(plan().values.size());
    plan().values.push_back({.name = plan().values[source].name, .type = plan().values[source].type, .place = Place::output, .offset = 0});
    plan().steps.push_back({.op = OpKind::reshape, .attributes = {{"shape", g_.value(v).type.shape}}, .inputs = {source}, .outputs = {id}, .origin = {}, .in_place = {}});
    return id;
  }

  void place_constants() {
    std::map<std::pair<const std::byte*, std::size_t>, std::uint64_t> placed;  // equal bytes of shared tensors once
    std::uint64_t size = 0;
    for (const auto& [id, v] : constants_) {
      const Tensor& t = *g_.value(v).constant;
      const auto [it, fresh] = placed.try_emplace({t.raw(), t.bytes()}, size);
      plan().values[id].offset = it->second;
      if (fresh) size = align_up(size + t.bytes());
    }
    Tensor blob(DataType::u8, {static_cast<std::int64_t>(size)});
    for (const auto& [id, v] : constants_) {
      const Tensor& t = *g_.value(v).constant;
      if (t.bytes()) std::memcpy(blob.raw() + plan().values[id].offset, t.raw(), t.bytes());
    }
    auto owner = std::make_shared<const Tensor>(std::move(blob));
    plan().constants = {owner->raw(), static_cast<std::size_t>(size)};
    plan().constants_owner = std::move(owner);
  }

  /// Lets a step write over an operand that dies there: the other operand of a sum, the input of a reshape.
  void choose_in_place(const std::vector<bool>& kept) {
    std::vector<std::size_t> last(plan().values.size(), 0);
    for (std::size_t s = 0; s < plan().steps.size(); ++s)
      for (std::uint32_t v : plan().steps[s].inputs) last[v] = s;
    for (std::size_t s = 0; s < plan().steps.size(); ++s) {
      Step& step = plan().steps[s];
      int candidate = -1;
      if (step.op == OpKind::reshape || step.op == OpKind::flatten) candidate = 0;
      else if (step.op == OpKind::conv || step.op == OpKind::linear) candidate = weighted_inputs(step.attributes, step.inputs.size()).other;
      if (candidate < 0) continue;
      const std::uint32_t in = step.inputs[static_cast<std::size_t>(candidate)], out = step.outputs[0];
      const PlanValue &a = plan().values[in], &b = plan().values[out];
      const bool once = std::count(step.inputs.begin(), step.inputs.end(), in) == 1;
      if (a.place == Place::arena && b.place == Place::arena && last[in] == s && once && !kept[in] && a.type.bytes() == b.type.bytes() && a.type.bytes() > 0)
        step.in_place = static_cast<std::uint32_t>(candidate);
    }
  }

  const Graph& g_;
  bool strip_;
  Lowered out_;
  std::map<ValueId, std::uint32_t> index_;
  std::vector<std::pair<std::uint32_t, ValueId>> constants_;
};

}  // namespace

Result<Lowered> lower(const Graph& graph, bool strip) { return Lowering(graph, strip).run(); }

}  // namespace xpuq
