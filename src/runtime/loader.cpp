// Finds an engine plugin and opens it. The plugin stays loaded for the life of the process: its OpenMP threads could
// not survive a dlclose.
#include <dlfcn.h>

#include "runtime/engine.h"
#include "support/file.h"
#include "support/process.h"

namespace xpuq {
namespace {

Error not_loaded(const std::string& name, std::string got) {
  Error e;
  e.code = "E503";
  e.who = "engine " + name;
  e.what = "the engine could not be loaded";
  e.got = std::move(got);
  e.expected = "libxpuq_engine_" + name + ".so beside the program, in ../lib/xpuq of it, or in XPUQ_ENGINE_DIR";
  return e;
}

}  // namespace

Result<std::shared_ptr<Engine>> load_engine(const std::string& name) {
  std::string tried;
  for (const std::string& path : companion_paths("libxpuq_engine_" + name + ".so", "XPUQ_ENGINE_DIR")) {
    tried += tried.empty() ? "" : "; ";
    if (!file_exists(path)) {
      tried += "no " + path;
      continue;
    }
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      const char* why = dlerror();
      tried += why != nullptr ? why : path;
      continue;
    }
    using Create = Engine* (*)(std::uint32_t);
    const auto create = reinterpret_cast<Create>(dlsym(library, kEngineSymbol));
    if (create == nullptr) {
      tried += path + " has no symbol " + kEngineSymbol;
      continue;
    }
    if (Engine* engine = create(kEngineAbi)) return std::shared_ptr<Engine>(engine);
    tried += path + " is of another version of xpuq, or found no device";
  }
  return not_loaded(name, tried);
}

}  // namespace xpuq
