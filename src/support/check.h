// XPUQ_CHECK: a broken invariant is a bug of xpuq, never a user error. Ends the process with status 70 (EX_SOFTWARE).
// Named by the bare file name: no path of the machine that built it gets into a program.
#pragma once

#include <string_view>

namespace xpuq {
[[noreturn]] void check_failed(const char* file, int line, const char* condition, std::string_view why);
}

#define XPUQ_CHECK(condition, why) \
  ((condition) ? void(0) : ::xpuq::check_failed(__FILE_NAME__, __LINE__, #condition, (why)))
