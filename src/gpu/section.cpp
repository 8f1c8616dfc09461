#include "gpu/section.h"

#include <zstd.h>

#include <charconv>
#include <cstring>
#include <map>
#include <memory>
#include <new>
#include <set>

#include "artifact/cbor.h"
#include "artifact/fields.h"
#include "gpu/program_json.h"
#include "gpu/verify.h"
#include "support/sha256.h"

namespace xpuq::gpu {
namespace {

constexpr const char* kModulesPrefix = "gpu:modules:";
constexpr int kLevel = 19;  // sections are written once and read often
/// Of one section, unpacked. A ResNet-50 has 2 MiB of modules and 0.2 MiB of commands.
constexpr std::size_t kMostUnpacked = std::size_t{256} << 20;

std::uint32_t architecture(const DeviceKey& key) { return key.ip_version >> 22; }

std::string section_key(const DeviceKey& device, std::uint32_t plan) {
  return "gpu:" + ip_version_text(device.ip_version) + ":" + shape_text(device) + "x" + std::to_string(device.threads) + ":plan" + std::to_string(plan);
}

TargetSection packed(std::string key, const std::string& bytes) {
  auto owner = std::make_shared<std::vector<std::byte>>(ZSTD_compressBound(bytes.size()));
  const std::size_t size = ZSTD_compress(owner->data(), owner->size(), bytes.data(), bytes.size(), kLevel);
  if (ZSTD_isError(size)) throw std::bad_alloc();  // it has room for its bound
  owner->resize(size);
  TargetSection section{.key = std::move(key), .bytes = *owner, .owner = owner};
  return section;
}

Result<Json> unpacked(const TargetSection& section, const std::string& who) {
  const std::string where = "section '" + section.key + "'";
  const unsigned long long size = ZSTD_getFrameContentSize(section.bytes.data(), section.bytes.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN) return artifact::damaged(who, where + " is not packed as it should be");
  if (size > kMostUnpacked) return artifact::damaged(who, where + " is impossibly large", std::to_string(size) + " bytes", "at most " + std::to_string(kMostUnpacked));
  std::vector<std::byte> bytes(size);
  const std::size_t got = ZSTD_decompress(bytes.data(), bytes.size(), section.bytes.data(), section.bytes.size());
  if (ZSTD_isError(got) || got != size) return artifact::damaged(who, where + " cannot be unpacked", ZSTD_isError(got) ? ZSTD_getErrorName(got) : "");
  return artifact::decode_cbor(bytes, where, who);
}

std::string module_hash(const std::vector<std::uint8_t>& module) { return sha256_hex(std::as_bytes(std::span(module))); }

Result<std::vector<std::vector<std::uint8_t>>> read_modules(const Artifact& artifact, const Json& wanted, const DeviceKey& device, const std::string& who) {
  const std::string key = kModulesPrefix + std::to_string(architecture(device));
  const auto pool = std::find_if(artifact.targets.begin(), artifact.targets.end(), [&](const TargetSection& s) { return s.key == key; });
  if (pool == artifact.targets.end()) return artifact::damaged(who, "section '" + key + "' is missing");
  XPUQ_ASSIGN(const Json tree, unpacked(*pool, who));
  const artifact::Source source{who, {}};
  XPUQ_ASSIGN(const artifact::Fields f, artifact::Fields::of(tree, "section '" + key + "'", source));
  XPUQ_ASSIGN(const Json* list, f.array("modules"));
  std::map<std::string, std::size_t> index;
  for (std::size_t i = 0; i < list->size(); ++i) {
    if (!(*list)[i].is_binary()) return f.error("a module is no bytes");
    index[module_hash((*list)[i].get_binary())] = i;
  }
  std::vector<std::vector<std::uint8_t>> modules;
  for (const Json& hash : wanted) {
    const auto it = hash.is_string() ? index.find(hash.get_ref<const std::string&>()) : index.end();
    if (it == index.end()) return f.error("a module is missing, or named twice");
    modules.push_back((*list)[it->second].get_binary());
    index.erase(it);  // named again and again, a module would fill the memory
  }
  return modules;
}

}  // namespace

std::vector<TargetSection> to_sections(std::span<const Program> programs) {
  std::vector<TargetSection> sections;
  std::map<std::uint32_t, std::map<std::string, const std::vector<std::uint8_t>*>> pools;
  for (const Program& p : programs) {
    Json j = to_json(p);
    Json hashes = Json::array();
    for (const auto& module : p.modules) {
      const std::string hash = module_hash(module);
      hashes.push_back(hash);
      pools[architecture(p.device)][hash] = &module;
    }
    j["modules"] = std::move(hashes);
    sections.push_back(packed(section_key(p.device, p.plan), artifact::encode_cbor(j)));
  }
  for (const auto& [architecture, modules] : pools) {
    Json list = Json::array();
    for (const auto& [hash, module] : modules) list.push_back(Json::binary(*module));
    Json j = Json::object();
    j["modules"] = std::move(list);
    sections.push_back(packed(kModulesPrefix + std::to_string(architecture), artifact::encode_cbor(j)));
  }
  return sections;
}

std::optional<SectionKey> parse_section_key(const std::string& key) {
  unsigned a, r, v, slices, subslices, eus, threads, plan;
  int end = 0;
  if (std::sscanf(key.c_str(), "gpu:%3u.%3u.%2u:%4ux%4ux%4ux%4u:plan%4u%n", &a, &r, &v, &slices, &subslices, &eus, &threads, &plan, &end) != 8) return std::nullopt;
  if (static_cast<std::size_t>(end) != key.size() || r > 0xFF || v > 0x3F) return std::nullopt;
  const DeviceKey device{(a << 22) | (r << 14) | v, slices, subslices, eus, threads};
  if (key != section_key(device, plan)) return std::nullopt;  // signs, spaces, zeros in front
  return SectionKey{device, plan};
}

Result<Program> read_program(const Artifact& artifact, const TargetSection& section, const std::string& who) {
  const auto key = parse_section_key(section.key);
  if (!key) return artifact::damaged(who, "section '" + section.key + "' is no program of a GPU");
  XPUQ_ASSIGN(const Json tree, unpacked(section, who));
  const artifact::Source source{who, {}};
  XPUQ_ASSIGN(const artifact::Fields f, artifact::Fields::of(tree, "section '" + section.key + "'", source));
  XPUQ_ASSIGN(const Json* hashes, f.array("modules"));
  XPUQ_ASSIGN(Program program, program_from_json(tree, hashes->size(), source));
  if (!(program.device == key->device) || program.plan != key->plan) return f.error("its contents are for another device or plan than its key");
  if (program.plan >= artifact.plans.size()) return f.error("made for a plan that is not there", std::to_string(program.plan));
  XPUQ_ASSIGN(program.modules, read_modules(artifact, *hashes, program.device, who));
  if (std::string problem = verify(program, artifact.plans[program.plan]); !problem.empty()) return f.error(problem);
  return program;
}

}  // namespace xpuq::gpu
