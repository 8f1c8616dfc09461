// Attributes of one step of a hostile plan.
#pragma once

#include "artifact/fields.h"
#include "ops/op.h"

namespace xpuq::artifact {

/// E501 for an attribute, or a kind of attribute, that this program's `op` does not have; `step` says where.
Result<Attributes> read_attributes(OpKind op, const Json& map, const Fields& step);

}  // namespace xpuq::artifact
