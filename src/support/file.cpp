#include "support/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace xpuq {
namespace {

Error file_error(const std::string& code, const std::string& path, std::string what, std::string got, std::string remedy = {}) {
  return {.code = code, .who = path, .what = std::move(what), .got = std::move(got), .expected = {}, .remedy = std::move(remedy), .node = {}};
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

bool write_all(int fd, std::string_view contents) {
  while (!contents.empty()) {
    const ssize_t n = ::write(fd, contents.data(), contents.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    contents.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

Result<MappedFile> map_file(const std::string& path, const std::string& code) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return file_error("E204", path, "no such file", {}, "check the path");
    return file_error(code, path, "cannot be opened", std::strerror(errno));
  }
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return file_error(code, path, "cannot be read", std::strerror(errno));
  if (!S_ISREG(info.st_mode))
    return file_error(code, path, "is not a regular file", S_ISDIR(info.st_mode) ? "a folder" : "a special file");
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size == 0) return MappedFile{};
  void* memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (memory == MAP_FAILED) return file_error(code, path, "cannot be mapped", std::strerror(errno));
  std::shared_ptr<const void> owner(memory, [size](const void* p) { ::munmap(const_cast<void*>(p), size); });
  return MappedFile{{static_cast<const std::byte*>(memory), size}, std::move(owner)};
}

Result<std::string> read_file(const std::string& path, const std::string& code) {
  XPUQ_ASSIGN(const MappedFile file, map_file(path, code));
  return std::string(reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size());
}

Result<void> write_file(const std::string& path, std::string_view contents) {
  if (path == "-") {
    if (!write_all(STDOUT_FILENO, contents)) return file_error("E101", "standard output", "cannot be written", std::strerror(errno));
    return {};
  }
  const std::string temporary = path + ".tmp-" + std::to_string(::getpid());
  const auto give_up = [&](const char* what) {
    const int reason = errno;
    ::unlink(temporary.c_str());
    return file_error("E101", path, what, std::strerror(reason), "choose another place with -o");
  };
  {
    // Its name can be guessed: in a folder of all (/tmp) somebody may have put a link there. One of a killed process, too.
    ::unlink(temporary.c_str());
    const Descriptor fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (fd.get() < 0) return give_up("cannot be created");
    if (!write_all(fd.get(), contents)) return give_up("cannot be written");
    if (::fsync(fd.get()) != 0 && errno != EINVAL) return give_up("cannot be written");
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return give_up("cannot be renamed into place");
  return {};
}

std::string base_name(const std::string& path) { return std::filesystem::path(path).filename().string(); }

std::string with_extension(const std::string& path, const std::string& extension) {
  return std::filesystem::path(path).replace_extension(extension).string();
}

bool file_exists(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0;
}

}  // namespace xpuq
