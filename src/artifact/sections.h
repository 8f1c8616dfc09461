// The sections of an artifact as this program knows them.
#pragma once

#include "artifact/artifact.h"
#include "artifact/container.h"

namespace xpuq::artifact {

/// By its tag and all of its flags; what is not known is skipped unless it is required.
bool is_known(const Section& section);

/// E501 for a required section that this program does not know, or that has flags it does not know.
Result<void> check_known(const Container& container);

/// Everything in the sections of a sound container. `file` starts at a multiple of 64 when `owner` is to be kept by
/// the result.
Result<Artifact> read_sections(const Container& container, std::span<const std::byte> file,
                               const std::shared_ptr<const void>& owner, bool verify_all);

}  // namespace xpuq::artifact
