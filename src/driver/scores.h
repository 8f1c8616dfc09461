// From output tensors to what people ask of a classifier: probabilities, ranks, agreement, noise.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xpuq/types.h"

namespace xpuq {

/// One row per sample when `output` is a class output: f32 of shape [N,C] or [N,C,1,1] with C > 1. Empty otherwise.
std::vector<std::span<const float>> class_rows(const Tensor& output);

/// Indices of the `k` largest scores, largest first; equal scores rank by index. NaN ranks last.
std::vector<int> top_indices(std::span<const float> scores, std::size_t k);

/// Softmax with the maximum taken off, in f64.
std::vector<double> softmax(std::span<const float> scores);

/// True when the scores are probabilities already: none negative and a sum within 1e-3 of one.
bool is_distribution(std::span<const float> scores);

}  // namespace xpuq
