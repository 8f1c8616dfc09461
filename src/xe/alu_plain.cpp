// Arithmetic for any host.
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

#define XE_VARIANT plain
#define XE_VARIANT_AVX2 0
#include "xe/alu_variant.inl"

namespace xpuq::xe {

const AluTable& alu_table_plain() { return plain::kTable; }

const AluTable& alu_table() {
  const AluTable* best = alu_table_avx2();
  return best ? *best : alu_table_plain();
}

}  // namespace xpuq::xe
