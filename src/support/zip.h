// Reading zip archives that lie in memory, over libzip, with the rules a hostile file needs: names are unique,
// payloads lie apart from each other inside the file, and what inflates to more than the limits is refused before it
// is inflated. Stored entries (what PyTorch writes) can be used in place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "xpuq/result.h"

struct zip;

namespace xpuq {

struct ZipLimits {
  std::uint64_t inflated = std::uint64_t{4} << 30;  ///< all compressed entries of one archive together
  std::uint64_t ratio = 1100;                       ///< of one entry; deflate itself cannot exceed 1032
  std::uint64_t entries = 1'000'000;
};

struct ZipEntry {
  std::string name;
  std::uint64_t index = 0;   ///< position in the central directory
  std::uint64_t size = 0;    ///< uncompressed bytes
  std::uint64_t offset = 0;  ///< of the payload in the archive
  std::uint64_t packed = 0;  ///< bytes of the payload in the archive
  bool stored = false;       ///< not compressed: the payload is the data
};

class ZipArchive {
 public:
  /// `bytes` must outlive the archive. Errors carry `code` and `who` (the file's name as the user wrote it).
  static Result<ZipArchive> open(std::span<const std::byte> bytes, std::string code, std::string who,
                                 const ZipLimits& limits = {});
  ZipArchive(ZipArchive&&) = default;
  ZipArchive& operator=(ZipArchive&&) = default;

  const std::vector<ZipEntry>& entries() const { return entries_; }
  const ZipEntry* find(std::string_view name) const;  ///< null when absent

  /// The uncompressed bytes, at most `cap` of them; length and checksum are verified.
  Result<std::string> read(const ZipEntry& entry, std::uint64_t cap) const;
  /// The bytes of a stored entry inside the archive, after its checksum was verified.
  Result<std::span<const std::byte>> view(const ZipEntry& entry) const;

 private:
  ZipArchive() = default;
  template <class Sink>
  Result<void> stream(const ZipEntry& entry, Sink sink) const;
  Result<void> list(const ZipLimits& limits);
  Result<void> locate();
  Error defect(std::string what, std::string got = {}, std::string expected = {}) const;

  struct Closer {
    void operator()(zip* archive) const;
  };
  std::span<const std::byte> bytes_;
  std::string code_, who_;
  std::unique_ptr<zip, Closer> archive_;
  std::vector<ZipEntry> entries_;
  std::unordered_map<std::string, std::size_t> by_name_;
};

}  // namespace xpuq
