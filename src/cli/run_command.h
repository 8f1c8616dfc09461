// xpuq-run: artifact and data to answers, accuracy, timings (cli.md section 5).
#pragma once

#include "cli/command.h"

namespace xpuq::cli {
Command run_artifact_command();
}
