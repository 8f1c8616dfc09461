// --list-passes of xpuq-compile and xpuq-opt.
#pragma once

#include "cli/invocation.h"

namespace xpuq::cli {

/// Name, phase and summary of every pass, in the order in which they run.
void list_passes(Invocation& invocation);

}  // namespace xpuq::cli
