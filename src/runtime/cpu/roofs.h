// What this machine can do at most, measured: the roofs of `xpuq-run --profile`.
#pragma once

#include "runtime/engine.h"

namespace xpuq::cpu {

/// Of `threads` threads together: exact int8 multiplications and additions a second (vpdpbusd with VNNI, else vpmaddwd and
/// vpaddd on registers alone) and bytes a second read from memory. Takes about 0.2 s.
Roofs measure_roofs(int threads);

}  // namespace xpuq::cpu
