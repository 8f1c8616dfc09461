#include "record/offline_compiler.h"

#include <dlfcn.h>

#include <string_view>

namespace xpuq::record {

Result<OfflineCompiler> OfflineCompiler::open(std::string device) {
  OfflineCompiler compiler;
  compiler.device_ = std::move(device);
  void* library = dlopen("libocloc.so", RTLD_NOW | RTLD_LOCAL);
  if (library != nullptr) {
    compiler.invoke_ = reinterpret_cast<Invoke>(dlsym(library, "oclocInvoke"));
    compiler.release_ = reinterpret_cast<Release>(dlsym(library, "oclocFreeOutput"));
  }
  if (compiler.invoke_ == nullptr || compiler.release_ == nullptr) {
    const char* why = dlerror();
    return make_error("E101", "libocloc.so", "Intel's offline compiler cannot be opened", why ? why : "", {}, "install intel-ocloc, or run tools/setup-gpu.sh");
  }
  return compiler;
}

Result<const std::vector<std::uint8_t>*> OfflineCompiler::compile(const std::string& source, const std::string& options) {
  const auto [it, fresh] = compiled_.try_emplace(source);
  if (!fresh) return &it->second;
  const char* arguments[] = {"ocloc", "compile", "-q", "-file", "kernel.cl", "-device", device_.c_str(), "-exclude_ir", "-output_no_suffix", "-options", options.c_str()};
  const auto* text = reinterpret_cast<const std::uint8_t*>(source.data());
  const std::uint64_t length = source.size() + 1;  // it wants the terminating zero
  const char* name = "kernel.cl";
  std::uint32_t count = 0;
  std::uint8_t** data = nullptr;
  std::uint64_t* sizes = nullptr;
  char** names = nullptr;
  const int status = invoke_(std::size(arguments), arguments, 1, &text, &length, &name, 0, nullptr, nullptr, nullptr, &count, &data, &sizes, &names);
  std::string log;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (std::string_view(names[i]).ends_with(".log")) log.assign(reinterpret_cast<const char*>(data[i]), sizes[i]);
    if (std::string_view(names[i]).ends_with(".bin") && status == 0) it->second.assign(data[i], data[i] + sizes[i]);
  }
  release_(&count, &data, &sizes, &names);
  if (!it->second.empty()) return &it->second;
  compiled_.erase(it);
  return make_error("E101", "ocloc", "an own kernel does not compile for " + device_, "status " + std::to_string(status) + ": " + log.substr(0, 2000));
}

}  // namespace xpuq::record
