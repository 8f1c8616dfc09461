// One loop per group of ops.def: Result<void> run_<group>(call), defined in reference/<group>.cpp.
#pragma once

#include <string>

#include "reference/evaluate.h"

namespace xpuq::reference {

// A group with several operations is declared several times, which C++ allows.
#define XPUQ_OP(name, least, most, outputs, group, attributes) Result<void> run_##group(const OpCall& call);
#include "ops/ops.def"
#undef XPUQ_OP

/// The error of an operation whose input values have no result.
Error value_error(const OpCall& call, std::string what);

}  // namespace xpuq::reference
