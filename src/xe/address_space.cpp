#include "xe/address_space.h"

#include <cstdio>

namespace xpuq::xe {

std::uint8_t* AddressSpace::find(std::uint64_t address, std::uint64_t bytes, bool write) {
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    const Window& w = windows_[i];
    if (address < w.begin || address >= w.end || bytes > w.end - address || !(write ? w.writable : w.readable)) continue;
    std::uint8_t* host = w.host + (address - w.begin);
    if (watch_) watch_->accessed(false, address, bytes, host, write);
    else last_ = i;
    return host;
  }
  if (write) return nullptr;
  for (const Window& w : windows_) {
    if (address < w.begin || address >= w.readable_end || bytes > w.readable_end - address || !w.readable) continue;
    ++reads_past_end;
    return w.host + (address - w.begin);
  }
  return nullptr;
}

bool AddressSpace::inside(std::uint64_t address, std::uint64_t bytes) const {
  for (const Window& w : windows_) {
    if (address >= w.begin && address < w.end && bytes <= w.end - address) return true;
  }
  return false;
}

std::string AddressSpace::describe(std::uint64_t address, std::uint64_t bytes) const {
  char text[160];
  const Window* nearest = nullptr;
  for (const Window& w : windows_) {
    if (address >= w.begin && (!nearest || w.begin > nearest->begin)) nearest = &w;
  }
  const auto n = static_cast<unsigned long long>(bytes);
  const auto at = static_cast<unsigned long long>(address);
  if (nearest && address - nearest->begin < (std::uint64_t{1} << 32)) {
    std::snprintf(text, sizeof text, "%llu bytes at 0x%llx, byte %llu of a buffer with %llu%s", n, at,
                  static_cast<unsigned long long>(address - nearest->begin),
                  static_cast<unsigned long long>(nearest->end - nearest->begin),
                  nearest->writable ? "" : " that may only be read");
  } else {
    std::snprintf(text, sizeof text, "%llu bytes at 0x%llx, in no buffer of the launch", n, at);
  }
  return text;
}

}  // namespace xpuq::xe
