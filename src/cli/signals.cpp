#include "cli/signals.h"

#include <unistd.h>

#include <csignal>
#include <initializer_list>

namespace xpuq::cli {
namespace {

volatile std::sig_atomic_t pending = 0;

void on_signal(int signal) {
  if (pending != 0) ::_exit(128 + signal);
  pending = signal;
}

}  // namespace

void install_signal_handlers() {
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
