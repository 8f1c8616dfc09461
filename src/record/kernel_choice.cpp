#include "record/kernel_choice.h"

namespace xpuq::record {

std::string to_text(const KernelChoices& choices) {
  std::string text;
  for (const std::vector<KernelChoice>& plan : choices) {
    for (const KernelChoice c : plan) text += c == KernelChoice::own ? '1' : '0';
    text += ';';
  }
  return text;
}

Result<KernelChoices> parse_kernel_choices(std::string_view text) {
  KernelChoices choices;
  std::vector<KernelChoice> plan;
  for (const char c : text) {
    if (c == ';') choices.push_back(std::move(plan)), plan.clear();
    else if (c == '0' || c == '1') plan.push_back(c == '1' ? KernelChoice::own : KernelChoice::library);
    else return make_error("E101", "xpuq-record", "its third argument is no list of kernel choices");
  }
  return choices;
}

}  // namespace xpuq::record
