// The CPU engine, and the symbol by which it is found.
#include <omp.h>

#include <fstream>
#include <string>

#include "runtime/cpu/isa.h"
#include "runtime/cpu/roofs.h"
#include "runtime/onednn/executable.h"

namespace xpuq::onednn {
namespace {

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("model name", 0) != 0) continue;
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return "CPU";
}

class CpuEngine final : public Engine {
 public:
  CpuEngine() : engine_(dnnl::engine::kind::cpu, 0) {}

  std::string device_name() const override { return processor_name() + " (" + cpu::isa_name() + ")"; }
  std::string library() const override {
    const dnnl_version_t* v = dnnl_version();
    return "oneDNN " + std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch);
  }
  Result<std::unique_ptr<Executable>> load(const Plan& plan, const EngineOptions& options) override {
    return PlanExecutable::create(plan, options, engine_);
  }
  std::vector<std::vector<std::string>> kernels(const Plan& plan, const EngineOptions& options) override {
    return PlanExecutable::kernels(plan, options, engine_);
  }
  Roofs roofs(int threads) override { return cpu::measure_roofs(threads > 0 ? threads : omp_get_num_procs()); }

 private:
  dnnl::engine engine_;
};

}  // namespace
}  // namespace xpuq::onednn

extern "C" __attribute__((visibility("default"))) xpuq::Engine* xpuq_engine_create(std::uint32_t abi) {
  if (abi != xpuq::kEngineAbi) return nullptr;
  try {
    return new xpuq::onednn::CpuEngine();
  } catch (const dnnl::error&) {
    return nullptr;
  }
}
