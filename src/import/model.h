// What an importer is asked and what it gives.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "xpuq/result.h"

namespace xpuq {

struct ImportOptions {
  std::optional<std::int64_t> batch;     ///< --batch: fixes a symbolic first dimension of every input
  std::map<std::string, Shape> shapes;   ///< --shape INPUT:DIMS; the empty name means the only input
};

struct ImportedModel {
  Graph graph;                        ///< f32, every dimension known, verified
  std::string format;                 ///< "onnx" or "pt2"
  std::string version;                ///< "opset 20" or "schema 8.20"
  std::string producer;               ///< "pytorch 2.13.0"; empty when the file does not say
  std::vector<std::string> notes;     ///< things a person should know (dropped training leftovers, ...)
};

}  // namespace xpuq
