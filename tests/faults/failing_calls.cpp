// For LD_PRELOAD: faults in the calls that bring a product to its disk (open for writing, write, fsync, rename).
//   FAULT=kill   call number FAULT_CALL is the last: kill -9, in a write after half of its bytes
//   FAULT=error  call number FAULT_CALL and all after it fail with ENOSPC
//   FAULT=short  no read or write moves more than 4 KiB, and each second one is interrupted (EINTR)
// Standard streams are left alone.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdlib>
#include <string_view>

namespace {

constexpr std::size_t kShort = 4096;

bool is(std::string_view fault) {
  static const char* const wanted = std::getenv("FAULT");
  return wanted && fault == wanted;
}

/// Counts the call; whether it is the one, or with "error" after it.
bool strikes() {
  static const char* const number = std::getenv("FAULT_CALL");
  static std::atomic<long> calls{0};
  const long call = ++calls, wanted = number ? std::atol(number) : 0;
  return wanted > 0 && (is("kill") ? call == wanted : is("error") && call >= wanted);
}

bool interrupted() {
  static std::atomic<unsigned> calls{0};
  return is("short") && ++calls % 2 == 0;
}

/// What a call that has no bytes does when it is struck: -1 with errno, or nothing any more.
long strike() {
  if (is("kill")) ::kill(::getpid(), SIGKILL);
  errno = ENOSPC;
  return -1;
}

std::size_t shortened(std::size_t n) { return is("short") ? std::min(n, kShort) : n; }

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int mode = flags & O_CREAT ? va_arg(rest, int) : 0;
  va_end(rest);
  if ((flags & O_CREAT) && strikes()) return static_cast<int>(strike());
  return static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}

ssize_t write(int fd, const void* bytes, std::size_t n) {
  if (fd > STDERR_FILENO) {
    if (interrupted()) return errno = EINTR, -1;
    if (strikes()) {
      if (is("kill")) ::syscall(SYS_write, fd, bytes, n / 2);
      return strike();
    }
    n = shortened(n);
  }
  return ::syscall(SYS_write, fd, bytes, n);
}

ssize_t read(int fd, void* bytes, std::size_t n) {
  if (interrupted()) return errno = EINTR, -1;
  return ::syscall(SYS_read, fd, bytes, shortened(n));
}

ssize_t pread(int fd, void* bytes, std::size_t n, off_t at) {
  if (interrupted()) return errno = EINTR, -1;
  return ::syscall(SYS_pread64, fd, bytes, shortened(n), at);
}

int fsync(int fd) { return static_cast<int>(strikes() ? strike() : ::syscall(SYS_fsync, fd)); }
int rename(const char* from, const char* to) { return static_cast<int>(strikes() ? strike() : ::syscall(SYS_rename, from, to)); }
}
