// Names by which a person knows the nodes of an exported program: see import.h for the rule.
#pragma once

#include <string>
#include <vector>

#include "import/pt2/program.h"

namespace xpuq::pt2 {

/// One name per node of the program, in its order. Nodes that are not `live` do not count as operations of a module.
std::vector<std::string> origins(const Program& program, const std::vector<bool>& live);

}  // namespace xpuq::pt2
