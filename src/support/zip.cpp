#include "support/zip.h"

#include <zip.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace xpuq {
namespace {

// Record signatures and sizes of APPNOTE.TXT, the zip specification.
constexpr std::uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50, kEnd64 = 0x06064b50,
                        kLocator64 = 0x07064b50;
constexpr std::size_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22, kLocatorSize = 20, kLongestComment = 65535;
constexpr std::uint64_t kIn64 = 0xFFFFFFFFu;  // "look in the zip64 extra field"

/// Little-endian reads that never leave the file: a read outside gives 0 and clears `ok`.
struct Reader {
  std::span<const std::byte> bytes;
  bool ok = true;

  std::uint64_t number(std::uint64_t at, std::size_t width) {
    if (at > bytes.size() || bytes.size() - at < width) return ok = false, 0;
    std::uint64_t v = 0;
    for (std::size_t i = width; i-- > 0;) v = v << 8 | std::to_integer<std::uint64_t>(bytes[at + i]);
    return v;
  }
  std::uint32_t u32(std::uint64_t at) { return static_cast<std::uint32_t>(number(at, 4)); }
  std::uint32_t u16(std::uint64_t at) { return static_cast<std::uint32_t>(number(at, 2)); }
};

struct Directory {
  std::uint64_t offset = 0, count = 0;
};

/// Where the central directory starts; empty when there is none.
std::optional<Directory> find_directory(Reader& in) {
  if (in.bytes.size() < kEndSize) return std::nullopt;
  const std::uint64_t last = in.bytes.size() - kEndSize;
  const std::uint64_t first = last > kLongestComment ? last - kLongestComment : 0;
  for (std::uint64_t at = last + 1; at-- > first;) {
    if (in.u32(at) != kEnd || at + kEndSize + in.u16(at + 20) != in.bytes.size()) continue;
    Directory d{.offset = in.u32(at + 16), .count = in.u16(at + 10)};
    const bool has64 = at >= kLocatorSize && in.u32(at - kLocatorSize) == kLocator64;
    if (has64 && (d.offset == kIn64 || d.count == 0xFFFF)) {
      const std::uint64_t record = in.number(at - kLocatorSize + 8, 8);
      if (in.u32(record) != kEnd64) return std::nullopt;
      d = {.offset = in.number(record + 48, 8), .count = in.number(record + 32, 8)};
    }
    return in.ok ? std::optional(d) : std::nullopt;
  }
  return std::nullopt;
}

/// The local header offset of a central record at `at`, which zip64 moves into an extra field, behind the sizes that
/// overflowed as well.
std::uint64_t local_header_of(Reader& in, std::uint64_t at) {
  const std::uint64_t offset = in.u32(at + 42);
  if (offset != kIn64) return offset;
  std::uint64_t field = at + kCentralSize + in.u16(at + 28);
  const std::uint64_t end = field + in.u16(at + 30);
  while (in.ok && field + 4 <= end) {
    const std::uint32_t id = in.u16(field), length = in.u16(field + 2);
    if (id == 1) {
      const std::uint64_t skip = (in.u32(at + 24) == kIn64 ? 8 : 0) + (in.u32(at + 20) == kIn64 ? 8 : 0);
      return skip + 8 <= length ? in.number(field + 4 + skip, 8) : (in.ok = false, 0);
    }
    field += 4 + length;
  }
  in.ok = false;
  return 0;
}

std::string message_of(zip_error_t* error) {
  std::string text = zip_error_strerror(error);
  zip_error_fini(error);
  return text;
}

}  // namespace

void ZipArchive::Closer::operator()(zip* archive) const { zip_discard(archive); }

Error ZipArchive::defect(std::string what, std::string got, std::string expected) const {
  return {.code = code_,
          .who = who_,
          .what = std::move(what),
          .got = std::move(got),
          .expected = std::move(expected),
          .remedy = "check that the file is complete, or save the model again",
          .node = {}};
}

Result<ZipArchive> ZipArchive::open(std::span<const std::byte> bytes, std::string code, std::string who,
                                    const ZipLimits& limits) {
  ZipArchive a;
  a.bytes_ = bytes;
  a.code_ = std::move(code);
  a.who_ = std::move(who);
  if (bytes.empty()) return a.defect("cannot be read as a zip archive", "0 bytes");  // libzip would make a new one
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  if (!source) return a.defect("cannot be read as a zip archive", message_of(&error));
  a.archive_.reset(zip_open_from_source(source, ZIP_RDONLY, &error));
  if (!a.archive_) {
    zip_source_free(source);
    return a.defect("cannot be read as a zip archive", message_of(&error),
                    "a zip archive with its central directory at the end");
  }
  XPUQ_TRY(a.list(limits));
  XPUQ_TRY(a.locate());
  return a;
}

Result<void> ZipArchive::list(const ZipLimits& limits) {
  const auto count = static_cast<std::uint64_t>(std::max<zip_int64_t>(zip_get_num_entries(archive_.get(), 0), 0));
  if (count > limits.entries)
    return defect("has too many entries", std::to_string(count), "at most " + std::to_string(limits.entries));
  std::uint64_t inflated = 0, packed = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    zip_stat_t s;
    zip_stat_init(&s);
    constexpr zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
    if (zip_stat_index(archive_.get(), i, 0, &s) != 0 || (s.valid & needed) != needed)
      return defect("has a broken directory entry", "entry " + std::to_string(i));
    ZipEntry e{.name = s.name,
               .index = i,
               .size = s.size,
               .offset = 0,
               .packed = s.comp_size,
               .stored = s.comp_method == ZIP_CM_STORE};
    const std::string quoted = "entry '" + e.name + "'";
    if ((s.valid & ZIP_STAT_ENCRYPTION_METHOD) && s.encryption_method != ZIP_EM_NONE)
      return defect(quoted + " is encrypted");
    if (!e.stored && s.comp_method != ZIP_CM_DEFLATE)
      return defect(quoted + " has an unknown compression method", std::to_string(s.comp_method),
                    "0 (stored) or 8 (deflated)");
    if (e.stored && e.size != e.packed)
      return defect(quoted + " is stored with two different sizes",
                    std::to_string(e.size) + " and " + std::to_string(e.packed));
    if (!e.stored && e.size / limits.ratio > e.packed)
      return defect(quoted + " inflates too much",
                    std::to_string(e.packed) + " to " + std::to_string(e.size) + " bytes",
                    "at most " + std::to_string(limits.ratio) + " times");
    // Payloads that share bytes are how a small file claims to be a large one.
    if (e.packed > bytes_.size() - packed) return defect("has entries that overlap or leave the file", quoted);
    packed += e.packed;
    if (!e.stored && e.size > limits.inflated - inflated)
      return defect("inflates too much", "more than " + std::to_string(limits.inflated) + " bytes");
    if (!e.stored) inflated += e.size;
    if (!by_name_.emplace(e.name, entries_.size()).second) return defect("has " + quoted + " twice");
    entries_.push_back(std::move(e));
  }
  return {};
}

Result<void> ZipArchive::locate() {
  Reader in{bytes_};
  const auto directory = find_directory(in);
  if (!directory || directory->count != entries_.size()) return defect("is a zip archive with a broken central directory");
  std::uint64_t at = directory->offset;
  for (ZipEntry& e : entries_) {
    const std::uint64_t name_length = in.u16(at + 28);
    const std::uint64_t local = local_header_of(in, at);
    if (in.u32(at) != kCentral || in.u32(local) != kLocal || !in.ok)
      return defect("has a broken header for entry '" + e.name + "'");
    e.offset = local + kLocalSize + in.u16(local + 26) + in.u16(local + 28);
    if (!in.ok || e.offset > bytes_.size() || e.packed > bytes_.size() - e.offset)
      return defect("ends inside entry '" + e.name + "'", std::to_string(bytes_.size()) + " bytes",
                    std::to_string(e.offset) + " + " + std::to_string(e.packed) + " bytes");
    at += kCentralSize + name_length + in.u16(at + 30) + in.u16(at + 32);
  }
  return {};
}

const ZipEntry* ZipArchive::find(std::string_view name) const {
  const auto it = by_name_.find(std::string(name));
  return it == by_name_.end() ? nullptr : &entries_[it->second];
}

template <class Sink>
Result<void> ZipArchive::stream(const ZipEntry& entry, Sink sink) const {
  const std::string what = "entry '" + entry.name + "' is damaged";
  const auto close = [](zip_file_t* f) { zip_fclose(f); };
  std::unique_ptr<zip_file_t, decltype(close)> file(zip_fopen_index(archive_.get(), entry.index, 0), close);
  if (!file) return defect(what, zip_strerror(archive_.get()));
  std::array<char, 1 << 16> buffer;
  std::uint64_t seen = 0;
  for (;;) {
    const zip_int64_t n = zip_fread(file.get(), buffer.data(), buffer.size());
    if (n < 0) return defect(what, zip_file_strerror(file.get()));  // libzip compares the checksum at the end
    if (n == 0) break;
    seen += static_cast<std::uint64_t>(n);
    if (seen > entry.size) break;
    sink(buffer.data(), static_cast<std::size_t>(n));
  }
  if (seen != entry.size)
    return defect(what, (seen > entry.size ? "more than " : "") + std::to_string(std::min(seen, entry.size)) + " bytes",
                  std::to_string(entry.size) + " bytes");
  return {};
}

Result<std::string> ZipArchive::read(const ZipEntry& entry, std::uint64_t cap) const {
  if (entry.size > cap)
    return defect("entry '" + entry.name + "' is too large", std::to_string(entry.size) + " bytes",
                  "at most " + std::to_string(cap) + " bytes");
  std::string out;  // grows with what really inflates, whatever the header promises
  XPUQ_TRY(stream(entry, [&](const char* data, std::size_t n) { out.append(data, n); }));
  return out;
}

Result<std::span<const std::byte>> ZipArchive::view(const ZipEntry& entry) const {
  if (!entry.stored) return defect("entry '" + entry.name + "' is compressed and cannot be used in place");
  XPUQ_TRY(stream(entry, [](const char*, std::size_t) {}));
  return bytes_.subspan(entry.offset, entry.packed);
}

}  // namespace xpuq
