// xpuq-compile: model and profile to artifact (cli.md section 4).
#pragma once

#include "cli/command.h"

namespace xpuq::cli {
Command compile_command();
}
