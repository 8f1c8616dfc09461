// xpuq-calibrate --mpi: the pictures of one calibration over the ranks of an MPI job, joined in memory.
#pragma once

#include "driver/calibrate.h"
#include "driver/ranks.h"

namespace xpuq {

/// Each rank measures its shard; rank 0 joins the statistics and writes the profile, which equals that of --shard and
/// --merge. The result of other ranks is their own part. Unfinished work is kept per rank (OUTPUT.rankN.partial).
Result<CalibrateResult> calibrate_over_ranks(const CalibrateOptions& options, Ranks& ranks, const Reporter& reporter);

}  // namespace xpuq
