// grid_sample (src [N,C,H,W], grid [N,h,w,2]): src read at the places (x, y) of the grid, -1..1 across the picture; as
// torch.nn.functional.grid_sample and ONNX GridSample. mode "nearest", "linear" or "cubic"; padding "zeros", "border"
// or "reflection"; align_corners says whether -1 and 1 are the centres or the edges of the border pixels.
#include "ops/type_rule.h"

namespace xpuq::ops {

Inferred infer_grid_sample(OpKind, const Attributes& a, std::span<const TensorType> in) {
  const Shape& src = in[0].shape;
  const Shape& grid = in[1].shape;
  const std::string& mode = a.get_string("mode");
  const std::string& padding = a.get_string("padding");
  if (mode != "nearest" && mode != "linear" && mode != "cubic") return refuse("mode is '", mode, "'");
  if (padding != "zeros" && padding != "border" && padding != "reflection") return refuse("padding is '", padding, "'");
  if (const std::int64_t v = a.get_int("align_corners", 0); v != 0 && v != 1)
    return refuse("align_corners is ", v, ", expected 0 or 1");
  if (in[0].dtype != DataType::f32 || in[1].dtype != DataType::f32)
    return refuse("src is ", describe(in[0]), ", grid ", describe(in[1]), ", expected f32");
  if (src.size() != 4) return refuse("src has rank ", src.size(), ", expected 4");
  if (grid.size() != 4 || grid[0] != src[0] || grid[3] != 2)
    return refuse("grid is ", to_string(grid), ", expected ", src[0], " x h x w x 2");
  if (src[2] == 0 || src[3] == 0) return refuse("src ", to_string(src), " has no pixels");
  return result(DataType::f32, {src[0], src[1], grid[1], grid[2]});
}

}  // namespace xpuq::ops
