// The program of a plan for the GPU that is here.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "artifact/artifact.h"
#include "gpu/program.h"

namespace xpuq {

/// One section of an artifact against one device, for --check-compat and for the choice.
struct SectionFit {
  std::string key;
  enum class Fit { exact, other_shape, other_device, not_a_gpu } fit = Fit::other_device;
};
/// "fits", "another shape of the same GPU", "another GPU", "for a GPU".
std::string_view to_string(SectionFit::Fit fit);
/// Sections that hold a program of the plan, against a GPU; null: against a CPU.
std::vector<SectionFit> fits(const Artifact& artifact, std::size_t plan, const gpu::DeviceKey* device);

/// The section that fits best, read and verified; null when there is none for this IP version. `note` says when it was
/// made for another shape.
Result<std::shared_ptr<const gpu::Program>> section_program(const Artifact& artifact, std::size_t plan, const gpu::DeviceKey& device, const std::string& path, std::string& note);

/// The program compiled on this machine for its GPU number `number`: from the cache, else by the recorder, which takes
/// seconds.
Result<std::shared_ptr<const gpu::Program>> program_made_here(const Artifact& artifact, std::size_t plan, const gpu::DeviceKey& device, std::size_t number, const std::string& path, bool cache);

}  // namespace xpuq
