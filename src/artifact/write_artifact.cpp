#include <algorithm>

#include "artifact/artifact.h"
#include "artifact/cbor.h"
#include "artifact/format.h"
#include "artifact/info_section.h"
#include "artifact/merge_constants.h"
#include "artifact/plan_section.h"
#include "artifact/sections.h"
#include "artifact/selftest_section.h"
#include "plan/verify.h"
#include "support/check.h"
#include "support/file.h"

namespace xpuq {
namespace {

Error cannot_store(const std::string& who, std::string got, std::string expected = {}) {
  return {.code = "E101", .who = who, .what = "cannot be stored as an artifact", .got = std::move(got),
          .expected = std::move(expected), .remedy = {}, .node = {}};
}

Error cannot_store(const std::string& who, const Error& refusal) {
  constexpr std::string_view kPrefix = "is damaged: ";
  const std::size_t skip = refusal.what.starts_with(kPrefix) ? kPrefix.size() : 0;
  return cannot_store(who, refusal.what.substr(skip), refusal.expected);
}

std::string labels_section(const std::vector<std::string>& labels) {
  Json section = Json::object();
  section["labels"] = labels;
  return artifact::encode_cbor(section);
}

Result<std::string> assemble(const Artifact& a, const std::string& who) {
  using namespace artifact;
  if (a.targets.size() > kMostSections / 2)
    return cannot_store(who, std::to_string(a.targets.size()) + " target sections");
  const MergedConstants merged = merge_constants(a.plans);
  const std::string plans = encode_cbor(plans_to_json(merged.plans)), info = write_info(a.info);
  const std::string labels = labels_section(a.labels), tests = encode_cbor(self_tests_to_json(a.self_tests));
  // What is always read comes first, so that opening touches the first pages of the file only.
  std::vector<SectionData> sections{{kPlanTag, {}, kRequired, plans, kSectionAlignment},
                                    {kInfoTag, {}, kRequired, info, kSectionAlignment}};
  if (!a.labels.empty()) sections.push_back({kLabelsTag, {}, 0, labels, kSectionAlignment});
  if (!a.self_tests.empty()) sections.push_back({kTestsTag, {}, 0, tests, kSectionAlignment});
  sections.push_back({kConstantsTag, {}, kRequired, merged.bytes, kConstantsAlignment});
  for (const TargetSection& t : a.targets) {
    if (t.key.size() > kKeyBytes)
      return cannot_store(who, "target key '" + t.key + "'", "at most " + std::to_string(kKeyBytes) + " bytes");
    const std::string_view bytes(reinterpret_cast<const char*>(t.bytes.data()), t.bytes.size());
    sections.push_back({kTargetTag, t.key, 0, bytes, kSectionAlignment});
  }
  return write_container(sections);
}

}  // namespace

Result<std::string> to_bytes(const Artifact& a, const std::string& who) {
  for (const Plan& plan : a.plans) {
    const std::string problem = verify(plan);
    XPUQ_CHECK(problem.empty(), problem);
  }
  XPUQ_ASSIGN(std::string file, assemble(a, who));
  // Reading it back holds every limit of the reader against the writer: what was written can be opened.
  const auto bytes = std::as_bytes(std::span(file.data(), file.size()));
  const auto container = artifact::read_container(bytes, who);
  if (!container.ok()) return cannot_store(who, container.error());
  const auto back = artifact::read_sections(*container, bytes, nullptr, false);
  if (!back.ok()) return cannot_store(who, back.error());
  return file;
}

Result<void> write_artifact(const Artifact& a, const std::string& path) {
  XPUQ_ASSIGN(const std::string file, to_bytes(a, path));
  return write_file(path, file);
}

}  // namespace xpuq
