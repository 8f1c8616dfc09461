#include "artifact/artifact.h"
#include "artifact/sections.h"
#include "artifact/format.h"
#include "support/crc32c.h"

namespace xpuq {

Result<ArtifactListing> list_sections(std::span<const std::byte> bytes, const std::string& who) {
  XPUQ_ASSIGN(const artifact::Container container, artifact::read_container(bytes, who));
  ArtifactListing out{.major = container.major, .minor = container.minor, .producer = container.source.producer,
                      .bytes = bytes.size(), .sections = {}};
  for (const artifact::Section& s : container.sections)
    out.sections.push_back({.tag = s.tag, .key = s.key, .offset = s.offset, .bytes = s.size, .crc32c = s.crc32c,
                            .crc_ok = crc32c(bytes_of(s, bytes)) == s.crc32c,
                            .required = (s.flags & artifact::kRequired) != 0, .known = is_known(s)});
  return out;
}

}  // namespace xpuq
