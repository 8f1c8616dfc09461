#include "record/tracer.h"

#include <level_zero/layers/zel_tracing_api.h>
#include <level_zero/layers/zel_tracing_register_cb.h>
#include <level_zero/ze_api.h>

#include <deque>
#include <map>
#include <mutex>

namespace xpuq::record {
namespace {

struct Kernel {
  const std::vector<std::uint8_t>* module = nullptr;
  std::string name;
  std::array<std::uint32_t, 3> group_size{1, 1, 1};
  std::vector<TracedArgument> arguments;
};

class LoaderTracer final : public Tracer {
 public:
  ~LoaderTracer() override {
    if (tracer_) {
      zelTracerSetEnabled(tracer_, false);
      zelTracerDestroy(tracer_);
    }
  }

  /// The first call that failed, or null.
  const char* enable() {
    if (zeInit(ZE_INIT_FLAG_GPU_ONLY) != ZE_RESULT_SUCCESS) return "zeInit";  // the layer comes with it
    const zel_tracer_desc_t desc{ZEL_STRUCTURE_TYPE_TRACER_DESC, nullptr, this};
    if (zelTracerCreate(&desc, &tracer_) != ZE_RESULT_SUCCESS) return "zelTracerCreate";
#define XPUQ_TRACE(Call, handler)                                                                              \
  if (zelTracer##Call##RegisterCallback(                                                                       \
          tracer_, ZEL_REGISTER_EPILOGUE,                                                                      \
          [](auto* p, ze_result_t result, void* self, void**) {                                                \
            if (result == ZE_RESULT_SUCCESS) static_cast<LoaderTracer*>(self)->handler(*p);                    \
          }) != ZE_RESULT_SUCCESS)                                                                             \
    return "zelTracer" #Call "RegisterCallback";
    XPUQ_TRACE(ModuleCreate, module_created)
    XPUQ_TRACE(KernelCreate, kernel_created)
    XPUQ_TRACE(KernelSetArgumentValue, argument_set)
    XPUQ_TRACE(KernelSetGroupSize, group_size_set)
    XPUQ_TRACE(CommandListAppendLaunchKernel, launched)
    XPUQ_TRACE(CommandListAppendLaunchCooperativeKernel, refused_launch)
    XPUQ_TRACE(CommandListAppendLaunchKernelIndirect, refused_launch)
    XPUQ_TRACE(CommandListAppendLaunchMultipleKernelsIndirect, refused_launch)
    XPUQ_TRACE(KernelSetGlobalOffsetExp, offset_set)
    XPUQ_TRACE(CommandListAppendMemoryFill, filled)
    XPUQ_TRACE(CommandListAppendMemoryCopy, copied)
    XPUQ_TRACE(CommandListAppendMemoryCopyRegion, refused_copy)
    XPUQ_TRACE(CommandListAppendMemoryCopyFromContext, refused_copy)
    XPUQ_TRACE(MemAllocDevice, allocated)
    XPUQ_TRACE(MemAllocHost, allocated)
    XPUQ_TRACE(MemAllocShared, allocated)
    XPUQ_TRACE(MemFree, freed)
    XPUQ_TRACE(CommandQueueExecuteCommandLists, executed)
    XPUQ_TRACE(CommandQueueSynchronize, synchronized)
#undef XPUQ_TRACE
    return zelTracerSetEnabled(tracer_, true) == ZE_RESULT_SUCCESS ? nullptr : "zelTracerSetEnabled";
  }

  void listen(Listener* listener) override {
    const std::lock_guard hold(lock_);
    listener_ = listener;
  }

  CallCounts counts() const override {
    const std::lock_guard hold(lock_);
    return counts_;
  }

  Allocation allocation_of(const void* at) const override {
    const auto address = reinterpret_cast<std::uintptr_t>(at);
    const std::lock_guard hold(lock_);
    auto it = allocations_.upper_bound(address);
    if (it == allocations_.begin()) return {};
    --it;
    return address < it->first + it->second ? Allocation{it->first, it->second} : Allocation{};
  }

 private:
  void module_created(const ze_module_create_params_t& p) {
    const ze_module_desc_t& desc = **p.pdesc;
    const std::lock_guard hold(lock_);
    ++counts_.modules;
    if (desc.format != ZE_MODULE_FORMAT_NATIVE) {
      if (listener_) listener_->refused("a module that is no machine code");
      return;
    }
    // A handle may be used again after its module was destroyed: every module gets bytes of its own.
    modules_[**p.pphModule] = &bytes_.emplace_back(desc.pInputModule, desc.pInputModule + desc.inputSize);
  }

  void kernel_created(const ze_kernel_create_params_t& p) {
    const std::lock_guard hold(lock_);
    const auto module = modules_.find(*p.phModule);
    Kernel& kernel = kernels_[**p.pphKernel] = Kernel{};
    kernel.name = (*p.pdesc)->pKernelName;
    if (module != modules_.end()) kernel.module = module->second;
  }

  void argument_set(const ze_kernel_set_argument_value_params_t& p) {
    const std::lock_guard hold(lock_);
    ++counts_.arguments;
    std::vector<TracedArgument>& arguments = kernels_[*p.phKernel].arguments;
    if (arguments.size() <= *p.pargIndex) arguments.resize(*p.pargIndex + 1);
    TracedArgument& a = arguments[*p.pargIndex];
    const auto* bytes = static_cast<const std::uint8_t*>(*p.ppArgValue);
    a.set = true;
    a.null = bytes == nullptr;
    a.size = *p.pargSize;
    if (a.null) a.bytes.clear();
    else a.bytes.assign(bytes, bytes + a.size);
  }

  void group_size_set(const ze_kernel_set_group_size_params_t& p) {
    const std::lock_guard hold(lock_);
    kernels_[*p.phKernel].group_size = {*p.pgroupSizeX, *p.pgroupSizeY, *p.pgroupSizeZ};
  }

  void launched(const ze_command_list_append_launch_kernel_params_t& p) {
    const std::lock_guard hold(lock_);
    ++counts_.launches;
    if (!listener_) return;
    const Kernel& kernel = kernels_[*p.phKernel];
    if (kernel.module == nullptr) return listener_->refused("a kernel of an unknown module");
    const ze_group_count_t& count = **p.ppLaunchFuncArgs;
    listener_->launched({kernel.module, kernel.name, kernel.group_size, {count.groupCountX, count.groupCountY, count.groupCountZ}, kernel.arguments});
  }

  template <class Params>
  void refused_launch(const Params&) {
    const std::lock_guard hold(lock_);
    if (listener_) listener_->refused("a cooperative or indirect launch");
  }

  template <class Params>
  void refused_copy(const Params&) {
    const std::lock_guard hold(lock_);
    if (listener_) listener_->refused("a copy of a region or from another context");
  }

  void offset_set(const ze_kernel_set_global_offset_exp_params_t& p) {
    const std::lock_guard hold(lock_);
    if (listener_ && (*p.poffsetX | *p.poffsetY | *p.poffsetZ) != 0) listener_->refused("a launch that does not begin at 0");
  }

  void filled(const ze_command_list_append_memory_fill_params_t& p) {
    const std::lock_guard hold(lock_);
    if (listener_) listener_->filled(*p.pptr, {static_cast<const std::uint8_t*>(*p.ppattern), *p.ppattern_size}, *p.psize);
  }

  void copied(const ze_command_list_append_memory_copy_params_t& p) {
    const std::lock_guard hold(lock_);
    if (listener_) listener_->copied(*p.pdstptr, *p.psrcptr, *p.psize);
  }

  template <class Params>
  void allocated(const Params& p) {
    const std::lock_guard hold(lock_);
    ++counts_.allocations;
    allocations_[reinterpret_cast<std::uintptr_t>(**p.ppptr)] = *p.psize;
  }

  void freed(const ze_mem_free_params_t& p) {
    const std::lock_guard hold(lock_);
    allocations_.erase(reinterpret_cast<std::uintptr_t>(*p.pptr));
  }

  void executed(const ze_command_queue_execute_command_lists_params_t&) {
    const std::lock_guard hold(lock_);
    ++counts_.executions;
  }

  void synchronized(const ze_command_queue_synchronize_params_t&) {
    const std::lock_guard hold(lock_);
    ++counts_.synchronizations;
  }

  zel_tracer_handle_t tracer_ = nullptr;
  CallCounts counts_;
  mutable std::recursive_mutex lock_;
  Listener* listener_ = nullptr;
  std::deque<std::vector<std::uint8_t>> bytes_;  // kept where they are
  std::map<ze_module_handle_t, const std::vector<std::uint8_t>*> modules_;
  std::map<ze_kernel_handle_t, Kernel> kernels_;
  std::map<std::uintptr_t, std::size_t> allocations_;
};

}  // namespace

Result<std::unique_ptr<Tracer>> Tracer::start() {
  auto tracer = std::make_unique<LoaderTracer>();
  if (const char* failed = tracer->enable())
    return make_error("E503", "the Level Zero loader", "its tracing layer does not work", std::string(failed) + " failed", {}, "set ZE_ENABLE_TRACING_LAYER=1 and use a loader that comes with libze_tracing_layer.so.1");
  return std::unique_ptr<Tracer>(std::move(tracer));
}

}  // namespace xpuq::record
