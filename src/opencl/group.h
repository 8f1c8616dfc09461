// Which steps of a plan become one kernel.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "plan/plan.h"

namespace xpuq::opencl {

/// Steps computed together, and the plan values that the group reads and writes; everything between stays in registers.
struct Group {
  std::vector<std::uint32_t> steps;    ///< ascending; the last one makes the output
  std::vector<std::uint32_t> inputs;   ///< each once, in the order of first use; constants among them
  std::vector<std::uint32_t> outputs;
  bool operator==(const Group&) const = default;
};

/// Every step of the plan in exactly one group; groups in an order in which they can run. Pointwise steps, moves and
/// constant pads form trees: a step joins the group of its readers when they are all in one group, when it is no model
/// output, and when its elements can be found from those of the group's output by constant strides. Steps for which
/// `is_own` is false are groups of their own. An input of a group may be read later than its last reader in the plan
/// runs: at the last step of the group. A normalization, softmax, float reduction or float average joins the steps behind
/// it when they are pointwise and read nothing else; steps in front of a row operation join it when they cost little
/// and constant strides find their elements.
std::vector<Group> group_steps(const Plan& plan, const std::function<bool(const Step&)>& is_own);

}  // namespace xpuq::opencl
