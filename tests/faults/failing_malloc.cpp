// For LD_PRELOAD: allocation number FAIL_ALLOCATION of the process, and every one after it that is not smaller than
// FAIL_BYTES (default 1), gives no memory. With FAIL_ONCE set only that one does. Numbers count from 1 when main() begins,
// so that the loader and static constructors get what they want.
#include <dlfcn.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>

namespace {

std::atomic<long> countdown{0};  // 0: not armed
bool once = false;
std::size_t least = 1;

bool fails(std::size_t bytes) {
  if (bytes < least) return false;
  long left = countdown.load(std::memory_order_relaxed);
  while (left > 1 || (left == 1 && once))
    if (countdown.compare_exchange_weak(left, left == 1 ? 0 : left - 1)) return left == 1;
  return left == 1;
}

using Main = int (*)(int, char**, char**);
Main real_main = nullptr;

int armed_main(int argc, char** argv, char** environment) {
  const char* number = std::getenv("FAIL_ALLOCATION");
  const char* bytes = std::getenv("FAIL_BYTES");
  once = std::getenv("FAIL_ONCE") != nullptr;
  if (bytes) least = static_cast<std::size_t>(std::atol(bytes));
  if (number) countdown = std::atol(number);
  return real_main(argc, argv, environment);
}

}  // namespace

extern "C" {

void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t n) { return fails(n) ? (errno = ENOMEM, nullptr) : __libc_malloc(n); }
void* calloc(std::size_t n, std::size_t size) { return fails(n * size) ? (errno = ENOMEM, nullptr) : __libc_calloc(n, size); }
void* realloc(void* p, std::size_t n) { return n > 0 && fails(n) ? (errno = ENOMEM, nullptr) : __libc_realloc(p, n); }
void* aligned_alloc(std::size_t a, std::size_t n) { return fails(n) ? (errno = ENOMEM, nullptr) : __libc_memalign(a, n); }
void* memalign(std::size_t a, std::size_t n) { return aligned_alloc(a, n); }
int __libc_start_main(Main main, int argc, char** argv, void (*init)(), void (*fini)(), void (*rtld_fini)(), void* stack_end) {
  real_main = main;
  const auto next = reinterpret_cast<decltype(&__libc_start_main)>(dlsym(RTLD_NEXT, "__libc_start_main"));
  return next(armed_main, argc, argv, init, fini, rtld_fini, stack_end);
}

int posix_memalign(void** p, std::size_t a, std::size_t n) { return (*p = aligned_alloc(a, n)) ? 0 : ENOMEM; }
}
