// Makes artifacts with one defect and sound checksums, so that a reader's later checks are reached.
#pragma once

#include <functional>

#include "../../unit/artifact/sample_artifact.h"
#include "artifact/cbor.h"
#include "artifact/container.h"
#include "artifact/format.h"
#include "support/crc32c.h"

namespace xpuq::artifact_test {

inline std::string sample_bytes() { return to_bytes(sample_artifact(), "sample").value(); }

template <class T>
void put(std::string& file, std::size_t at, T value) {
  artifact::store(file.data() + at, value);
}
template <class T>
T get(const std::string& file, std::size_t at) {
  return artifact::load<T>(as_span(file).data() + at);
}

inline std::size_t entry_at(std::size_t number) { return artifact::kHeaderBytes + number * artifact::kEntryBytes; }

/// Recomputes the checksums of all sections that lie inside the file, of the table and of the header.
inline std::string resealed(std::string file) {
  const auto count = std::min<std::size_t>(get<std::uint32_t>(file, artifact::kCountAt), 64);
  const std::size_t end = std::min(entry_at(count), file.size());
  for (std::size_t i = 0; entry_at(i + 1) <= end; ++i) {
    const auto offset = get<std::uint64_t>(file, entry_at(i) + artifact::kOffsetAt);
    const auto size = get<std::uint64_t>(file, entry_at(i) + artifact::kSizeAt);
    if (offset <= file.size() && size <= file.size() - offset)
      put(file, entry_at(i) + artifact::kCrcAt, crc32c(as_span(file).subspan(offset, size)));
  }
  put(file, artifact::kTableCrcAt, crc32c(as_span(file).subspan(artifact::kHeaderBytes, end - artifact::kHeaderBytes)));
  put(file, artifact::kHeaderCrcAt, crc32c(as_span(file).first(artifact::kHeaderCrcAt)));
  return file;
}

/// The sections of the sample, to be changed and packed again.
struct Parts {
  struct Part {
    std::string tag, key;
    std::uint32_t flags;
    std::string bytes;
  };
  std::vector<Part> parts;

  Parts() {
    const std::string file = sample_bytes();
    const artifact::Container container = artifact::read_container(as_span(file), "sample").value();
    for (const artifact::Section& s : container.sections)
      parts.push_back({s.tag, s.key, s.flags, file.substr(s.offset, s.size)});
  }

  Part& at(std::string_view tag) {
    for (Part& p : parts)
      if (p.tag == tag) return p;
    throw std::runtime_error("no such section");
  }
  void erase(std::string_view tag) {
    std::erase_if(parts, [&](const Part& p) { return p.tag == tag; });
  }
  /// Changes a CBOR section as a tree.
  void edit(std::string_view tag, const std::function<void(Json&)>& change) {
    Json json = artifact::decode_cbor(as_span(at(tag).bytes), "section", "sample").value();
    change(json);
    at(tag).bytes = artifact::encode_cbor(json);
  }
  std::string pack() const {
    std::vector<artifact::SectionData> sections;
    for (const Part& p : parts) sections.push_back({p.tag, p.key, p.flags, p.bytes, artifact::kSectionAlignment});
    return artifact::write_container(sections);
  }
};

/// The sample with its PLAN section, or only its first plan, changed.
inline std::string with_plans(const std::function<void(Json&)>& change) {
  Parts parts;
  parts.edit("PLAN", change);
  return parts.pack();
}
inline std::string with_plan(const std::function<void(Json&)>& change) {
  return with_plans([&](Json& root) { change(root["plans"][0]); });
}

}  // namespace xpuq::artifact_test
