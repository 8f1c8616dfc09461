// The pictures of a folder: flat, or one class a subfolder, in an order that depends on the names alone.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "xpuq/result.h"

namespace xpuq::samples {

/// What was passed over while collecting samples.
struct Skipped {
  std::size_t files = 0;                        ///< all of them, hidden ones included
  std::map<std::string, std::size_t> suffixes;  ///< of the files that are not hidden; ".heic", or "" without a dot
  std::size_t folders = 0;  ///< below a flat folder, links to an enclosing folder, too deep, unreadable

  void add(const Skipped& other);
  /// "410 .heic, 2 .txt", most frequent first.
  std::string text() const;
};

struct FolderFile {
  std::string path;  ///< relative to the folder, '/' between the parts
  int class_index;   ///< -1 in a flat folder
};

struct FolderListing {
  std::vector<FolderFile> files;
  std::vector<std::string> classes;  ///< empty for a flat folder
  Skipped skipped;
};

/// Pictures told by suffix, links followed, names starting with a dot skipped.
/// Flat when a picture lies directly inside: sorted by name in byte order, subfolders not entered.
/// Otherwise each subfolder is a class (index = position in byte order, empty ones count too) and is walked with all
/// that is below it, sorted by (folder, name) as torchvision's ImageFolder does. A link back to an enclosing folder
/// and anything below 64 levels is skipped. Error: E101 when the folder itself cannot be listed.
Result<FolderListing> list_folder(const std::string& folder);

}  // namespace xpuq::samples
