#include <algorithm>

#include "artifact/artifact.h"
#include "artifact/container.h"
#include "artifact/foreign.h"
#include "artifact/format.h"
#include "support/crc32c.h"

namespace xpuq::artifact {
namespace {

bool is_plain(char c) { return c >= 0x20 && c < 0x7f; }

std::string bytes_text(std::uint64_t n) { return std::to_string(n) + " bytes"; }

class Reader {
 public:
  Reader(std::span<const std::byte> file, const std::string& who) : file_(file) { out_.source.who = who; }

  Result<Container> run() {
    XPUQ_TRY(header());
    XPUQ_TRY(version());
    XPUQ_TRY(sizes());
    for (std::uint32_t i = 0; i < count_; ++i) XPUQ_TRY(entry(i));
    if (end_ != file_.size())
      return damaged(who(), "bytes after the last section", bytes_text(file_.size() - end_), "none");
    return std::move(out_);
  }

 private:
  const std::string& who() const { return out_.source.who; }

  template <class T>
  T at(std::size_t offset) const {
    return load<T>(file_.data() + offset);
  }

  /// Text that fills `size` bytes, the rest of them zero. False when anything else is there.
  bool padded_text(std::size_t offset, std::size_t size, std::string& text) const {
    const std::string_view all(reinterpret_cast<const char*>(file_.data()) + offset, size);
    const std::string_view head = all.substr(0, all.find('\0'));
    if (all.substr(head.size()).find_first_not_of('\0') != std::string_view::npos) return false;
    text = head;
    return std::all_of(head.begin(), head.end(), is_plain);
  }

  Error truncated(std::uint64_t expected) const {
    return damaged(who(), "truncated", bytes_text(file_.size()), bytes_text(expected));
  }

  Result<void> header() {
    const std::size_t have = std::min(file_.size(), kMagic.size());
    if (have == 0 || std::memcmp(file_.data(), kMagic.data(), have) != 0) return not_an_artifact(file_, who());
    if (file_.size() < kHeaderBytes) return truncated(kHeaderBytes);
    const std::uint32_t stored = at<std::uint32_t>(kHeaderCrcAt), computed = crc32c(file_.first(kHeaderCrcAt));
    if (stored != computed) return damaged(who(), "header checksum does not match", hex(computed), hex(stored));
    return {};
  }

  Result<void> version() {
    out_.major = at<std::uint16_t>(kMajorAt);
    out_.minor = at<std::uint16_t>(kMinorAt);
    if (!padded_text(kProducerAt, kProducerBytes, out_.source.producer))
      return damaged(who(), "header: the producer is no plain text");
    if (out_.major == kArtifactMajor && out_.minor <= kArtifactMinor) return {};
    const std::string format = std::to_string(out_.major) + "." + std::to_string(out_.minor);
    const bool older = out_.major < kArtifactMajor;
    const std::string way = older ? " is older than this program reads" : " is newer than this program";
    const std::string own = std::to_string(kArtifactMajor) + ".";
    return needs_newer(out_.source, "artifact format " + format + way, format,
                       own + "0 to " + own + std::to_string(kArtifactMinor));
  }

  Result<void> sizes() {
    const auto size = at<std::uint64_t>(kFileSizeAt);
    if (file_.size() < size) return truncated(size);
    if (file_.size() > size) return damaged(who(), "bytes after its end", bytes_text(file_.size()), bytes_text(size));
    count_ = at<std::uint32_t>(kCountAt);
    if (count_ > kMostSections)
      return damaged(who(), "too many sections", std::to_string(count_), "at most " + std::to_string(kMostSections));
    end_ = kHeaderBytes + std::uint64_t{count_} * kEntryBytes;
    if (end_ > size)
      return damaged(who(), "the section table does not fit the file", bytes_text(end_), bytes_text(size));
    const auto stored = at<std::uint32_t>(kTableCrcAt);
    const std::uint32_t computed = crc32c(file_.subspan(kHeaderBytes, end_ - kHeaderBytes));
    if (stored != computed) return damaged(who(), "section table checksum does not match", hex(computed), hex(stored));
    return {};
  }

  Result<void> entry(std::uint32_t number) {
    const std::size_t base = kHeaderBytes + number * kEntryBytes;
    Section s{.tag = std::string(reinterpret_cast<const char*>(file_.data()) + base, 4), .key = {},
              .flags = at<std::uint32_t>(base + kFlagsAt), .offset = at<std::uint64_t>(base + kOffsetAt),
              .size = at<std::uint64_t>(base + kSizeAt), .crc32c = at<std::uint32_t>(base + kCrcAt)};
    if (!std::all_of(s.tag.begin(), s.tag.end(), is_plain) || !padded_text(base + kKeyAt, kKeyBytes, s.key))
      return damaged(who(), "section " + std::to_string(number) + " has a tag or key that is no plain text");
    XPUQ_TRY(place(s));
    for (const Section& other : out_.sections)
      if (other.tag == s.tag && other.key == s.key) return damaged(who(), name_of(s) + " occurs twice");
    out_.sections.push_back(std::move(s));
    return {};
  }

  /// Sections lie in table order, so that "no overlap" is one comparison, with nothing but a few zeros between them.
  Result<void> place(const Section& s) {
    const std::string name = name_of(s);
    if (s.offset % kSectionAlignment != 0)
      return damaged(who(), name + " is not aligned", "offset " + std::to_string(s.offset), "a multiple of 64");
    if (s.offset < end_)
      return damaged(who(), name + " overlaps what is before it", "offset " + std::to_string(s.offset),
                     "at least " + std::to_string(end_));
    if (s.offset > file_.size() || s.size > file_.size() - s.offset)
      return damaged(who(), name + " reaches beyond the end of the file",
                     "offset " + std::to_string(s.offset) + ", " + bytes_text(s.size), bytes_text(file_.size()));
    const auto gap = file_.subspan(end_, s.offset - end_);
    const bool zero = std::all_of(gap.begin(), gap.end(), [](std::byte b) { return b == std::byte{0}; });
    if (gap.size() >= kMostGap || !zero) return damaged(who(), "something lies hidden before " + name);
    end_ = s.offset + s.size;
    return {};
  }

  std::span<const std::byte> file_;
  Container out_;
  std::uint32_t count_ = 0;
  std::uint64_t end_ = 0;  ///< of what was looked at so far
};

}  // namespace

std::string name_of(const Section& section) {
  return "section '" + section.tag + "'" + (section.key.empty() ? "" : " '" + section.key + "'");
}

Result<Container> read_container(std::span<const std::byte> file, const std::string& who) {
  return Reader(file, who).run();
}

Result<void> check_crc(const Section& section, std::span<const std::byte> file, const std::string& who) {
  const std::uint32_t computed = crc32c(bytes_of(section, file));
  if (computed == section.crc32c) return {};
  return damaged(who, name_of(section) + " checksum does not match", hex(computed), hex(section.crc32c));
}

}  // namespace xpuq::artifact
