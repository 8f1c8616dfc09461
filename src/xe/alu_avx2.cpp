// Arithmetic with AVX2, FMA and F16C of the host; chosen at run time. The headers come first: what they define must not
// be compiled for a machine that may not be there.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "xe/numbers.h"
#include "xe/thread.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c,bmi,bmi2,lzcnt,popcnt")
#define XE_VARIANT avx2
#define XE_VARIANT_AVX2 1
#include "xe/alu_variant.inl"
#pragma GCC pop_options
#endif

namespace xpuq::xe {

const AluTable* alu_table_avx2() {
#if defined(__x86_64__)
  static const bool present = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c") &&
                              __builtin_cpu_supports("bmi2");
  return present ? &avx2::kTable : nullptr;
#else
  return nullptr;
#endif
}

}  // namespace xpuq::xe
