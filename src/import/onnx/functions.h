// Local functions (FunctionProto): a call is replaced by the nodes of the function.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <vector>

#include "import/onnx/order.h"
#include "import/onnx/session.h"

namespace xpuq::onnx_import {

/// The nodes with every call of a function of the model replaced, calls inside functions included. Inner names get the
/// name of the call in front. `opset` is that of nodes outside functions. E306 when functions call each other in a
/// circle or unfold to too many nodes, E301 for control flow inside a function, E303 for its opset.
Result<std::vector<FlatNode>> expand_functions(Session& session,
                                               const google::protobuf::RepeatedPtrField<onnx::NodeProto>& nodes,
                                               std::int64_t opset);

/// The version of the default domain in an import list; an error when it is not supported.
using OpsetImports = google::protobuf::RepeatedPtrField<onnx::OperatorSetIdProto>;
Result<std::int64_t> default_opset(const std::string& file, const OpsetImports& imports, const std::string& whose);

bool is_default_domain(const std::string& domain);

}  // namespace xpuq::onnx_import
