// One loop, two instruction sets, equal bits: a kernel body is an always-inline function that is called from two thin
// wrappers, one of them compiled for AVX2. Written by hand because the ifunc resolvers that `target_clones` makes run
// before the thread sanitizer is ready. Only operations with one IEEE rounding are allowed in a body (no contraction,
// no reassociation), so that the choice of wrapper cannot be seen in a result.
// Defining XPUQ_NO_CLONES leaves the portable wrapper alone, to test it on a machine that has AVX2.
#pragma once

#define XPUQ_INLINE inline __attribute__((always_inline))

#if defined(__x86_64__) && defined(__GNUC__) && !defined(XPUQ_NO_CLONES)
#define XPUQ_HAS_X86_CLONES 1
#define XPUQ_AVX2 __attribute__((target("avx2")))
#define XPUQ_FMA __attribute__((target("avx2,fma")))
#else
#define XPUQ_HAS_X86_CLONES 0
#define XPUQ_AVX2
#define XPUQ_FMA
#endif

namespace xpuq::qmath {

inline bool cpu_has_avx2() {
#if XPUQ_HAS_X86_CLONES
  return __builtin_cpu_supports("avx2");
#else
  return false;
#endif
}

inline bool cpu_has_fma() {
#if XPUQ_HAS_X86_CLONES
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return false;
#endif
}

}  // namespace xpuq::qmath
