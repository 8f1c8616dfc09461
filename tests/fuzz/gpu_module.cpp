// Native GPU modules (zebin), as the section reader and as the emulator of the kernels take them.
#include "gpu/zebin.h"
#include "target.h"
#include "xe/module.h"

using namespace xpuq;

XPUQ_FUZZ_TARGET(gpu_module) {
  const auto module = fuzz::octets_of(bytes);
  (void)gpu::read_signatures(module, "module");
  if (const auto stripped = gpu::without_source(module, "module"); stripped.ok())
    fuzz::require_sound(stripped->size() <= module.size() ? "" : "a module grew when its source was taken out");
  for (const xe::Platform platform : {xe::Platform::dg2, xe::Platform::pvc, xe::Platform::bmg, xe::Platform::ptl})
    (void)xe::load_module(module, platform, "module");
}
