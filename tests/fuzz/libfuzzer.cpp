// The entry that libFuzzer calls, for the one target of the program.
#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  xpuq::fuzz::targets().front().run(std::as_bytes(std::span(data, size)));
  return 0;
}
