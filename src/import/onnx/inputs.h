// What flows into and out of the model: names, element types and shapes that the file declares.
#pragma once

#include "import/model.h"
#include "import/onnx/translate.h"

namespace xpuq::onnx_import {

/// Adds the inputs that are no initializers to the graph and to `scope`, with every dimension settled. E205 for a shape
/// the user must give, E305 for element types, E306 for impossible declarations.
Result<void> add_inputs(Session& session, const onnx::GraphProto& graph, const ImportOptions& options, Scope& scope);

/// The outputs as the file declares them: codes become plain integers, f32 the float type that the file promises. E305
/// for a type that is not what was computed. A shape that differs is only noted, unless the options changed shapes on
/// purpose.
Result<Outputs> settle_outputs(Session& session, const onnx::GraphProto& graph, Outputs outputs,
                               const ImportOptions& options);

}  // namespace xpuq::onnx_import
