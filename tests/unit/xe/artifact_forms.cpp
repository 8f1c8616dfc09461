#include "artifact_forms.h"

#include <optional>
#include <set>
#include <vector>

#include "artifact/artifact.h"
#include "gpu/section.h"
#include "gpu/targets.h"
#include "xe/decode.h"
#include "xe/zebin.h"

namespace xe_test {

using namespace xpuq;

namespace {

/// The platform of a section's device; none: the section is no program's.
std::optional<xe::Platform> platform_of(const gpu::DeviceKey& key) {
  for (const gpu::Target& target : gpu::all_targets()) {
    if (target.key.ip_version == key.ip_version) return xe::platform_named(target.family);
  }
  return std::nullopt;
}

}  // namespace

std::string add_artifact(const std::string& path, Forms& forms) {
  const auto artifact = open_artifact(path);
  if (!artifact) return artifact.error().text();
  std::set<std::vector<std::uint8_t>> seen;  // sections share modules
  for (const TargetSection& section : artifact->targets) {
    const auto key = gpu::parse_section_key(section.key);
    const auto platform = key ? platform_of(key->device) : std::nullopt;
    if (!platform) continue;
    const auto program = gpu::read_program(*artifact, section, path);
    if (!program) return program.error().text();
    for (const auto& module : program->modules) {
      if (!seen.insert(module).second) continue;
      const auto zebin = xe::read_zebin(module, path);
      if (!zebin) return zebin.error().text();
      for (const xe::ZebinSection& s : zebin->sections) {
        if (s.name.starts_with(".text.")) add_forms(*platform, xe::decode_kernel(*platform, s.bytes), forms);
      }
    }
  }
  return {};
}

}  // namespace xe_test
