// From a list of nodes in any order to the ones that matter, each after what it reads.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "import/onnx/proto.h"
#include "xpuq/result.h"

namespace xpuq::onnx_import {

/// A node of the file, or one that a function call was replaced with.
struct FlatNode {
  const onnx::NodeProto* proto;
  std::int64_t opset;
};

/// The name a person knows a node by: its own, else that of its first output.
std::string origin_of(const onnx::NodeProto& node);

struct NodeOrder {
  std::vector<std::size_t> nodes;  ///< indices, producers first, otherwise in file order
  std::size_t unused = 0;          ///< nodes left out, because no wanted value needs them
};

/// `defined` tells names that exist already (inputs, initializers, outer graphs). E306 for a name that nothing
/// defines or that is defined twice, and for a cycle.
Result<NodeOrder> order_nodes(const std::string& file, std::span<const FlatNode> nodes,
                              const std::function<bool(const std::string&)>& defined,
                              const std::vector<std::string>& wanted);

}  // namespace xpuq::onnx_import
