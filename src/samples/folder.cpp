#include "samples/folder.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "samples/image.h"
#include "samples/sample_error.h"

namespace xpuq::samples {
namespace {

constexpr std::size_t kMaxDepth = 64;

struct CloseFolder {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

/// Names directly inside a folder, each list in byte order.
struct Entries {
  std::vector<std::string> folders;
  std::vector<std::string> pictures;
  Skipped skipped;
};

std::string suffix_of(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos || name.size() - dot > 16 ? std::string() : name.substr(dot);
}

void add_entry(const std::string& folder, const std::string& name, Entries& entries) {
  struct stat info {};
  // A dangling link with a picture's name is kept: reading it later names it as a bad file.
  const bool known = ::stat((folder + "/" + name).c_str(), &info) == 0;
  const bool hidden = name[0] == '.';
  if (known && S_ISDIR(info.st_mode)) {
    if (!hidden) entries.folders.push_back(name);
    return;
  }
  if (!hidden && has_image_suffix(name) && (!known || S_ISREG(info.st_mode))) {
    entries.pictures.push_back(name);
    return;
  }
  ++entries.skipped.files;
  if (!hidden) ++entries.skipped.suffixes[suffix_of(name)];
}

/// Empty with errno set when the folder cannot be listed.
std::optional<Entries> list_entries(const std::string& folder) {
  const std::unique_ptr<DIR, CloseFolder> dir(::opendir(folder.c_str()));
  if (!dir) return std::nullopt;
  Entries entries;
  while (const dirent* entry = ::readdir(dir.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") add_entry(folder, name, entries);
  }
  std::sort(entries.folders.begin(), entries.folders.end());
  std::sort(entries.pictures.begin(), entries.pictures.end());
  return entries;
}

using Identity = std::pair<dev_t, ino_t>;

std::optional<Identity> identity_of(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return Identity{info.st_dev, info.st_ino};
}

/// Collects one class. Loops are told by the identities of the enclosing folders, so that a folder linked twice side
/// by side is still read twice, as in torchvision.
class ClassWalk {
 public:
  ClassWalk(const std::string& root, FolderListing& listing) : root_(root), listing_(listing) {}

  void run(const std::string& class_name, int class_index) {
    found_.clear();
    enclosing_.clear();
    if (const auto id = identity_of(root_)) enclosing_.push_back(*id);
    walk(class_name);
    std::sort(found_.begin(), found_.end());
    for (const auto& [folder, name] : found_) listing_.files.push_back({folder + "/" + name, class_index});
  }

 private:
  void walk(const std::string& relative) {
    const std::string path = root_ + "/" + relative;
    const auto id = identity_of(path);
    const bool loop = !id || std::find(enclosing_.begin(), enclosing_.end(), *id) != enclosing_.end();
    auto entries = loop || enclosing_.size() >= kMaxDepth ? std::nullopt : list_entries(path);
    if (!entries) {
      ++listing_.skipped.folders;
      return;
    }
    listing_.skipped.add(entries->skipped);
    for (std::string& name : entries->pictures) found_.emplace_back(relative, std::move(name));
    enclosing_.push_back(*id);
    for (const std::string& name : entries->folders) walk(relative + "/" + name);
    enclosing_.pop_back();
  }

  const std::string& root_;
  FolderListing& listing_;
  std::vector<std::pair<std::string, std::string>> found_;
  std::vector<Identity> enclosing_;
};

}  // namespace

void Skipped::add(const Skipped& other) {
  files += other.files;
  folders += other.folders;
  for (const auto& [suffix, count] : other.suffixes) suffixes[suffix] += count;
}

std::string Skipped::text() const {
  std::vector<std::pair<std::size_t, std::string>> order;
  for (const auto& [suffix, count] : suffixes) order.emplace_back(count, suffix);
  std::sort(order.begin(), order.end(),
            [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  std::string out;
  std::size_t rest = files;
  for (std::size_t i = 0; i < order.size() && i < 6; ++i) {
    const std::string& suffix = order[i].second;
    out += (i ? ", " : "") + std::to_string(order[i].first) + " " + (suffix.empty() ? "without suffix" : suffix);
    rest -= order[i].first;
  }
  if (rest > 0) out += (out.empty() ? "" : ", ") + std::to_string(rest) + " other or hidden";
  return out;
}

Result<FolderListing> list_folder(const std::string& given) {
  std::string folder = given;
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  const auto top = list_entries(folder);
  if (!top)
    return make_error(kUnreadable, given, "the folder cannot be listed", std::generic_category().message(errno), {},
                      "check its permissions");
  FolderListing listing;
  listing.skipped = top->skipped;
  if (!top->pictures.empty() || top->folders.empty()) {
    for (const std::string& name : top->pictures) listing.files.push_back({name, -1});
    listing.skipped.folders += top->folders.size();
    return listing;
  }
  ClassWalk walk(folder, listing);
  for (std::size_t i = 0; i < top->folders.size(); ++i) walk.run(top->folders[i], static_cast<int>(i));
  listing.classes = top->folders;
  return listing;
}

}  // namespace xpuq::samples
