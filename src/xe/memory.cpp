#include "xe/memory.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <new>

namespace xpuq::xe {
namespace {

std::string hex_address(std::uint64_t value) {
  char text[32];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

}  // namespace

Result<std::uint64_t> Memory::allocate(std::uint64_t bytes, const std::string& name) {
  bytes = std::max<std::uint64_t>(bytes, 1);
  if (bytes > options_.limit_bytes || in_use_ > options_.limit_bytes - bytes) {
    return make_error("E622", name, "the emulated device has no memory left", std::to_string(bytes) + " bytes",
                      "at most " + std::to_string(options_.limit_bytes - in_use_) + " bytes", "a smaller batch, or the device itself");
  }
  constexpr std::uint64_t page = 4096, boundary = std::uint64_t{1} << 32;
  auto block = std::make_unique<Allocation>();
  block->address = next_boundary_ - (bytes / 2 & ~(page - 1));
  block->bytes = bytes;
  block->name = name;
  try {
    block->contents.assign(bytes + kReadSlack, options_.poison);
  } catch (const std::bad_alloc&) {
    return make_error("E622", name, "this machine has no memory left for the emulated device", std::to_string(bytes) + " bytes", {}, "a smaller batch");
  }
  next_boundary_ += (bytes / boundary + 1) * boundary;
  in_use_ += bytes;
  const std::uint64_t address = block->address;
  allocations_.push_back(std::move(block));
  return address;
}

Result<void> Memory::free(std::uint64_t address) {
  const auto at = std::lower_bound(allocations_.begin(), allocations_.end(), address,
                                   [](const auto& block, std::uint64_t value) { return block->address < value; });
  if (at == allocations_.end() || (*at)->address != address) {
    return make_error("E622", hex_address(address), "not the address of an allocation");
  }
  in_use_ -= (*at)->bytes;
  allocations_.erase(at);
  return {};
}

const Allocation* Memory::find(std::uint64_t address) const {
  const auto at = std::upper_bound(allocations_.begin(), allocations_.end(), address,
                                   [](std::uint64_t value, const auto& block) { return value < block->address; });
  if (at == allocations_.begin()) return nullptr;
  const Allocation* block = std::prev(at)->get();
  return address - block->address < block->bytes ? block : nullptr;
}

Allocation* Memory::find(std::uint64_t address) { return const_cast<Allocation*>(std::as_const(*this).find(address)); }

Result<std::uint8_t*> Memory::range(std::uint64_t address, std::uint64_t bytes, const char* what) const {
  const Allocation* block = find(address);
  if (!block || bytes > block->bytes - (address - block->address)) {
    return make_error("E622", hex_address(address), std::string(what) + " outside an allocation", std::to_string(bytes) + " bytes");
  }
  return const_cast<std::uint8_t*>(block->contents.data()) + (address - block->address);
}

Result<void> Memory::write(std::uint64_t address, std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return {};
  XPUQ_ASSIGN(std::uint8_t * to, range(address, bytes.size(), "write"));
  std::memcpy(to, bytes.data(), bytes.size());
  return {};
}

Result<void> Memory::read(std::uint64_t address, std::span<std::uint8_t> bytes) const {
  if (bytes.empty()) return {};
  XPUQ_ASSIGN(const std::uint8_t* from, range(address, bytes.size(), "read"));
  std::memcpy(bytes.data(), from, bytes.size());
  return {};
}

Result<void> Memory::fill(std::uint64_t address, std::uint64_t bytes, std::span<const std::uint8_t> pattern) {
  if (bytes == 0) return {};
  if (pattern.empty()) return make_error("E622", hex_address(address), "a fill needs a pattern");
  XPUQ_ASSIGN(std::uint8_t * to, range(address, bytes, "fill"));
  for (std::uint64_t i = 0; i < bytes; ++i) to[i] = pattern[i % pattern.size()];
  return {};
}

Result<void> Memory::copy(std::uint64_t to, std::uint64_t from, std::uint64_t bytes) {
  if (bytes == 0) return {};
  XPUQ_ASSIGN(std::uint8_t * target, range(to, bytes, "copy"));
  XPUQ_ASSIGN(const std::uint8_t* source, range(from, bytes, "copy"));
  std::memmove(target, source, bytes);
  return {};
}

}  // namespace xpuq::xe
