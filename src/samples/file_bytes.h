// Whole files and parts of files into memory, with errors that name the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "xpuq/result.h"

namespace xpuq::samples {

/// Largest file that is read whole: the largest picture, uncompressed, fits.
inline constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 31;

enum class PathKind : std::uint8_t { missing, file, folder, other };
/// What a path leads to, links followed.
PathKind path_kind(const std::string& path);

/// Errors: E204 no such file; E101 not a regular file, not readable, or larger than `limit` bytes.
Result<std::vector<std::byte>> read_file(const std::string& path, std::uint64_t limit = kMaxFileBytes);

/// `count` bytes from `offset`, fewer only where the file ends. Errors: E204, E101.
Result<std::vector<std::byte>> read_file_part(const std::string& path, std::uint64_t offset, std::uint64_t count);

/// Bytes of a regular file. Errors: E204, E101.
Result<std::uint64_t> file_size(const std::string& path);

/// E204 for a path that does not exist.
Error missing_path(const std::string& path);

}  // namespace xpuq::samples
