#include <array>
#include <cctype>
#include <string>

#include "passes/pass.h"

namespace xpuq {
namespace {
constexpr std::array<std::string_view, 9> kPhases{"import", "normalize", "prepare", "convert", "fuse", "layout", "lower", "plan", "emit"};
}

std::string_view to_string(Phase phase) { return kPhases[static_cast<std::size_t>(phase)]; }

std::optional<Phase> parse_phase(std::string_view name) {
  for (std::size_t i = 0; i < kPhases.size(); ++i)
    if (kPhases[i] == name) return static_cast<Phase>(i);
  return std::nullopt;
}

}  // namespace xpuq
