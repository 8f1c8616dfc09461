// SIGINT and SIGTERM: the first asks the command to stop in order, the second ends it at once. A closed pipe ends it
// quietly, as it does every other filter. A file that becomes shorter while it is mapped ends the command with a message.
#pragma once

namespace xpuq::cli {

void install_signal_handlers();
/// 2 or 15 once such a signal came, else 0.
int pending_signal();

/// Ends the process with exit status 1 and a message that needs no memory.
[[noreturn]] void die_of_no_memory();

}  // namespace xpuq::cli
