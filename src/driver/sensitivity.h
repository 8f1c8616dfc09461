// What int8 costs, value by value and layer by layer (xpuq-calibrate --sqnr).
#pragma once

#include <vector>

#include "driver/reporter.h"
#include "ir/graph.h"
#include "profile/profile.h"
#include "quantize/quantization.h"
#include "xpuq/result.h"
#include "xpuq/types.h"

namespace xpuq {

/// One layer of the graph in int8 after the other, the rest float: its own ratio and that of the model's outputs, in
/// execution order. Numbers do not depend on the threads. Memory: one run, and the outputs of all batches.
/// E130/E143 when interrupted.
Result<std::vector<ProfileLayer>> measure_layer_sqnr(const Graph& normalized, const Quantization& quantization, const std::vector<std::vector<Tensor>>& batches, int threads, const Reporter& reporter);

/// Fills `sqnr_db` of every value and `layers` of the profile, with scales by its own method, from `batches` of model
/// inputs, as above. E130/E143 when interrupted, with the profile as it was.
Result<void> measure_sqnr(const Graph& normalized, const std::vector<std::vector<Tensor>>& batches, int threads, const Reporter& reporter, Profile& profile);

}  // namespace xpuq
