// A program as a tree for CBOR (FORMAT.md, section 9). Modules are left out: sections share them.
#pragma once

#include "artifact/refusal.h"
#include "gpu/program.h"
#include "support/json.h"

namespace xpuq::gpu {

Json to_json(const Program& program);

/// Everything but `modules`, of which there are `modules` many. Shapes and names are checked here, their meaning by
/// verify(). E502 or E501.
Result<Program> program_from_json(const Json& json, std::size_t modules, const artifact::Source& source);

}  // namespace xpuq::gpu
