#include <cstdio>
#include <cstdlib>

#include "support/check.h"
#include "xpuq/result.h"

namespace xpuq {

int Error::exit_code() const {
  if (code == "E130") return 130;
  if (code == "E143") return 143;
  if (code.size() >= 2 && code[0] == 'E' && code[1] >= '1' && code[1] <= '6') return code[1] - '0';
  return 1;
}

std::string Error::text() const {
  std::string out = code + ": ";
  if (!who.empty()) out += who + ": ";
  if (!node.empty()) out += "node '" + node + "': ";
  out += what;
  if (!got.empty()) out += "\n  got: " + got;
  if (!expected.empty()) out += "\n  expected: " + expected;
  if (!remedy.empty()) out += "\n  try: " + remedy;
  return out;
}

void check_failed(const char* file, int line, const char* condition, std::string_view why) {
  std::fprintf(stderr, "xpuq: bug at %s:%d: %s (%.*s)\n  please report this with the command and the model\n", file, line,
               condition, static_cast<int>(why.size()), why.data());
  std::_Exit(70);
}

}  // namespace xpuq
