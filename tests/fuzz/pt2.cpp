// torch.export archives: zip directory, JSON documents, pickles, weights.
#include "import/pt2/import.h"
#include "ir/verify.h"
#include "target.h"
#include "zip_checksums.h"

XPUQ_FUZZ_TARGET(pt2) {
  const auto sealed = std::make_shared<const std::string>(xpuq::fuzz::with_zip_checksums(bytes));
  const auto model = xpuq::import_pt2("model.pt2", std::as_bytes(std::span(*sealed)), sealed, {.batch = 1, .shapes = {}});
  if (model.ok()) xpuq::fuzz::require_sound(xpuq::verify(model->graph));
}
