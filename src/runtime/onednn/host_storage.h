// Memory of a CPU engine's steps: the host's.
#pragma once

#include <cstring>
#include <vector>

#include "runtime/cpu/aligned.h"
#include "runtime/onednn/memory.h"

namespace xpuq::onednn {

class HostStorage final : public Storage {
 public:
  void* allocate(std::size_t bytes) override { return owned_.emplace_back(bytes).data(); }
  void* temporary(std::size_t bytes) override { return allocate(bytes); }
  void upload(void* to, const void* from, std::size_t bytes) override { std::memcpy(to, from, bytes); }
  void* constant(const void* bytes, std::size_t) override { return const_cast<void*>(bytes); }
  void copy(void* to, const void* from, std::size_t bytes) override { std::memcpy(to, from, bytes); }

 private:
  std::vector<cpu::AlignedVector<std::byte>> owned_;
};

}  // namespace xpuq::onednn
