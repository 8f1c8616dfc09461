#include "runtime/cpu/isa.h"

#if XPUQ_X86
#include <cpuid.h>
#endif

namespace xpuq::cpu {
namespace {

#if XPUQ_X86
// __builtin_cpu_supports of GCC 12 does not know "avxvnni": CPUID.(7,1):EAX[4].
bool cpuid_avx_vnni() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 && (a & (1u << 4)) != 0;
}
#endif

}  // namespace

bool has_avx2() {
#if XPUQ_X86
  static const bool yes = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return yes;
#else
  return false;
#endif
}

bool has_avx_vnni() {
#if XPUQ_X86
  static const bool yes = has_avx2() && cpuid_avx_vnni();
  return yes;
#else
  return false;
#endif
}

bool has_avx512_vnni() {
#if XPUQ_X86
  static const bool yes = has_avx2() && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vl") &&
                          __builtin_cpu_supports("avx512bw");
  return yes;
#else
  return false;
#endif
}

bool has_vnni() { return has_avx_vnni() || has_avx512_vnni(); }

const char* isa_name() {
#if XPUQ_X86
  if (has_vnni()) return has_avx512_vnni() ? "avx512_vnni" : "avx2_vnni";
  if (__builtin_cpu_supports("avx512bw")) return "avx512";
  if (has_avx2()) return "avx2";
  return "sse2";
#else
  return "generic";
#endif
}

}  // namespace xpuq::cpu
