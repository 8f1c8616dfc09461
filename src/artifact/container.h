// The outer shell of an artifact: header, table of sections, sections. Knows nothing of what they hold.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "artifact/refusal.h"

namespace xpuq::artifact {

struct Section {
  std::string tag;
  std::string key;
  std::uint32_t flags = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint32_t crc32c = 0;
};

struct Container {
  std::uint16_t major = 0;
  std::uint16_t minor = 0;
  Source source;
  std::vector<Section> sections;
};

inline std::span<const std::byte> bytes_of(const Section& section, std::span<const std::byte> file) {
  return file.subspan(section.offset, section.size);
}

/// "section 'PLAN'", "section 'TGT ' 'cpu:avx2'"
std::string name_of(const Section& section);

/// Checks everything outside the sections: afterwards each lies inside the file, aligned, apart from the others.
Result<Container> read_container(std::span<const std::byte> file, const std::string& who);

/// E502 unless the bytes of the section have its checksum.
Result<void> check_crc(const Section& section, std::span<const std::byte> file, const std::string& who);

struct SectionData {
  std::string_view tag;
  std::string_view key;
  std::uint32_t flags;
  std::string_view bytes;
  std::uint64_t alignment;
};

/// The whole file; sections in the order given. Tags, keys and their number are within the limits of format.h.
std::string write_container(std::span<const SectionData> sections);

}  // namespace xpuq::artifact
