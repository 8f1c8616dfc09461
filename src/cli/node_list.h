// --list-nodes of xpuq-compile.
#pragma once

#include <string>

#include "cli/invocation.h"
#include "import/model.h"

namespace xpuq::cli {

/// Names of the nodes that are left once the model is normalized, as --exclude and --only take them, one a line in the
/// order of execution.
Result<void> list_nodes(Invocation& invocation, const std::string& model, const ImportOptions& options);

}  // namespace xpuq::cli
