#include "record/recorder.h"

#include <algorithm>
#include <cstring>

namespace xpuq::record {
namespace {

using gpu::Access;
using gpu::Arena;
using gpu::BufferArgument;
using gpu::Range;

/// A matmul that splits K adds up in zeroed memory of oneDNN's own, of which every execution takes the next of this
/// many slots and leaves it zeroed.
constexpr std::size_t kZeroPoolSlots = 16;

}  // namespace

void Recorder::fail(const std::string& what) {
  if (problem_.empty()) problem_ = "step " + std::to_string(step_) + ": " + what;
}

void Recorder::begin_inference() {
  in_setup_ = false;
  inference_.clear();
}

std::vector<gpu::Command> Recorder::end_inference() { return std::exchange(inference_, {}); }

std::uint32_t Recorder::module(const std::vector<std::uint8_t>& bytes) {
  auto stripped = gpu::without_source(bytes, "a module");
  if (!stripped.ok()) {
    fail(stripped.error().what);
    return 0;
  }
  const auto [it, fresh] = modules_.try_emplace(*stripped, static_cast<std::uint32_t>(program_.modules.size()));
  if (fresh) {
    program_.modules.push_back(*stripped);
    auto signatures = gpu::read_signatures(*stripped, "a module");
    if (!signatures.ok()) fail(signatures.error().what);
    signatures_.push_back(signatures.ok() ? std::move(*signatures) : std::vector<gpu::KernelSignature>());
  }
  return it->second;
}

void Recorder::append(gpu::Command command) {
  command.step = step_;
  (in_setup_ ? program_.setup : inference_).push_back(std::move(command));
}

Range Recorder::literal(std::span<const std::byte> bytes) {
  const auto [it, fresh] = literals_.try_emplace(std::vector<std::byte>(bytes.begin(), bytes.end()));
  if (fresh) {
    it->second = arenas_.take(Arena::constant, bytes.size());
    upload(arenas_.address(it->second), bytes.data(), bytes.size());
  }
  return it->second;
}

Range Recorder::resident(Arena arena, std::uint64_t offset, std::uint64_t bytes) {
  const auto [it, fresh] = residents_.try_emplace({arena, offset, bytes});
  if (fresh) {
    it->second = arenas_.take(arena, bytes);
    gpu::Command command{gpu::UploadConstant{it->second, offset}, step_, false};
    program_.setup.push_back(std::move(command));
  }
  return it->second;
}

void* Recorder::allocate(std::size_t bytes) { return arenas_.address(arenas_.take(Arena::constant, bytes)); }
void* Recorder::temporary(std::size_t bytes) { return arenas_.address(arenas_.take(Arena::raw, bytes)); }

void Recorder::upload(void* to, const void* from, std::size_t bytes) {
  Range range = *arenas_.locate(to);
  range.bytes = bytes;
  const auto* begin = static_cast<const std::uint8_t*>(from);
  program_.setup.push_back({gpu::UploadLiteral{range, program_.literals.size()}, step_, false});
  program_.literals.insert(program_.literals.end(), begin, begin + bytes);
}

void* Recorder::constant(const void* bytes, std::size_t size) {
  const auto offset = static_cast<const std::byte*>(bytes) - plan_.constants.data();
  return arenas_.address(resident(Arena::raw, static_cast<std::uint64_t>(offset), size));
}

void Recorder::copy(void* to, const void* from, std::size_t bytes) {
  Range target = *arenas_.locate(to), source = *arenas_.locate(from);
  target.bytes = source.bytes = bytes;
  append({gpu::Copy{target, source}});
}

void Recorder::executes(std::span<const onednn::ArgumentUse> uses) { uses_.assign(uses.begin(), uses.end()); }

/// The argument of the primitive at work that holds an address, as far as it reaches from there.
std::optional<BufferArgument> Recorder::buffer(const void* at) {
  const auto* p = static_cast<const std::byte*>(at);
  std::optional<BufferArgument> found;
  for (const onednn::ArgumentUse& use : uses_) {
    const auto* begin = static_cast<const std::byte*>(use.at);
    if (begin == nullptr || p < begin || p >= begin + use.bytes) continue;
    const auto access = static_cast<Access>((use.read ? 1 : 0) | (use.written ? 2 : 0));
    if (found) {  // one memory under two names
      found->access = static_cast<Access>(static_cast<int>(found->access) | static_cast<int>(access));
      found->range.bytes = std::max<std::uint64_t>(found->range.bytes, static_cast<std::uint64_t>(begin + use.bytes - p));
      continue;
    }
    const auto range = arenas_.locate(at);
    if (!range) return std::nullopt;
    found = BufferArgument{{range->arena, range->offset, static_cast<std::uint64_t>(begin + use.bytes - p)}, access};
  }
  return found ? found : zero_pool(at);
}

std::optional<BufferArgument> Recorder::zero_pool(const void* at) {
  if (arenas_.locate(at)) return std::nullopt;  // memory of ours that the primitive was not given
  // Only what oneDNN was seen to fill with zeros: the contents of any other memory of its own are not known.
  const auto address = reinterpret_cast<std::uintptr_t>(at);
  auto pool = zeroed_.upper_bound(address);
  if (pool == zeroed_.begin()) return std::nullopt;
  --pool;
  const auto [begin, bytes] = *pool;
  if (address - begin >= bytes || bytes % kZeroPoolSlots != 0) return std::nullopt;
  const std::size_t slot = bytes / kZeroPoolSlots;
  if ((address - begin) % slot != 0) return std::nullopt;
  // One slot is enough where commands that use it wait for each other, which the barriers see to.
  const auto [it, fresh] = pools_.try_emplace(begin);
  if (fresh) {
    it->second = arenas_.take(Arena::work, slot);
    program_.setup.push_back({gpu::Fill{it->second, {0}}, step_, false});
  }
  return BufferArgument{it->second, Access::read_write};
}

bool Recorder::holds_address(const TracedArgument& a) const {
  void* at = nullptr;
  for (std::size_t i = 0; i + sizeof at <= a.bytes.size(); i += sizeof at) {  // members of a struct, too
    std::memcpy(&at, a.bytes.data() + i, sizeof at);
    if (arenas_.locate(at) || tracer_.allocation_of(at).bytes > 0) return true;
  }
  return false;
}

const gpu::KernelSignature* Recorder::signature(std::uint32_t module, const std::string& kernel) {
  const auto& list = signatures_[module];
  const auto it = std::find_if(list.begin(), list.end(), [&](const gpu::KernelSignature& s) { return s.name == kernel; });
  return it == list.end() ? nullptr : &*it;
}

void Recorder::launched(const TracedLaunch& traced) {
  ++launches_;
  if (!problem_.empty()) return;
  gpu::Launch launch{module(*traced.module), traced.kernel, traced.group_size, traced.group_count, {}};
  if (!problem_.empty()) return;
  const gpu::KernelSignature* kernel = signature(launch.module, traced.kernel);
  if (kernel == nullptr) return fail("kernel " + traced.kernel + " is not in its module");
  for (std::size_t i = 0; i < kernel->arguments.size(); ++i) {
    if (i >= traced.arguments.size() || !traced.arguments[i].set) return fail("argument " + std::to_string(i) + " of " + traced.kernel + " was not set");
    const TracedArgument& a = traced.arguments[i];
    switch (kernel->arguments[i]) {
      case gpu::ArgumentKind::value:
        if (holds_address(a)) return fail("argument " + std::to_string(i) + " of " + traced.kernel + " passes an address as a number");
        launch.arguments.push_back(gpu::ValueArgument{a.null ? std::vector<std::uint8_t>(a.size) : a.bytes});
        continue;
      case gpu::ArgumentKind::local: launch.arguments.push_back(gpu::LocalArgument{a.size}); continue;
      case gpu::ArgumentKind::pointer: break;
    }
    void* at = nullptr;
    if (!a.null && a.bytes.size() != sizeof at) return fail("argument " + std::to_string(i) + " of " + traced.kernel + " is a pointer of " + std::to_string(a.bytes.size()) + " bytes");
    if (!a.null) std::memcpy(&at, a.bytes.data(), sizeof at);
    if (at == nullptr) {
      launch.arguments.push_back(gpu::NullArgument{});
      continue;
    }
    const auto found = buffer(at);
    if (!found) return fail("argument " + std::to_string(i) + " of " + traced.kernel + " points to memory that the primitive was not given");
    launch.arguments.push_back(*found);
  }
  append({std::move(launch)});
}

void Recorder::filled(void* to, std::span<const std::uint8_t> pattern, std::size_t bytes) {
  // The zero pool is filled as a whole when oneDNN makes it; its one slot here has a fill of its own.
  if (!arenas_.locate(to)) {
    if (!std::all_of(pattern.begin(), pattern.end(), [](std::uint8_t b) { return b == 0; })) return fail("a fill of oneDNN's own memory with something else than zeros");
    zeroed_[reinterpret_cast<std::uintptr_t>(to)] = bytes;
    return;
  }
  const auto found = buffer(to);
  if (!found || found->range.bytes < bytes) return fail("a fill of memory that the primitive was not given");
  append({gpu::Fill{{found->range.arena, found->range.offset, bytes}, {pattern.begin(), pattern.end()}}});
}

void Recorder::copied(void* to, const void* from, std::size_t bytes) {
  const auto target = buffer(to), source = buffer(from);
  if (!target || !source || target->range.bytes < bytes || source->range.bytes < bytes) return fail("a copy of memory that the primitive was not given");
  append({gpu::Copy{{target->range.arena, target->range.offset, bytes}, {source->range.arena, source->range.offset, bytes}}});
}

}  // namespace xpuq::record
