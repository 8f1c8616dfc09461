// Graphs of the file into the one being built: names to values, nodes in order, branches in place.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "import/onnx/call.h"
#include "import/onnx/order.h"

namespace xpuq::onnx_import {

/// The names that one GraphProto sees.
struct Scope {
  Scope* outer = nullptr;
  std::unordered_map<std::string, ValueId> values;  ///< `none`: an output that exists in ONNX but is not offered here
  std::unordered_map<std::string, const onnx::TensorProto*> initializers;  ///< constants not yet asked for
  std::unordered_map<std::string, std::string> shown;                      ///< another name for a value in the graph
};

class Translator {
 public:
  Translator(Session& session, std::int64_t opset) : session_(session), opset_(opset) {}

  /// Makes the initializers of `graph` known to `scope`; E306 for a name given twice, E301 for sparse ones.
  Result<void> declare(const onnx::GraphProto& graph, Scope& scope) const;
  /// Translates the nodes that the outputs need. Inputs and initializers are in `scope`. Gives the outputs.
  Result<Outputs> translate(const onnx::GraphProto& graph, Scope& scope);

 private:
  Result<void> check_supported(const std::vector<FlatNode>& nodes, const NodeOrder& order) const;
  Result<void> settle_codes(Call& call);
  Result<void> translate_node(const FlatNode& node, Scope& scope);
  Result<ValueId> value(const std::string& name, const std::string& reader, Scope& scope);

  Session& session_;
  std::int64_t opset_;
};

}  // namespace xpuq::onnx_import
