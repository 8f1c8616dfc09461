#include "cli/signals.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <initializer_list>
#include <new>
#include <string_view>

namespace xpuq::cli {
namespace {

volatile std::sig_atomic_t pending = 0;

void on_signal(int signal) {
  if (pending != 0) ::_exit(128 + signal);
  pending = signal;
}

/// Without memory of its own.
[[noreturn]] void die(std::string_view message) {
  for (const std::string_view part : {std::string_view(program_invocation_short_name), message})
    if (::write(STDERR_FILENO, part.data(), part.size()) < 0) break;
  ::_exit(1);
}

/// Models, profiles and artifacts are mapped: reading a page that is no longer there is this signal.
void on_bus_error(int) {
  die(": error E101: an input file became shorter while it was read, or its disk failed\n"
      "  try: replace files by renaming a new one over them, never by writing into them\n");
}

/// Where an exception cannot get through: inside another library, or in a thread.
void on_terminate() {
  if (const std::exception_ptr current = std::current_exception()) {
    try {
      std::rethrow_exception(current);
    } catch (const std::bad_alloc&) {
      die_of_no_memory();
    } catch (...) {
    }
  }
  std::abort();
}

/// A large request that fails is an exception: it unwinds, and there is memory for an error and its JSON. When little is
/// left, unwinding needs memory, too, and ends in a crash (nlohmann-json's destructor allocates).
void on_failed_new() {
  constexpr std::size_t kEnoughToReport = std::size_t{1} << 20;
  void* const probe = std::malloc(kEnoughToReport);
  if (probe == nullptr) die_of_no_memory();
  std::free(probe);
  throw std::bad_alloc();
}

}  // namespace

void die_of_no_memory() {
  die(": error E101: out of memory\n"
      "  try: fewer --threads, or a smaller --batch\n");
}

void install_signal_handlers() {
  std::set_terminate(on_terminate);
  std::set_new_handler(on_failed_new);
  std::signal(SIGBUS, on_bus_error);
  struct sigaction action{};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction before{};
    ::sigaction(signal, nullptr, &before);
    // A shell starts background jobs with SIGINT ignored; that choice is its own.
    if (before.sa_handler != SIG_IGN) ::sigaction(signal, &action, nullptr);
  }
  // Some parents (Python among them) leave SIGPIPE ignored, and then every write would have to be watched.
  std::signal(SIGPIPE, SIG_DFL);
}

int pending_signal() { return pending; }

}  // namespace xpuq::cli
