#include "driver/gpu_program.h"

#include <algorithm>

#include "driver/program_cache.h"
#include "gpu/section.h"
#include "gpu/verify.h"
#include "record/start_recording.h"
#include "support/log.h"
#include "support/process.h"
#include "support/text.h"

namespace xpuq {

std::string_view to_string(SectionFit::Fit fit) {
  switch (fit) {
    case SectionFit::Fit::exact: return "fits";
    case SectionFit::Fit::other_shape: return "another shape of the same GPU";
    case SectionFit::Fit::other_device: return "another GPU";
    case SectionFit::Fit::not_a_gpu: return "for a GPU";
  }
  return {};
}

std::vector<SectionFit> fits(const Artifact& artifact, std::size_t plan, const gpu::DeviceKey* device) {
  std::vector<SectionFit> out;
  for (const TargetSection& section : artifact.targets) {
    const auto key = gpu::parse_section_key(section.key);
    if (!key || key->plan != plan) continue;
    using Fit = SectionFit::Fit;
    const auto fit = [&] {
      if (device == nullptr) return Fit::not_a_gpu;
      if (key->device == *device) return Fit::exact;
      return key->device.ip_version == device->ip_version ? Fit::other_shape : Fit::other_device;
    };
    out.push_back({section.key, fit()});
  }
  return out;
}

Result<std::shared_ptr<const gpu::Program>> section_program(const Artifact& artifact, std::size_t plan, const gpu::DeviceKey& device, const std::string& path, std::string& note) {
  const std::vector<SectionFit> all = fits(artifact, plan, &device);
  const auto best = std::min_element(all.begin(), all.end(), [](const SectionFit& a, const SectionFit& b) { return a.fit < b.fit; });
  if (best == all.end() || best->fit == SectionFit::Fit::other_device) return std::shared_ptr<const gpu::Program>();
  if (best->fit == SectionFit::Fit::other_shape) note = "compiled for " + best->key + ", this device is " + gpu::shape_text(device) + ": right, but tuned for another size";
  const auto section = std::find_if(artifact.targets.begin(), artifact.targets.end(), [&](const TargetSection& s) { return s.key == best->key; });
  XPUQ_ASSIGN(gpu::Program program, gpu::read_program(artifact, *section, path));
  return std::make_shared<const gpu::Program>(std::move(program));
}

Result<std::shared_ptr<const gpu::Program>> program_made_here(const Artifact& artifact, std::size_t plan, const gpu::DeviceKey& device, std::size_t number, const std::string& path, bool cache) {
  const Plan& of = artifact.plans[plan];
  if (cache)
    if (auto found = load_cached_program(of, device)) return std::make_shared<const gpu::Program>(std::move(*found));
  // A file of our own: the one that was opened, and whose signature may have been checked, may be another by now.
  XPUQ_ASSIGN(const TemporaryFolder folder, TemporaryFolder::create());
  Artifact portable = artifact;
  portable.targets.clear();
  XPUQ_TRY(write_artifact(portable, folder.file("portable.xpuq")));
  auto recorded = record::start_recording(folder.file("portable.xpuq"), {.target = std::nullopt, .device = number});
  if (!recorded.ok()) {
    if (recorded.error().code != "E503") return std::move(recorded.error());
    std::vector<std::string> keys;
    for (const SectionFit& f : fits(artifact, plan, &device)) keys.push_back(f.key);
    return make_error("E503", path, "not compiled for this GPU, and this installation cannot compile it", keys.empty() ? "no section for a GPU" : join(keys, ", "),
                      "gpu:" + gpu::ip_version_text(device.ip_version) + ":" + gpu::shape_text(device), "xpuq-compile --target for this device, or -d cpu; " + recorded.error().what + ": " + recorded.error().got);
  }
  if (plan >= recorded->size()) return make_error("E101", "the recording process", "another number of programs than plans came back", std::to_string(recorded->size()), std::to_string(artifact.plans.size()));
  if (const gpu::DeviceKey& got = (*recorded)[plan].device; !(got == device))  // it takes the first GPU there is
    return make_error("E101", "the recording process", "compiled for another GPU than the one asked for", gpu::ip_version_text(got.ip_version) + ", " + gpu::shape_text(got),
                      gpu::ip_version_text(device.ip_version) + ", " + gpu::shape_text(device), "ZE_AFFINITY_MASK=N and -d gpu:0 for the N-th GPU, or xpuq-compile --target");
  gpu::Program program = std::move((*recorded)[plan]);
  if (const std::string problem = gpu::verify(program, of); !problem.empty()) return make_error("E101", "the recording process", "its program is not sound: " + problem, {}, {}, "please report this with the model");
  if (cache) store_cached_program(of, program);
  return std::make_shared<const gpu::Program>(std::move(program));
}

}  // namespace xpuq
