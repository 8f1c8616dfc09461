#include <algorithm>
#include <array>
#include <cstring>

#include "artifact/artifact.h"
#include "artifact/cbor.h"
#include "artifact/fields.h"
#include "artifact/format.h"
#include "artifact/info_section.h"
#include "artifact/plan_section.h"
#include "artifact/sections.h"
#include "artifact/selftest_section.h"
#include "artifact/signature.h"
#include "support/file.h"

namespace xpuq {
namespace artifact {
namespace {

constexpr std::array kKnownTags{kPlanTag, kInfoTag, kLabelsTag, kTestsTag, kConstantsTag, kTargetTag};

bool is_known_tag(const Section& s) {
  return std::find(kKnownTags.begin(), kKnownTags.end(), s.tag) != kKnownTags.end();
}

/// Bulk: checked on request only, so that opening does not read it. All else is small and always checked.
bool is_bulk(const Section& s) { return s.tag == kConstantsTag || s.tag == kTargetTag || !is_known(s); }

const Section* find(const Container& c, std::string_view tag) {
  const auto it = std::find_if(c.sections.begin(), c.sections.end(),
                               [&](const Section& s) { return s.tag == tag && is_known(s); });
  return it == c.sections.end() ? nullptr : &*it;
}

Result<void> check_sections(const Container& c, std::span<const std::byte> file, bool verify_all) {
  XPUQ_TRY(check_known(c));
  for (const std::string_view tag : {kPlanTag, kInfoTag, kConstantsTag})
    if (!find(c, tag)) return damaged(c.source.who, "section '" + std::string(tag) + "' is missing");
  for (const Section& s : c.sections) {
    if (verify_all || !is_bulk(s)) XPUQ_TRY(check_crc(s, file, c.source.who));
    if (!is_known(s)) continue;
    const bool needs_key = s.tag == kTargetTag;
    if (needs_key != s.key.empty()) continue;
    return damaged(c.source.who, name_of(s) + (needs_key ? " has no key" : " has a key"));
  }
  return {};
}

Result<Json> read_cbor(const Section& s, std::span<const std::byte> file, const std::string& who) {
  return decode_cbor(bytes_of(s, file), name_of(s), who);
}

Result<std::vector<std::string>> read_labels(const Json& section, const Source& source) {
  XPUQ_ASSIGN(const Fields f, Fields::of(section, "section 'LABL'", source));
  return f.texts("labels");
}

/// In aligned memory of its own.
MappedFile copy_of(std::span<const std::byte> bytes) {
  const auto copy = std::make_shared<Tensor>(DataType::u8, Shape{static_cast<std::int64_t>(bytes.size())});
  std::memcpy(copy->raw(), bytes.data(), bytes.size());
  return {{copy->raw(), bytes.size()}, copy};
}

}  // namespace

bool is_known(const Section& s) { return is_known_tag(s) && (s.flags & ~kRequired) == 0; }

Result<void> check_known(const Container& c) {
  for (const Section& s : c.sections) {
    if (!(s.flags & kRequired) || is_known(s)) continue;
    if (!is_known_tag(s))
      return needs_newer(c.source, "needs a newer xpuq: " + name_of(s) + " is required and not known", name_of(s),
                         "known sections only");
    return needs_newer(c.source, "needs a newer xpuq: " + name_of(s) + " has a flag that is not known",
                       "flags " + hex(s.flags), "flags " + hex(kRequired));
  }
  return {};
}

Result<Artifact> read_sections(const Container& c, std::span<const std::byte> file,
                               const std::shared_ptr<const void>& owner, bool verify_all) {
  XPUQ_TRY(check_sections(c, file, verify_all));
  const std::string& who = c.source.who;
  Artifact out;
  XPUQ_ASSIGN(const Json plans, read_cbor(*find(c, kPlanTag), file, who));
  XPUQ_ASSIGN(out.plans, plans_from_json(plans, bytes_of(*find(c, kConstantsTag), file), owner, c.source));
  XPUQ_ASSIGN(out.info, read_info(bytes_of(*find(c, kInfoTag), file), who));
  if (const Section* labels = find(c, kLabelsTag)) {
    XPUQ_ASSIGN(const Json json, read_cbor(*labels, file, who));
    XPUQ_ASSIGN(out.labels, read_labels(json, c.source));
  }
  if (const Section* tests = find(c, kTestsTag)) {
    XPUQ_ASSIGN(const Json json, read_cbor(*tests, file, who));
    XPUQ_ASSIGN(out.self_tests, self_tests_from_json(json, out.plans, c.source));
  }
  for (const Section& s : c.sections)
    if (s.tag == kTargetTag && is_known(s))
      out.targets.push_back({.key = s.key, .bytes = bytes_of(s, file), .owner = owner});
  return out;
}

}  // namespace artifact

Result<Artifact> read_artifact(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
                               const std::string& who, ReadOptions options) {
  XPUQ_ASSIGN(const artifact::Container container, artifact::read_container(bytes, who));
  if (owner && reinterpret_cast<std::uintptr_t>(bytes.data()) % kPlanAlignment == 0)
    return artifact::read_sections(container, bytes, owner, options.verify_all);
  const MappedFile copy = artifact::copy_of(bytes);
  return artifact::read_sections(container, copy.bytes, copy.owner, options.verify_all);
}

Result<MappedFile> load_artifact(const std::string& path, const std::string& public_key) {
  XPUQ_ASSIGN(MappedFile file, map_file(path, "E502"));
  if (public_key.empty()) return file;
  MappedFile copy = artifact::copy_of(file.bytes);
  XPUQ_TRY(check_signature(copy.bytes, public_key, path));
  return copy;
}

Result<Artifact> open_artifact(const std::string& path, ReadOptions options) {
  XPUQ_ASSIGN(const MappedFile file, load_artifact(path, options.public_key));
  return read_artifact(file.bytes, file.owner, path, options);
}

}  // namespace xpuq
