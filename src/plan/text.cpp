#include "plan/text.h"

namespace xpuq {
namespace {

std::string list(const std::vector<std::uint32_t>& values) {
  std::string out;
  for (std::size_t i = 0; i < values.size(); ++i) out += (i ? ", $" : "$") + std::to_string(values[i]);
  return out;
}

std::string place(const PlanValue& v) {
  switch (v.place) {
    case Place::input: return "input";
    case Place::output: return "output";
    case Place::arena: return "arena+" + std::to_string(v.offset);
    case Place::constant: return "constant+" + std::to_string(v.offset);
  }
  return {};
}

}  // namespace

std::string to_text(const Plan& plan) {
  std::string out = "plan: arena " + std::to_string(plan.arena_bytes) + " bytes, constants " + std::to_string(plan.constants.size()) + " bytes\n";
  for (std::size_t i = 0; i < plan.values.size(); ++i) {
    const PlanValue& v = plan.values[i];
    out += "  $" + std::to_string(i) + " " + std::string(to_string(v.type.dtype)) + " " + to_string(v.type.shape) +
           (v.type.layout == Layout::channels_last ? " channels_last" : "") + " " + place(v) + (v.name.empty() ? "" : "  \"" + v.name + "\"") + "\n";
  }
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const Step& s = plan.steps[i];
    out += "  step " + std::to_string(i) + ": " + list(s.outputs) + " = " + std::string(to_string(s.op)) + "(" + list(s.inputs) + ")";
    if (const std::string a = to_string(s.attributes); !a.empty()) out += " " + a;
    if (s.in_place) out += " in place of input " + std::to_string(*s.in_place);
    out += "\n";
  }
  return out + "  return " + list(plan.outputs) + "\n";
}

}  // namespace xpuq
