// The device's address space. Kernels and callers name bytes by 64-bit device addresses only; what lies between
// allocations is not mapped.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "xpuq/result.h"

namespace xpuq::xe {

/// What memory and registers hold that nobody wrote.
inline constexpr std::uint8_t kPoison = 0xcd;

struct MemoryOptions {
  std::uint64_t limit_bytes = std::uint64_t{16} << 30;  ///< of all allocations together
  std::uint8_t poison = kPoison;  ///< what new allocations hold
};

/// One allocation. It has kReadSlack more bytes, which reads may touch (oneDNN's kernels read ahead) and nothing else.
struct Allocation {
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
  std::string name;
  std::vector<std::uint8_t> contents;  ///< bytes + kReadSlack
};
inline constexpr std::uint64_t kReadSlack = 4096;

class Memory {
 public:
  explicit Memory(const MemoryOptions& options = {}) : options_(options) {}

  /// Reserves `bytes` (at least 1), aligned to 4096. Larger ones lie across a multiple of 4 GiB, so that a carry lost in a
  /// kernel's address arithmetic shows. Error E622: over the limit.
  Result<std::uint64_t> allocate(std::uint64_t bytes, const std::string& name);
  /// Error E622: not the address of an allocation.
  Result<void> free(std::uint64_t address);

  /// Bytes of one allocation each; anything else is E622.
  Result<void> write(std::uint64_t address, std::span<const std::uint8_t> bytes);
  Result<void> read(std::uint64_t address, std::span<std::uint8_t> bytes) const;
  /// Repeats a pattern of 1 to 16 bytes; its last copy may be cut off.
  Result<void> fill(std::uint64_t address, std::uint64_t bytes, std::span<const std::uint8_t> pattern);
  /// The ranges may overlap.
  Result<void> copy(std::uint64_t to, std::uint64_t from, std::uint64_t bytes);

  /// The allocation that holds the address; null if none does.
  Allocation* find(std::uint64_t address);
  const Allocation* find(std::uint64_t address) const;
  std::uint64_t bytes_in_use() const { return in_use_; }
  const std::vector<std::unique_ptr<Allocation>>& allocations() const { return allocations_; }

 private:
  Result<std::uint8_t*> range(std::uint64_t address, std::uint64_t bytes, const char* what) const;

  MemoryOptions options_;
  std::vector<std::unique_ptr<Allocation>> allocations_;  ///< by address
  std::uint64_t next_boundary_ = std::uint64_t{3} << 32;
  std::uint64_t in_use_ = 0;
};

}  // namespace xpuq::xe
