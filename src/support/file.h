// Files: mapped for reading, written beside the target and renamed, so that no half file ever has the final name.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "xpuq/result.h"

namespace xpuq {

/// A read-only mapping. `owner` keeps `bytes` alive.
struct MappedFile {
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;
};

/// Maps a regular file. Missing path: E204 (usage); unreadable or not a regular file: `code`.
Result<MappedFile> map_file(const std::string& path, const std::string& code);

/// Reads a whole small file; the same errors.
Result<std::string> read_file(const std::string& path, const std::string& code);

/// Writes PATH.tmp-<pid> in the same folder, syncs it and renames it over PATH. On any failure the temporary is
/// removed, PATH is as it was, and the error is E101. "-" writes to standard output.
Result<void> write_file(const std::string& path, std::string_view contents);

/// File name without folders.
std::string base_name(const std::string& path);
/// The path with its last extension replaced: ("dir/m.onnx", ".xcal") -> "dir/m.xcal".
std::string with_extension(const std::string& path, const std::string& extension);
bool file_exists(const std::string& path);

}  // namespace xpuq
