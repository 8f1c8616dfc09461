// What a file is that is no artifact.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "xpuq/result.h"

namespace xpuq::artifact {

/// E502 for bytes without the magic, with a guess from their beginning at what they are instead.
Error not_an_artifact(std::span<const std::byte> bytes, const std::string& who);

}  // namespace xpuq::artifact
