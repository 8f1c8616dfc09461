// Finds an engine plugin and opens it. The plugin stays loaded for the life of the process: its OpenMP threads could
// not survive a dlclose.
#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>

#include "runtime/engine.h"

namespace xpuq {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> candidates(const std::string& file) {
  // An explicit directory is the only one looked at: a wrong one must not be hidden by a lucky find elsewhere.
  if (const char* directory = std::getenv("XPUQ_ENGINE_DIR"); directory != nullptr && *directory != '\0') {
    return {fs::path(directory) / file};
  }
  std::vector<fs::path> paths;
  std::error_code ec;
  const fs::path executable = fs::read_symlink("/proc/self/exe", ec);
  if (!ec) {
    paths.push_back(executable.parent_path() / file);
    paths.push_back(executable.parent_path().parent_path() / "lib" / "xpuq" / file);
  }
  // A program of somebody else's that links libxpuq.so: the plugin lies beside that library.
  Dl_info self{};
  if (dladdr(reinterpret_cast<const void*>(&load_engine), &self) != 0 && self.dli_fname != nullptr) {
    const fs::path folder = fs::absolute(self.dli_fname, ec).parent_path();
    paths.push_back(folder / "xpuq" / file);
    paths.push_back(folder.parent_path() / "xpuq" / file);
  }
#ifdef XPUQ_BUILD_ENGINE_DIR
  paths.push_back(fs::path(XPUQ_BUILD_ENGINE_DIR) / file);
#endif
  return paths;
}

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
  for (const fs::path& path : candidates("libxpuq_engine_" + name + ".so")) {
    tried += tried.empty() ? "" : "; ";
    std::error_code ec;
    if (!fs::exists(path, ec)) {
      tried += "no " + path.string();
      continue;
    }
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      const char* why = dlerror();
      tried += why != nullptr ? why : path.string();
      continue;
    }
    using Create = Engine* (*)(std::uint32_t);
    const auto create = reinterpret_cast<Create>(dlsym(library, kEngineSymbol));
    if (create == nullptr) {
      tried += path.string() + " has no symbol " + kEngineSymbol;
      continue;
    }
    if (Engine* engine = create(kEngineAbi)) return std::shared_ptr<Engine>(engine);
    tried += path.string() + " is of another version of xpuq, or found no device";
  }
  return not_loaded(name, tried);
}

}  // namespace xpuq
