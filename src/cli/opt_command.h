// xpuq-opt: the developer's pass runner. Text IR in, passes by name, text IR out; and the golden tests made of it.
#pragma once

#include "cli/command.h"

namespace xpuq::cli {
Command opt_command();
}
