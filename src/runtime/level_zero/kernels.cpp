#include "runtime/level_zero/kernels.h"

namespace xpuq::level_zero {

Result<Kernels> Kernels::create(ContextPtr context, const gpu::Program& program) {
  Kernels made(std::move(context));
  const Context& c = *made.context_;
  for (const std::vector<std::uint8_t>& bytes : program.modules) {
    ze_module_desc_t desc{};
    desc.stype = ZE_STRUCTURE_TYPE_MODULE_DESC;
    desc.format = ZE_MODULE_FORMAT_NATIVE;
    desc.inputSize = bytes.size();
    desc.pInputModule = bytes.data();
    ze_module_handle_t module = nullptr;
    XPUQ_ZE(c.api(), zeModuleCreate, c.handle(), c.device(), &desc, &module, nullptr);
    made.modules_.push_back(module);
  }
  for (const auto* list : {&program.setup, &program.inference})
    for (const gpu::Command& command : *list) {
      const auto* launch = std::get_if<gpu::Launch>(&command.what);
      if (launch == nullptr) continue;
      const auto [it, fresh] = made.kernels_.try_emplace({launch->module, launch->kernel}, nullptr);
      if (!fresh) continue;
      ze_kernel_desc_t desc{};
      desc.stype = ZE_STRUCTURE_TYPE_KERNEL_DESC;
      desc.pKernelName = launch->kernel.c_str();
      XPUQ_ZE(c.api(), zeKernelCreate, made.modules_[launch->module], &desc, &it->second);
    }
  return made;
}

Kernels::~Kernels() {
  if (!context_) return;  // moved from
  for (const auto& [name, kernel] : kernels_)
    if (kernel) context_->api().zeKernelDestroy(kernel);
  for (ze_module_handle_t module : modules_) context_->api().zeModuleDestroy(module);
}

}  // namespace xpuq::level_zero
