// xe_replay TARGET RECORDING: replays what a recorder saw a program submit (log.txt, module-N.bin, data-N) on the
// emulator, and compares the outputs that the log names with RECORDING/ref-NAME. For development: it needs recordings,
// which need Intel's driver. The format is that of the GPU lab's recorder.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>

#include "xe/machine.h"

using namespace xpuq;
using namespace xpuq::xe;

namespace {

[[noreturn]] void stop(const std::string& text) {
  std::fflush(stdout);
  std::fprintf(stderr, "xe_replay: %s\n", text.c_str());
  std::exit(1);
}
[[noreturn]] void stop(const Error& e) { stop(e.text()); }

std::vector<std::uint8_t> slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) stop("no " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

template <class T>
T must(Result<T> r) {
  if (!r) stop(r.error());
  return std::move(r).value();
}
void must(Result<void> r) {
  if (!r) stop(r.error());
}

struct Replay {
  std::string folder;
  Platform platform;
  Memory memory;
  Machine machine{memory};
  Limits limits;
  bool guard = std::getenv("XE_GUARD") != nullptr;
  bool verbose = std::getenv("XE_VERBOSE") != nullptr;
  std::map<int, std::uint64_t> allocations;
  struct Named {
    std::uint64_t bytes, address;
  };
  std::map<int, std::map<std::uint64_t, Named>> buffers;  // allocation -> offset
  std::map<std::string, Module> modules;
  LaunchCounts total;
  double seconds = 0;
  int launches = 0, compared = 0;
  bool equal = true;

  struct Place {
    std::uint64_t address = 0, bytes = 0;
  };
  /// "@ID+OFFSET". A buffer that the program named has memory of its own, so that its end is watched.
  Place place(const std::string& text) {
    if (text.empty() || text[0] != '@') stop("pointer " + text);
    const int id = std::atoi(text.c_str() + 1);
    const std::uint64_t offset = std::strtoull(text.c_str() + text.find('+') + 1, nullptr, 10);
    auto& named = buffers[id];
    auto b = named.upper_bound(offset);
    if (b != named.begin()) {
      --b;
      if (offset < b->first + b->second.bytes) return {b->second.address + (offset - b->first), b->second.bytes - (offset - b->first)};
    }
    if (!allocations.count(id)) stop("pointer " + text);
    return {allocations[id] + offset, 0};
  }
  void name(const std::string& text, std::uint64_t bytes) {
    forget(text, bytes);
    const int id = std::atoi(text.c_str() + 1);
    const std::uint64_t offset = std::strtoull(text.c_str() + text.find('+') + 1, nullptr, 10);
    buffers[id][offset] = {bytes, must(memory.allocate(bytes, "buffer " + text))};
  }
  /// Memory that a library takes from its pool without a mark was another buffer before.
  void forget(const std::string& text, std::uint64_t bytes) {
    const int id = std::atoi(text.c_str() + 1);
    const std::uint64_t offset = std::strtoull(text.c_str() + text.find('+') + 1, nullptr, 10);
    auto& named = buffers[id];
    for (auto b = named.begin(); b != named.end();) {
      b = b->first < offset + bytes && offset < b->first + b->second.bytes ? named.erase(b) : std::next(b);
    }
  }

  void launch(std::istringstream& in) {
    int id = 0;
    std::string module, kernel_name, how, word;
    LaunchShape shape;
    in >> id >> module >> kernel_name >> how >> word;
    for (auto& n : shape.group_size) in >> n;
    in >> word;
    for (auto& n : shape.group_count) in >> n;
    if (kernel_name == "default_kernel") return;  // oneDNN's probe of the device
    if (!modules.count(module)) modules[module] = must(load_module(slurp(folder + "/module-" + module + ".bin"), platform, "module " + module));
    const Kernel* kernel = modules[module].find(kernel_name);
    if (!kernel) stop("no kernel " + kernel_name);
    std::map<int, LaunchArgument> given;
    while (in >> word) {
      const std::size_t eq = word.find('=');
      if (eq == std::string::npos) continue;
      const std::string v = word.substr(eq + 1);
      LaunchArgument a;
      if (v[0] == '@') {
        const Place p = place(v);
        a = LaunchArgument::buffer(p.address, p.bytes);
      } else if (v[0] == 'n') {
        a = LaunchArgument::local(static_cast<std::uint64_t>(std::atoll(v.c_str() + 5)));
      } else {
        std::vector<std::uint8_t> bytes;
        for (std::size_t i = 1; i + 1 < v.size(); i += 2) bytes.push_back(static_cast<std::uint8_t>(std::strtoul(v.substr(i, 2).c_str(), nullptr, 16)));
        a = LaunchArgument::of_bytes(std::move(bytes));
      }
      given[std::atoi(word.c_str())] = std::move(a);
    }
    std::vector<LaunchArgument> arguments(given.empty() ? 0 : static_cast<std::size_t>(given.rbegin()->first) + 1);
    for (auto& [index, a] : given) arguments[static_cast<std::size_t>(index)] = a;
    for (const PayloadArgument& p : kernel->info.arguments) {
      // A null pointer was recorded as a missing or empty value.
      if (p.index < 0 || static_cast<std::size_t>(p.index) >= arguments.size()) continue;
      LaunchArgument& a = arguments[static_cast<std::size_t>(p.index)];
      if (p.kind == ArgumentKind::value && a.kind == LaunchArgument::Kind::local) a = LaunchArgument::of_bytes(std::vector<std::uint8_t>(a.bytes, 0));
      if (p.kind == ArgumentKind::pointer && p.mode != AddressMode::local && a.kind != LaunchArgument::Kind::buffer) a = LaunchArgument::null();
    }
    const auto begin = std::chrono::steady_clock::now();
    Result<LaunchCounts> counts = machine.launch(*kernel, shape, arguments, limits);
    if (!counts) stop(counts.error());
    const double s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    seconds += s;
    ++launches;
    total.integer += counts->instructions();
    total.multiply_adds += counts->multiply_adds;
    total.reads_past_end += counts->reads_past_end;
    if (verbose) {
      std::printf("module %s %s: %u x %u x %u groups of %u x %u x %u, %llu instructions, %.1f M multiply-adds, %.4f s, %.1f M instructions/s\n", module.c_str(),
                  kernel_name.c_str(), shape.group_count[0], shape.group_count[1], shape.group_count[2], shape.group_size[0], shape.group_size[1],
                  shape.group_size[2], static_cast<unsigned long long>(counts->instructions()), static_cast<double>(counts->multiply_adds) / 1e6, s,
                  static_cast<double>(counts->instructions()) / s / 1e6);
    }
  }

  void compare(const std::string& what, std::uint64_t address) {
    const std::vector<std::uint8_t> reference = slurp(folder + "/ref-" + what);
    std::vector<std::uint8_t> got(reference.size());
    must(memory.read(address, got));
    ++compared;
    if (const char* dump = std::getenv("XE_DUMP")) {
      std::ofstream(std::string(dump) + "/got-" + what, std::ios::binary).write(reinterpret_cast<const char*>(got.data()), static_cast<std::streamsize>(got.size()));
    }
    std::size_t differ = 0, first = 0;
    const std::size_t size = what.ends_with("-f32") ? 4 : 1;
    for (std::size_t i = 0; i < got.size(); i += size) {
      bool same = std::memcmp(&got[i], &reference[i], size) == 0;
      if (!same && size == 4) {
        float a = 0, b = 0;
        std::memcpy(&a, &got[i], 4);
        std::memcpy(&b, &reference[i], 4);
        same = a == b;
      }
      if (!same && differ++ == 0) first = i / size;
    }
    if (differ != 0 || verbose) {
      std::printf("%-28s %s: %zu of %zu values differ, the first at %zu\n", what.c_str(), differ ? "DIFFERS" : "equal", differ, got.size() / size, first);
    }
    equal = equal && differ == 0;
  }

  void line(const std::string& text) {
    std::istringstream in(text);
    std::string what;
    in >> what;
    if (what == "alloc") {
      int id = 0;
      std::string kind;
      std::uint64_t bytes = 0;
      in >> id >> kind >> bytes;
      allocations[id] = must(memory.allocate(bytes, "allocation " + std::to_string(id)));
    } else if (what == "upload") {
      std::string to, file;
      std::size_t n = 0;
      in >> to >> n >> file;
      must(memory.write(place(to).address, slurp(folder + "/" + file)));
    } else if (what == "copy") {
      std::string to, from;
      std::uint64_t n = 0;
      in >> to >> from >> n;
      if (to[0] == '@' && from[0] == '@') must(memory.copy(place(to).address, place(from).address, n));
    } else if (what == "fill") {
      std::string to, word, pattern;
      std::uint64_t n = 0;
      in >> to >> n >> word >> pattern;
      forget(to, n);
      std::vector<std::uint8_t> bytes;
      for (std::size_t i = 0; i + 1 < pattern.size(); i += 2) bytes.push_back(static_cast<std::uint8_t>(std::strtoul(pattern.substr(i, 2).c_str(), nullptr, 16)));
      must(memory.fill(place(to).address, n, bytes));
    } else if (what == "launch") {
      launch(in);
    } else if (what == "mark") {
      std::string name_text, at;
      std::uint64_t n = 0;
      if (!(in >> name_text >> at >> n) || at[0] != '@') return;
      if (name_text == "buffer" && guard) name(at, n);
      if (name_text.starts_with("out-")) compare(name_text.substr(4), place(at).address);
    }
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 || !platform_named(argv[1])) stop(std::string("xe_replay TARGET RECORDING; targets: ") + platform_names());
  Replay replay;
  replay.folder = argv[2];
  replay.platform = *platform_named(argv[1]);
  if (const char* n = std::getenv("XE_THREADS")) replay.limits.host_threads = std::atoi(n);
  if (std::getenv("XE_REVERSE")) replay.limits.reverse_threads = true;
  if (std::getenv("XE_NO_POISON")) replay.limits.poison = false;
  std::ifstream log(replay.folder + "/log.txt");
  if (!log) stop("no log.txt in " + replay.folder);
  for (std::string text; std::getline(log, text);) replay.line(text);
  std::printf("%s: %d launches, %llu instructions, %.0f M multiply-adds in %.2f s (%.1f M instructions/s); %d outputs %s; %llu reads past the end\n", argv[1],
              replay.launches, static_cast<unsigned long long>(replay.total.integer), static_cast<double>(replay.total.multiply_adds) / 1e6, replay.seconds,
              static_cast<double>(replay.total.integer) / replay.seconds / 1e6, replay.compared, replay.equal ? "equal" : "DIFFER",
              static_cast<unsigned long long>(replay.total.reads_past_end));
  return replay.equal && replay.compared != 0 ? 0 : 1;
}
