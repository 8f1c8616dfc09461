#include "interpreter.h"

#include <cstring>

#include "artifact/artifact.h"
#include "reference/evaluate.h"

namespace xpuq::fuzz {
namespace {

constexpr std::uint64_t kMostBytes = 1 << 20;  // of all values together
constexpr std::uint64_t kMostWork = 1 << 22;   // of a step: elements read for each element written, at worst

bool is_small(const Plan& plan) {
  std::uint64_t bytes = 0;
  for (const PlanValue& v : plan.values)
    if ((bytes += v.type.bytes()) > kMostBytes) return false;
  for (const Step& step : plan.steps) {
    std::uint64_t read = 1, written = 0;
    for (const std::uint32_t v : step.inputs) read += static_cast<std::uint64_t>(plan.values[v].type.elements());
    for (const std::uint32_t v : step.outputs) written += static_cast<std::uint64_t>(plan.values[v].type.elements());
    if (read * written > kMostWork) return false;
  }
  return true;
}

}  // namespace

void interpret(const Plan& plan) {
  if (!is_small(plan)) return;
  std::vector<Tensor> values;
  for (const PlanValue& v : plan.values) values.emplace_back(v.type.dtype, v.type.shape);
  for (std::uint32_t v = 0; v < plan.values.size(); ++v)
    if (plan.values[v].place == Place::constant)
      std::memcpy(values[v].raw(), plan.constant_bytes(v), plan.values[v].type.bytes());
  const std::vector<Tensor> inputs = selftest_inputs(plan, 1);
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (!inputs[i].span<std::byte>().empty())
      std::memcpy(values[plan.inputs[i]].raw(), inputs[i].raw(), plan.values[plan.inputs[i]].type.bytes());
  for (const Step& step : plan.steps) {
    std::vector<Operand> read;
    std::vector<MutableOperand> written;
    for (const std::uint32_t v : step.inputs) read.push_back({&plan.values[v].type, values[v].raw()});
    for (const std::uint32_t v : step.outputs) written.push_back({&plan.values[v].type, values[v].raw()});
    if (!evaluate({step.op, &step.attributes, read, written}).ok()) return;
  }
}

}  // namespace xpuq::fuzz
