// Who makes the kernel of a step on a GPU, where there is a choice.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "xpuq/result.h"

namespace xpuq::record {

enum class KernelChoice : std::uint8_t { library, own };

/// By plan and step. A plan or step that is missing: oneDNN's where it has generated code, else an own one.
using KernelChoices = std::vector<std::vector<KernelChoice>>;

/// "0010;00": a digit a step, plans apart; what the recorder is started with.
std::string to_text(const KernelChoices& choices);
/// E101.
Result<KernelChoices> parse_kernel_choices(std::string_view text);

}  // namespace xpuq::record
