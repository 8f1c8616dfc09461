#include "driver/run.h"
#include "support/file.h"
#include "support/text.h"

namespace xpuq {

Result<Json> artifact_info(const std::string& path, const ReadOptions& read) {
  XPUQ_ASSIGN(const MappedFile file, load_artifact(path, read.public_key));
  XPUQ_ASSIGN(const ArtifactListing listing, list_sections(file.bytes, path));
  XPUQ_ASSIGN(const Artifact artifact, read_artifact(file.bytes, file.owner, path, read));
  Json out;
  out["format"] = std::to_string(listing.major) + "." + std::to_string(listing.minor);
  out["bytes"] = listing.bytes;
  for (const auto& [key, value] : artifact.info.items()) out[key] = value;
  for (const Plan& plan : artifact.plans) {
    Json p;
    p["batch"] = plan.inputs.empty() || plan.values[plan.inputs[0]].type.shape.empty() ? 1 : plan.values[plan.inputs[0]].type.shape[0];
    p["steps"] = plan.steps.size();
    p["arena_bytes"] = plan.arena_bytes;
    Json types = Json::object();
    for (const Step& s : plan.steps) {
      const std::string name(to_string(s.op));
      types[name] = types.value(name, 0) + 1;
    }
    p["steps_by_type"] = std::move(types);
    out["plans"].push_back(std::move(p));
  }
  out["constants_bytes"] = artifact.plans[0].constants.size();
  for (const SectionInfo& s : listing.sections) {
    Json j;
    j["tag"] = s.tag;
    if (!s.key.empty()) j["key"] = s.key;
    j["bytes"] = s.bytes;
    if (read.verify_all) j["checksum"] = s.crc_ok ? "ok" : "damaged";
    out["sections"].push_back(std::move(j));
  }
  out["labels"] = artifact.labels.size();
  out["self_tests"] = artifact.self_tests.size();
  return out;
}

}  // namespace xpuq
