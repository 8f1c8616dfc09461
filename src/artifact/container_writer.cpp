#include "artifact/artifact.h"
#include "artifact/container.h"
#include "artifact/format.h"
#include "support/check.h"
#include "support/crc32c.h"
#include "support/text.h"

namespace xpuq::artifact {
namespace {

std::uint32_t crc_of(std::string_view bytes) { return crc32c(std::as_bytes(std::span(bytes.data(), bytes.size()))); }

void write_entry(char* entry, const SectionData& s, std::uint64_t offset) {
  XPUQ_CHECK(s.tag.size() == 4 && s.key.size() <= kKeyBytes, "a section has a tag of 4 bytes and a short key");
  std::memcpy(entry, s.tag.data(), s.tag.size());
  store(entry + kFlagsAt, s.flags);
  store(entry + kOffsetAt, offset);
  store(entry + kSizeAt, std::uint64_t{s.bytes.size()});
  store(entry + kCrcAt, crc_of(s.bytes));
  if (!s.key.empty()) std::memcpy(entry + kKeyAt, s.key.data(), s.key.size());
}

void write_header(std::string& file, std::size_t count) {
  char* header = file.data();
  std::memcpy(header, kMagic.data(), kMagic.size());
  store(header + kMajorAt, kArtifactMajor);
  store(header + kMinorAt, kArtifactMinor);
  store(header + kCountAt, static_cast<std::uint32_t>(count));
  store(header + kFileSizeAt, std::uint64_t{file.size()});
  store(header + kTableCrcAt, crc_of(std::string_view(file).substr(kHeaderBytes, count * kEntryBytes)));
  const std::string_view producer = version().substr(0, kProducerBytes);
  std::memcpy(header + kProducerAt, producer.data(), producer.size());
  store(header + kHeaderCrcAt, crc_of(std::string_view(file).substr(0, kHeaderCrcAt)));
}

}  // namespace

std::string write_container(std::span<const SectionData> sections) {
  std::vector<std::uint64_t> offsets;
  std::uint64_t end = kHeaderBytes + sections.size() * kEntryBytes;
  for (const SectionData& s : sections) {
    offsets.push_back((end + s.alignment - 1) / s.alignment * s.alignment);
    end = offsets.back() + s.bytes.size();
  }
  std::string file(end, '\0');
  for (std::size_t i = 0; i < sections.size(); ++i) {
    write_entry(file.data() + kHeaderBytes + i * kEntryBytes, sections[i], offsets[i]);
    if (!sections[i].bytes.empty())
      std::memcpy(file.data() + offsets[i], sections[i].bytes.data(), sections[i].bytes.size());
  }
  write_header(file, sections.size());
  return file;
}

}  // namespace xpuq::artifact
