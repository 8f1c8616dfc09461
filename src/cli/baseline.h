// xpuq-run as a regression test: figures of a run kept in a file, and a later run held against them.
#pragma once

#include <string>

#include "cli/invocation.h"
#include "xpuq/result.h"

namespace xpuq::cli {

/// --write-baseline: accuracy, agreement and timings of this run, with the hash of the artifact and what a later run
/// may differ by, to `path`. Figures that the file has of the same artifact and this run did not measure are kept, so
/// that an accuracy run and a benchmark share a file. E101 unwritable, E203 the file is something else.
Result<void> write_baseline(Invocation& invocation, const std::string& artifact, const std::string& path);

/// --baseline: each figure of the file against this run's. One that is worse than its tolerance, or that the run should
/// have and has not, is E611; those of the other kind of run (accuracy or benchmark) are left alone. Timings of another
/// device are not compared, which W025 says. E203: not a baseline.
Result<void> check_baseline(Invocation& invocation, const std::string& artifact, const std::string& path);

}  // namespace xpuq::cli
