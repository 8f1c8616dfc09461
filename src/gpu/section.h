// Programs as target sections of an artifact (FORMAT.md of src/artifact, section 9).
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "artifact/artifact.h"
#include "gpu/program.h"

namespace xpuq::gpu {

/// One section per program, "gpu:IP:SHAPExTHREADS:planN", and one per architecture with the modules that its programs
/// share, "gpu:modules:N" (N: architecture of the IP version). Equal programs give equal bytes.
std::vector<TargetSection> to_sections(std::span<const Program> programs);

/// What the key of a section says, without looking into it; empty when it is no program's.
struct SectionKey {
  DeviceKey device;
  std::uint32_t plan = 0;
};
std::optional<SectionKey> parse_section_key(const std::string& key);

/// The program of a section, with its modules, accepted by the verifier. E502 for anything else.
Result<Program> read_program(const Artifact& artifact, const TargetSection& section, const std::string& who);

}  // namespace xpuq::gpu
