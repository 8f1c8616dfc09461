// What xpuq-compile tells: one line, a line for every layer that was wanted in int8 and is float, and the JSON result.
#pragma once

#include "cli/invocation.h"
#include "driver/compile.h"

namespace xpuq::cli {

void tell_result(Invocation& invocation, const CompileOptions& options, const CompileResult& result);

}  // namespace xpuq::cli
