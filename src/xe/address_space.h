// What a launch may touch: windows into allocations. Kernels reach memory through here only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "xe/traffic.h"

namespace xpuq::xe {

struct Window {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;           ///< accesses must end here
  std::uint64_t readable_end = 0;  ///< reads may run on to here; what they get there counts as read past the end
  std::uint8_t* host = nullptr;    ///< of `begin`
  bool readable = true;
  bool writable = true;
};

/// Is told of every access of a kernel to device and local memory, before it happens.
class MemoryWatch {
 public:
  virtual ~MemoryWatch() = default;
  /// `local`: the address counts from the group's local memory. `host`: where the bytes lie.
  virtual void accessed(bool local, std::uint64_t address, std::uint64_t bytes, const std::uint8_t* host, bool write) = 0;
};

class AddressSpace {
 public:
  void clear() { windows_.clear(); last_ = 0; }
  void add(const Window& window) { windows_.push_back(window); }
  /// The short way to the last window is closed then, so that nothing passes unseen.
  void watch(MemoryWatch* watch) {
    watch_ = watch;
    last_ = watch ? ~std::size_t{0} : 0;
  }

  /// Host bytes of [address, address + bytes); null if no window has all of them.
  const std::uint8_t* read(std::uint64_t address, std::uint64_t bytes) {
    bytes_read += bytes;
    if (traffic) [[unlikely]] traffic->touch(address, bytes, false);
    if (last_ < windows_.size()) {
      const Window& w = windows_[last_];
      if (address >= w.begin && address < w.end && bytes <= w.end - address && w.readable) return w.host + (address - w.begin);
    }
    return find(address, bytes, false);
  }
  std::uint8_t* write(std::uint64_t address, std::uint64_t bytes) {
    bytes_written += bytes;
    if (traffic) [[unlikely]] traffic->touch(address, bytes, true);
    if (last_ < windows_.size()) {
      const Window& w = windows_[last_];
      if (address >= w.begin && address < w.end && bytes <= w.end - address && w.writable) return w.host + (address - w.begin);
    }
    return find(address, bytes, true);
  }
  /// Host byte of `begin`, where one window has all of [begin, end) and nobody watches: one look-up for a message of many
  /// accesses. The caller adds what it accesses to bytes_read or bytes_written.
  std::uint8_t* whole(std::uint64_t begin, std::uint64_t end, bool write) {
    if (traffic || last_ >= windows_.size()) return nullptr;
    for (std::size_t tried = 0, i = last_; tried < windows_.size(); ++tried, i = i + 1 < windows_.size() ? i + 1 : 0) {
      const Window& w = windows_[i];
      if (begin < w.begin || begin > end || end > w.end || !(write ? w.writable : w.readable)) continue;
      last_ = i;
      return w.host + (begin - w.begin);
    }
    return nullptr;
  }
  /// Whether all bytes lie in a window, without its slack.
  bool inside(std::uint64_t address, std::uint64_t bytes) const;
  /// "0x...: 4 bytes, 12 bytes behind the end of ...".
  std::string describe(std::uint64_t address, std::uint64_t bytes) const;

  Traffic* traffic = nullptr;      ///< told of every access, where a launch is profiled
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_written = 0;
  std::uint64_t reads_past_end = 0;

 private:
  std::uint8_t* find(std::uint64_t address, std::uint64_t bytes, bool write);

  std::vector<Window> windows_;
  std::size_t last_ = 0;
  MemoryWatch* watch_ = nullptr;
};

}  // namespace xpuq::xe
