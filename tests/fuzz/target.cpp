#include "target.h"

#include <cstdio>
#include <cstdlib>

namespace xpuq::fuzz {

void require_sound(std::string_view why) {
  if (why.empty()) return;
  std::fprintf(stderr, "accepted, but: %.*s\n", static_cast<int>(why.size()), why.data());
  std::abort();
}

std::vector<Target>& targets() {
  static std::vector<Target> all;
  return all;
}

}  // namespace xpuq::fuzz
