#include "samples/file_bytes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "samples/sample_error.h"

namespace xpuq::samples {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Error unreadable(const std::string& path, std::string got) {
  return make_error(kUnreadable, path, "cannot be read", std::move(got), "a readable regular file");
}

std::string reason(int error) { return std::generic_category().message(error); }

struct OpenFile {
  Descriptor descriptor;
  std::uint64_t size;
};

Result<OpenFile> open_file(const std::string& path) {
  // O_NONBLOCK: a pipe without a writer must be refused, not waited for.
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return errno == ENOENT || errno == ENOTDIR ? missing_path(path) : unreadable(path, reason(errno));
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return unreadable(path, reason(errno));
  if (!S_ISREG(info.st_mode)) return unreadable(path, S_ISDIR(info.st_mode) ? "a folder" : "not a regular file");
  return OpenFile{std::move(file), static_cast<std::uint64_t>(info.st_size)};
}

Result<std::vector<std::byte>> read_part(const OpenFile& file, const std::string& path, std::uint64_t offset,
                                         std::uint64_t count) {
  std::vector<std::byte> bytes(count);
  std::uint64_t done = 0;
  while (done < count) {
    const ssize_t n =
        ::pread(file.descriptor.get(), bytes.data() + done, count - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return unreadable(path, reason(errno));
    if (n == 0) break;
    done += static_cast<std::uint64_t>(n);
  }
  bytes.resize(done);
  return bytes;
}

}  // namespace

PathKind path_kind(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0)
    return errno == ENOENT || errno == ENOTDIR ? PathKind::missing : PathKind::other;
  if (S_ISDIR(info.st_mode)) return PathKind::folder;
  return S_ISREG(info.st_mode) ? PathKind::file : PathKind::other;
}

Error missing_path(const std::string& path) {
  return make_error(kMissingPath, path, "no such file or folder", {}, {}, "check the path");
}

Result<std::uint64_t> file_size(const std::string& path) {
  XPUQ_ASSIGN(const OpenFile file, open_file(path));
  return file.size;
}

Result<std::vector<std::byte>> read_file(const std::string& path, std::uint64_t limit) {
  XPUQ_ASSIGN(const OpenFile file, open_file(path));
  if (file.size > limit)
    return make_error(kUnreadable, path, "the file is too large", std::to_string(file.size) + " bytes",
                      "at most " + std::to_string(limit) + " bytes");
  return read_part(file, path, 0, file.size);
}

Result<std::vector<std::byte>> read_file_part(const std::string& path, std::uint64_t offset, std::uint64_t count) {
  XPUQ_ASSIGN(const OpenFile file, open_file(path));
  const std::uint64_t left = offset < file.size ? file.size - offset : 0;
  return read_part(file, path, offset, std::min(count, left));
}

}  // namespace xpuq::samples
