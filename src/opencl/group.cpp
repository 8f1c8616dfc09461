#include "opencl/group.h"

#include <algorithm>

#include "opencl/expression.h"
#include "opencl/formula.h"
#include "opencl/source.h"
#include "opencl/tail.h"
#include "support/check.h"

namespace xpuq::opencl {
namespace {

/// A kernel has a parameter for each input; the compilers take many more, but a tree this wide gains nothing.
constexpr std::size_t kMostInputs = 24;
constexpr std::size_t kMostSteps = 64;

class Grouping {
 public:
  Grouping(const Plan& plan, const std::function<bool(const Step&)>& is_own) : plan_(plan), is_own_(is_own) {
    readers_.resize(plan.values.size());
    is_output_.resize(plan.values.size(), false);
    for (std::size_t s = 0; s < plan.steps.size(); ++s)
      for (const std::uint32_t v : plan.steps[s].inputs) readers_[v].push_back(static_cast<std::uint32_t>(s));
    for (const std::uint32_t v : plan.outputs) is_output_[v] = true;
  }

  std::vector<Group> run() {
    group_of_.resize(plan_.steps.size());
    std::vector<std::vector<std::uint32_t>> groups;  // by their last step, from the end of the plan
    for (std::size_t i = plan_.steps.size(); i-- > 0;) {
      const auto s = static_cast<std::uint32_t>(i);
      if (const auto g = host(s, groups)) {
        groups[*g].insert(groups[*g].begin(), s);
        group_of_[s] = *g;
      } else {
        group_of_[s] = groups.size();
        groups.push_back({s});
      }
    }
    std::vector<Group> out;
    for (std::size_t g = groups.size(); g-- > 0;) out.push_back(finished(std::move(groups[g])));
    return out;
  }

 private:
  bool can_join(const Step& step) const {
    return step.outputs.size() == 1 && is_own_(step) && is_expression_step(plan_, step);
  }

  /// The group that step `s` becomes a part of.
  std::optional<std::size_t> host(std::uint32_t s, const std::vector<std::vector<std::uint32_t>>& groups) const {
    const Step& step = plan_.steps[s];
    const bool head = is_own_(step) && takes_tail(plan_, step);
    if (!can_join(step) && !head) return std::nullopt;
    const std::uint32_t value = step.outputs[0];
    const auto& readers = readers_[value];
    if (readers.empty() || is_output_[value] || plan_.values[value].place != Place::arena) return std::nullopt;
    const std::size_t g = group_of_[readers[0]];
    for (const std::uint32_t r : readers)
      if (group_of_[r] != g) return std::nullopt;
    std::vector<std::uint32_t> steps = groups[g];
    if (steps.size() >= kMostSteps || !is_own_(plan_.steps[steps.back()])) return std::nullopt;
    if (const std::size_t at = head_of(plan_, steps); at < steps.size()) {
      // The group has another operation in its middle; what comes now can only be its source.
      if (head || !takes_source(plan_, plan_.steps[steps[at]]) || plan_.steps[steps[at]].inputs[0] != (at == 0 ? value : plan_.steps[steps[at - 1]].outputs[0])) return std::nullopt;
      const auto& operands = plan_.steps[steps[at]].inputs;
      if (std::count(operands.begin(), operands.end(), value) > 1) return std::nullopt;
      std::vector<std::uint32_t> source(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(at));
      source.insert(source.begin(), s);
      for (const std::uint32_t r : readers)
        if (std::find(source.begin(), source.end(), r) == source.end() && r != steps[at]) return std::nullopt;
      return is_source(plan_, plan_.steps[steps[at]], source) ? std::optional(g) : std::nullopt;
    }
    if (head) return is_tail(plan_, steps, value) ? std::optional(g) : std::nullopt;
    // A table has to lie in memory.
    for (const std::uint32_t r : readers)
      if (plan_.steps[r].op == OpKind::lookup && plan_.steps[r].inputs[1] == value) return std::nullopt;
    // What is repeated for every element of a broadcast should cost little.
    const std::int64_t repeated = plan_.values[plan_.steps[steps.back()].outputs[0]].type.elements();
    if (is_costly(step.op) && plan_.values[value].type.elements() < repeated) return std::nullopt;
    steps.insert(steps.begin(), s);
    const auto expression = make_expression(plan_, steps);
    if (!expression || expression->loads.size() > kMostInputs) return std::nullopt;
    return g;
  }

  Group finished(std::vector<std::uint32_t> steps) const {
    Group out;
    std::vector<std::uint32_t> made;
    for (const std::uint32_t s : steps) {
      const Step& step = plan_.steps[s];
      for (const std::uint32_t v : step.inputs)
        if (std::find(made.begin(), made.end(), v) == made.end() &&
            std::find(out.inputs.begin(), out.inputs.end(), v) == out.inputs.end())
          out.inputs.push_back(v);
      made.insert(made.end(), step.outputs.begin(), step.outputs.end());
    }
    out.outputs = plan_.steps[steps.back()].outputs;
    out.steps = std::move(steps);
    return out;
  }

  const Plan& plan_;
  const std::function<bool(const Step&)>& is_own_;
  std::vector<std::vector<std::uint32_t>> readers_;
  std::vector<bool> is_output_;
  std::vector<std::size_t> group_of_;
};

}  // namespace

std::vector<Group> group_steps(const Plan& plan, const std::function<bool(const Step&)>& is_own) {
  return Grouping(plan, is_own).run();
}

}  // namespace xpuq::opencl
