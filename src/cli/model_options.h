// How a model is read, shared by xpuq-calibrate and xpuq-compile.
#pragma once

#include "cli/arguments.h"
#include "import/model.h"
#include "xpuq/result.h"

namespace xpuq::cli {

/// --shape INPUT:DIMS of every occurrence. E203; E205 when an input is named twice.
Result<std::map<std::string, Shape>> read_shapes(const Arguments& arguments);

}  // namespace xpuq::cli
