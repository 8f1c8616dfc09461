// What the recording process answers: programs, or the error that kept it from making them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "gpu/program.h"
#include "xpuq/result.h"

namespace xpuq::gpu {

std::string encode_answer(const Result<std::vector<Program>>& answer);

/// The programs, or the error as it was; E101 when the bytes are no answer.
Result<std::vector<Program>> decode_answer(std::span<const std::byte> bytes);

}  // namespace xpuq::gpu
