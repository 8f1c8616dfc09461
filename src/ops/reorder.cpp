// reorder: the same value in another memory order. Lowering sets the layout of the result; the logical type stays.
#include "ops/type_rule.h"

namespace xpuq::ops {

Inferred infer_reorder(OpKind, const Attributes& a, std::span<const TensorType> in) {
  const std::string& layout = a.get_string("layout");
  if (layout != "plain" && layout != "channels_last")
    return refuse("layout is '", layout, "', expected 'plain' or 'channels_last'");
  const std::size_t rank = in[0].shape.size();
  if (layout == "channels_last" && (rank < 3 || rank > 5))
    return refuse("src has rank ", rank, ", channels_last has 3 to 5");
  return result(with_shape(in[0], in[0].shape));
}

}  // namespace xpuq::ops
