// SIGINT and SIGTERM: the first asks the command to stop in order, the second ends it at once. A closed pipe ends it
// quietly, as it does every other filter.
#pragma once

namespace xpuq::cli {

void install_signal_handlers();
/// 2 or 15 once such a signal came, else 0.
int pending_signal();

}  // namespace xpuq::cli
