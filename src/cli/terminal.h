// What the standard error stream can show.
#pragma once

namespace xpuq::cli {

/// A terminal that can redraw a line (TERM is set and not "dumb").
bool stderr_is_terminal();
/// Columns of it: the terminal's own, else COLUMNS, else 80.
int terminal_width();

}  // namespace xpuq::cli
