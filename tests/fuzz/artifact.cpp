// Artifacts, with sound checksums: container, sections, plan verifier, GPU sections; and plans that the verifier accepts
// are run by the plain loops, as far as they are small.
#include "artifact/artifact.h"

#include <cstring>

#include "corrupt/artifact/forge.h"
#include "gpu/section.h"
#include "interpreter.h"
#include "target.h"

using namespace xpuq;

XPUQ_FUZZ_TARGET(artifact) {
  (void)list_sections(bytes, "x.xpuq");
  if (bytes.size() < artifact::kHeaderBytes) return (void)read_artifact(bytes, nullptr, "x.xpuq");
  const std::string file = artifact_test::resealed(std::string(fuzz::text_of(bytes)));
  const auto artifact = read_artifact(std::as_bytes(std::span(file)), nullptr, "x.xpuq", {.verify_all = true});
  if (!artifact.ok()) return;
  for (const Plan& plan : artifact->plans) fuzz::interpret(plan);
  for (const TargetSection& section : artifact->targets)
    if (gpu::parse_section_key(section.key)) (void)gpu::read_program(*artifact, section, "x.xpuq");
  fuzz::require_sound(to_bytes(*artifact, "x.xpuq").ok() ? "" : "what was read cannot be written");
}
