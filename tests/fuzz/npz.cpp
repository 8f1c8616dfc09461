// .npz archives: the zip reader and the array reader behind it.
#include "samples/npy.h"
#include "target.h"
#include "zip_checksums.h"

XPUQ_FUZZ_TARGET(npz) {
  const std::string sealed = xpuq::fuzz::with_zip_checksums(bytes);
  const auto tensors = xpuq::samples::read_npz(std::as_bytes(std::span(sealed)), "x.npz");
  if (!tensors.ok()) return;
  xpuq::fuzz::require_sound(tensors->empty() || xpuq::samples::write_npz(*tensors, "again").ok() ? "" : "what was read cannot be written");
}
