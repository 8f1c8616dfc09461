#include "record/arenas.h"

#include "gpu/ports.h"
#include "support/check.h"

namespace xpuq::record {

void Arenas::reserve(gpu::Arena arena, std::uint64_t bytes) {
  State& s = states_[static_cast<std::size_t>(arena)];
  s.reserved = gpu::align_gpu(std::max<std::uint64_t>(bytes, 1));
  s.memory = dnnl::memory({{static_cast<dnnl::memory::dim>(s.reserved)}, dnnl::memory::data_type::u8, dnnl::memory::format_tag::a}, engine_);
  s.base = static_cast<std::byte*>(s.memory.get_data_handle());
}

gpu::Range Arenas::take(gpu::Arena arena, std::uint64_t bytes) {
  State& s = states_[static_cast<std::size_t>(arena)];
  const gpu::Range range{arena, s.taken, bytes};
  s.taken += gpu::align_gpu(bytes);
  XPUQ_CHECK(s.taken <= s.reserved, "an arena was reserved too small");
  return range;
}

std::optional<gpu::Range> Arenas::locate(const void* at) const {
  for (std::size_t a = 0; a < gpu::kArenas; ++a) {
    const auto* p = static_cast<const std::byte*>(at);
    const State& s = states_[a];
    if (s.base && p >= s.base && p < s.base + s.reserved) return gpu::Range{static_cast<gpu::Arena>(a), static_cast<std::uint64_t>(p - s.base), 0};
  }
  return std::nullopt;
}

}  // namespace xpuq::record
