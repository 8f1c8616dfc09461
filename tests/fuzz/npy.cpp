// NumPy arrays: a .npy file.
#include "samples/npy.h"
#include "target.h"

using namespace xpuq::samples;

XPUQ_FUZZ_TARGET(npy) {
  if (const auto header = read_npy_header(bytes, "x.npy"); header.ok())
    xpuq::fuzz::require_sound(header->data_at <= bytes.size() ? "" : "the numbers begin behind the end of the header");
  if (const auto tensor = read_npy(bytes, "x.npy"); tensor.ok())
    xpuq::fuzz::require_sound(read_npy(write_npy(*tensor), "again").ok() ? "" : "what was read cannot be written and read");
}
