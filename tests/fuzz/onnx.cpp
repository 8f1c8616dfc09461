// ONNX models. External weights are looked for beside the file, in a folder that does not exist.
#include "import/onnx/import.h"
#include "ir/verify.h"
#include "target.h"

XPUQ_FUZZ_TARGET(onnx) {
  const auto model = xpuq::import_onnx("no-such-folder/model.onnx", bytes, {.batch = 1, .shapes = {}});
  if (model.ok()) xpuq::fuzz::require_sound(xpuq::verify(model->graph));
}
