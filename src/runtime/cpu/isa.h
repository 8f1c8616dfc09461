// What the machine can do, and how functions for it are marked: the library is compiled for baseline x86-64, and only
// functions that carry XPUQ_AVX2 hold newer instructions. They are reached through a run-time test.
#pragma once

#if defined(__x86_64__)
#define XPUQ_X86 1
#define XPUQ_AVX2 __attribute__((target("avx2,fma")))
#define XPUQ_AVX2_INLINE __attribute__((target("avx2,fma"), always_inline)) inline
#else
#define XPUQ_X86 0
#endif

/// For code that is compiled for several instruction sets by being inlined into functions that carry them.
#define XPUQ_INLINE __attribute__((always_inline)) inline

namespace xpuq::cpu {

/// AVX2 and FMA.
bool has_avx2();
/// An int8 dot product with 32-bit accumulation (AVX-VNNI or AVX512-VNNI). Without it oneDNN's int8 kernels saturate
/// 16-bit sums, which is wrong for ordinary weights.
bool has_vnni();
bool has_avx_vnni();
bool has_avx512_vnni();
/// "avx2", "avx512_vnni", ... : the widest of the sets that matter here.
const char* isa_name();

}  // namespace xpuq::cpu
