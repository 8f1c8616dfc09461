#include "driver/program_cache.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "gpu/exchange.h"
#include "gpu/verify.h"
#include "support/file.h"
#include "support/log.h"
#include "support/sha256.h"
#include "support/text.h"

namespace xpuq {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

fs::path folder() {
  if (const std::string own = environment("XPUQ_CACHE_DIR"); !own.empty()) return own;
  if (const std::string cache = environment("XDG_CACHE_HOME"); !cache.empty()) return fs::path(cache) / "xpuq";
  const std::string home = environment("HOME");
  return home.empty() ? fs::path() : fs::path(home) / ".cache" / "xpuq";
}

/// Empty where there is no folder to keep it in.
fs::path file_of(const Plan& plan, const gpu::DeviceKey& device) {
  if (folder().empty()) return {};
  // Scalars and tables among the constants became literals and code of the program.
  const std::string key = gpu::plan_digest(plan) + sha256_hex(plan.constants) + gpu::ip_version_text(device.ip_version) + gpu::shape_text(device) + "x" + std::to_string(device.threads) + std::string(version());
  return folder() / (sha256_hex(key).substr(0, 32) + ".program");
}

void shrink(const fs::path& cache, std::uint64_t most) {
  struct Entry {
    fs::path path;
    fs::file_time_type used;
    std::uint64_t bytes;
  };
  std::vector<Entry> entries;
  std::uint64_t total = 0;
  std::error_code ec;
  for (fs::directory_iterator at(cache, ec), end; !ec && at != end; at.increment(ec)) {
    std::error_code unknown;  // gone meanwhile, a folder, a link to nowhere: not ours
    if (at->path().extension() != ".program" || !fs::is_regular_file(at->symlink_status(unknown))) continue;
    const std::uint64_t bytes = at->file_size(unknown);
    if (unknown) continue;
    entries.push_back({at->path(), at->last_write_time(unknown), bytes});
    total += bytes;
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.used < b.used; });
  for (const Entry& e : entries) {
    if (total <= most) return;
    fs::remove(e.path, ec);
    total -= e.bytes;
  }
}

}  // namespace

std::optional<gpu::Program> load_cached_program(const Plan& plan, const gpu::DeviceKey& device) {
  const fs::path path = file_of(plan, device);
  if (path.empty() || !file_exists(path.string())) return std::nullopt;
  const auto file = map_file(path.string(), "E101");
  if (!file.ok()) return std::nullopt;
  auto programs = gpu::decode_answer(file->bytes);
  if (!programs.ok() || programs->size() != 1) return std::nullopt;
  gpu::Program& program = programs->front();
  if (!(program.device == device) || !gpu::verify(program, plan).empty()) return std::nullopt;
  log_info(LogLevel::decisions, "program found in the cache: " + path.string());
  std::error_code ec;
  fs::last_write_time(path, fs::file_time_type::clock::now(), ec);
  return std::move(program);
}

void store_cached_program(const Plan& plan, const gpu::Program& program) {
  const fs::path path = file_of(plan, program.device);
  if (path.empty()) return;
  std::error_code ec;
  fs::create_directories(path.parent_path(), ec);
  const Result<void> written = write_file(path.string(), gpu::encode_answer(std::vector<gpu::Program>{program}));
  if (!written.ok()) {
    log_info(LogLevel::warnings, "the cache cannot be written, so the program is compiled again next time: " + written.error().got);
    return;
  }
  constexpr std::uint64_t kDefault = std::uint64_t{1} << 30;
  shrink(path.parent_path(), parse_bytes(environment("XPUQ_CACHE_SIZE")).value_or(kDefault));
}

}  // namespace xpuq
