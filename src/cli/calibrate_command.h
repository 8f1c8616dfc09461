// xpuq-calibrate: model and samples to profile (cli.md section 3).
#pragma once

#include "cli/command.h"

namespace xpuq::cli {
Command calibrate_command();
}
