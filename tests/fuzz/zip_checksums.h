// A zip archive whose stored entries have sound checksums, so that mutations reach what is behind them.
#pragma once

#include <zlib.h>

#include <cstring>

#include "target.h"

namespace xpuq::fuzz {

/// The bytes with the CRC-32 of every stored entry recomputed in the central directory and the local header.
/// Layout: PKWARE APPNOTE 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (end record).
inline std::string with_zip_checksums(Bytes bytes) {
  std::string file(text_of(bytes));
  const auto number = [&](std::size_t at, std::size_t width) {
    std::uint64_t v = 0;
    std::memcpy(&v, file.data() + at, width);
    return v;
  };
  const std::size_t end = file.rfind("PK\5\6");
  if (end == std::string::npos || file.size() - end < 22) return file;
  std::size_t at = number(end + 16, 4);
  while (at + 46 <= end && file.compare(at, 4, "PK\1\2") == 0) {
    const std::uint64_t method = number(at + 10, 2), size = number(at + 20, 4), local = number(at + 42, 4);
    if (method == 0 && local + 30 <= file.size()) {
      const std::uint64_t data = local + 30 + number(local + 26, 2) + number(local + 28, 2);
      if (data <= file.size() && size <= file.size() - data) {
        const auto crc = static_cast<std::uint32_t>(
            crc32(0, reinterpret_cast<const Bytef*>(file.data() + data), static_cast<uInt>(size)));
        std::memcpy(file.data() + at + 16, &crc, 4);
        std::memcpy(file.data() + local + 14, &crc, 4);
      }
    }
    at += 46 + number(at + 28, 2) + number(at + 30, 2) + number(at + 32, 2);
  }
  return file;
}

}  // namespace xpuq::fuzz
