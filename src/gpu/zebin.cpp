#include "gpu/zebin.h"

#include <algorithm>
#include <cstring>

#include "artifact/refusal.h"
#include "xe/ze_info.h"
#include "xe/zebin.h"

namespace xpuq::gpu {
namespace {

constexpr std::size_t kMostArguments = 128;
// ELF64: where the header says the section table is, and the place of an entry's offset.
constexpr std::size_t kTableField = 0x28, kSectionBytes = 64, kOffsetField = 0x18;

Error unreadable(const std::string& who, const Error& e) { return artifact::damaged(who, e.what, e.got); }

Result<KernelSignature> signature(const xe::KernelInfo& info, const std::string& who) {
  KernelSignature out{info.name, {}, {}, info.local_bytes};
  for (const xe::PayloadArgument& a : info.arguments) {
    const bool pointer = a.kind == xe::ArgumentKind::pointer;
    if (a.index < 0 || (!pointer && a.kind != xe::ArgumentKind::value)) continue;
    const auto index = static_cast<std::size_t>(a.index);
    if (index >= kMostArguments) return artifact::damaged(who, "kernel '" + artifact::printable(info.name) + "' has too many arguments");
    if (out.arguments.size() <= index) {
      out.arguments.resize(index + 1, ArgumentKind::value);
      out.value_bytes.resize(index + 1, 0);
    }
    if (pointer) out.arguments[index] = a.mode == xe::AddressMode::local ? ArgumentKind::local : ArgumentKind::pointer;
    else out.value_bytes[index] = std::max(out.value_bytes[index], a.source_offset + a.size);  // a struct has an entry per piece
  }
  return out;
}

}  // namespace

Result<std::vector<KernelSignature>> read_signatures(std::span<const std::uint8_t> module, const std::string& who) {
  const auto zebin = xe::read_zebin(module, who);
  if (!zebin.ok()) return unreadable(who, zebin.error());
  const xe::ZebinSection* info = zebin->find(".ze_info");
  if (info == nullptr) return artifact::damaged(who, "the module has no section .ze_info");
  const auto kernels = xe::read_ze_info({reinterpret_cast<const char*>(info->bytes.data()), info->bytes.size()}, who);
  if (!kernels.ok()) return unreadable(who, kernels.error());
  if (kernels->empty()) return artifact::damaged(who, "the module has no kernel");
  std::vector<KernelSignature> out;
  for (const xe::KernelInfo& k : *kernels) {
    XPUQ_ASSIGN(KernelSignature s, signature(k, who));
    out.push_back(std::move(s));
  }
  return out;
}

Result<std::vector<std::uint8_t>> without_source(std::span<const std::uint8_t> module, const std::string& who) {
  const auto zebin = xe::read_zebin(module, who);
  if (!zebin.ok()) return unreadable(who, zebin.error());
  std::vector<std::uint8_t> out(module.begin(), module.end());
  const xe::ZebinSection* spv = zebin->find(".spv");
  if (spv == nullptr || spv->bytes.empty()) return out;
  const auto offset_of = [&](const xe::ZebinSection& s) { return static_cast<std::uint64_t>(s.bytes.data() - module.data()); };
  std::uint64_t table = 0;
  std::memcpy(&table, module.data() + kTableField, sizeof table);
  // What lies behind the section moves forward by as much as keeps every alignment; its entry becomes a null section, so
  // that the numbers of the others stay.
  constexpr std::uint64_t kKeep = 64;
  const std::uint64_t begin = offset_of(*spv), cut = spv->bytes.size() / kKeep * kKeep, end = begin + cut;
  const auto inside = [&](std::uint64_t offset, std::uint64_t bytes) { return bytes > 0 && offset < end && offset + bytes > begin; };
  const auto moved = [&](std::uint64_t offset) { return offset >= end ? offset - cut : offset; };
  const auto put = [&](std::uint64_t at, std::uint64_t value) { std::memcpy(out.data() + at, &value, sizeof value); };
  if (inside(table, zebin->sections.size() * kSectionBytes)) return artifact::damaged(who, "sections of the module overlap");
  for (std::size_t i = 0; i < zebin->sections.size(); ++i) {
    const xe::ZebinSection& s = zebin->sections[i];
    const std::uint64_t entry = table + i * kSectionBytes;
    if (&s == spv) {
      std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(entry), kSectionBytes, std::uint8_t{0});
    } else if (!s.bytes.empty()) {
      if (inside(offset_of(s), s.bytes.size())) return artifact::damaged(who, "sections of the module overlap");
      put(entry + kOffsetField, moved(offset_of(s)));
    }
  }
  put(kTableField, moved(table));
  out.erase(out.begin() + static_cast<std::ptrdiff_t>(begin), out.begin() + static_cast<std::ptrdiff_t>(end));
  return out;
}

}  // namespace xpuq::gpu
