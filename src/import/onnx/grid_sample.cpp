// GridSample; opset 20 renamed two of its modes.
#include "import/onnx/operators.h"

namespace xpuq::onnx_import {

Result<Outputs> grid_sample(Call& c) {
  std::string mode = c.string_or("mode", c.opset < 20 ? "bilinear" : "linear");
  if (mode == "bilinear") mode = "linear";
  if (mode == "bicubic") mode = "cubic";
  XPUQ_ASSIGN(const bool aligned, c.flag("align_corners", false));
  return c.result(OpKind::grid_sample, {c.in(0), c.in(1)},
                  {{"mode", mode},
                   {"padding", c.string_or("padding_mode", "zeros")},
                   {"align_corners", std::int64_t{aligned}}});
}

}  // namespace xpuq::onnx_import
