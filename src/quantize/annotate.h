// The quantizer's decisions on a normalized graph: which operations become int8, which values are observed, and which
// of those share one observer (pt2e-semantics 3.3 to 3.5; torchao XPUInductorQuantizer is the reference).
#pragma once

#include <vector>

#include "quantize/recipe.h"

namespace xpuq {

/// One observed value. A value has one observer for each scheme that its readers ask for, however many they are.
struct ObservedValue {
  ValueId value;
  std::uint32_t group;        ///< observers with the same group are one object
  qmath::Scheme scheme;
  bool all_readers;           ///< an output observer: every reader, model outputs included, sees the quantized value
  std::vector<Use> readers;   ///< the readers that see the quantized value, when not all
};

struct Annotations {
  std::vector<ObservedValue> observed;  ///< in the order in which one forward updates them: inputs, then producers
  std::uint32_t groups = 0;
  std::vector<NodeId> weighted;         ///< conv and linear nodes whose weight is quantized
};

Annotations annotate(const Graph& graph, const Recipe& recipe);

}  // namespace xpuq
