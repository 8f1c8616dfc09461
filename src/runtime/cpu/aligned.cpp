#include "runtime/cpu/aligned.h"

#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace xpuq::cpu {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

std::align_val_t alignment(std::size_t bytes) { return std::align_val_t{bytes >= kHugeFrom ? kHugePage : kLine}; }

}  // namespace

void* allocate_lines(std::size_t bytes) {
  if (bytes < kHugeFrom) return ::operator new(bytes, alignment(bytes));
  void* at = ::operator new(round_up(bytes, kHugePage), alignment(bytes));
#ifdef __linux__
  madvise(at, round_up(bytes, kHugePage), MADV_HUGEPAGE);  // a wish; without it everything works as well
#endif
  return at;
}

void free_lines(void* at, std::size_t bytes) { ::operator delete(at, alignment(bytes)); }

}  // namespace xpuq::cpu
