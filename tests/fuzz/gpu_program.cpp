// The program of a GPU section, as the CBOR that a section packs, beside the plan and the modules of a sound artifact.
#include <zstd.h>

#include <cstdlib>

#include "artifact/artifact.h"
#include "gpu/section.h"
#include "target.h"

using namespace xpuq;

namespace {

/// The recorded digits artifact; its first section is replaced.
const Artifact& digits() {
  static const Artifact artifact = open_artifact(XPUQ_FIXTURES "/gpu/digits.xpuq").value();
  return artifact;
}

const TargetSection& first_program() {
  for (const TargetSection& s : digits().targets)
    if (gpu::parse_section_key(s.key)) return s;
  std::abort();
}

}  // namespace

XPUQ_FUZZ_TARGET(gpu_program) {
  std::vector<std::byte> packed(ZSTD_compressBound(bytes.size()));
  packed.resize(ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), 1));
  const TargetSection section{.key = first_program().key, .bytes = packed, .owner = nullptr};
  const auto program = gpu::read_program(digits(), section, "x.xpuq");
  if (!program.ok()) return;
  const auto written = gpu::to_sections(std::span(&*program, 1));
  fuzz::require_sound(written.empty() ? "a program without a section" : "");
}
