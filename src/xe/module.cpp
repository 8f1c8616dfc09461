#include "xe/module.h"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "xe/decode.h"
#include "xe/prepare.h"
#include "xe/zebin.h"

namespace xpuq::xe {
namespace {

constexpr std::size_t kMostCode = std::size_t{64} << 20;

std::string family_text(std::uint32_t family) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%04x", family);
  return text;
}

void append_data(std::vector<std::uint8_t>& out, const Zebin& zebin, std::string_view contents, std::string_view zeros) {
  if (const ZebinSection* s = zebin.find(contents)) out.assign(s->bytes.begin(), s->bytes.end());
  if (const ZebinSection* s = zebin.find(zeros)) out.resize(out.size() + s->size, 0);
}

}  // namespace

const Kernel* Module::find(std::string_view name) const {
  for (const Kernel& k : kernels) {
    if (k.info.name == name) return &k;
  }
  return nullptr;
}

Result<Module> load_module(std::span<const std::uint8_t> bytes, Platform platform, const std::string& who) {
  XPUQ_ASSIGN(const Zebin zebin, read_zebin(bytes, who));
  const std::uint32_t family = traits_of(platform).core_family;
  if (zebin.core_family != 0 && zebin.core_family != family) {
    return make_error("E620", who, std::string("the module was not made for ") + traits_of(platform).name,
                      "core family " + family_text(zebin.core_family), family_text(family));
  }
  const auto info_at = std::find_if(zebin.sections.begin(), zebin.sections.end(),
                                    [](const ZebinSection& s) { return s.type == kSectionZeInfo; });
  if (info_at == zebin.sections.end()) return make_error("E620", who, "not a readable GPU module: no .ze_info section");
  const std::string_view text(reinterpret_cast<const char*>(info_at->bytes.data()), info_at->bytes.size());
  XPUQ_ASSIGN(std::vector<KernelInfo> infos, read_ze_info(text, who));

  auto data = std::make_shared<ModuleData>();
  append_data(data->constants, zebin, ".data.const", ".bss.const");
  append_data(data->globals, zebin, ".data.global", ".bss.global");

  Module out;
  out.platform = platform;
  for (KernelInfo& info : infos) {
    Kernel kernel;
    kernel.platform = platform;
    kernel.module = who;
    kernel.data = data;
    const std::string section_name = ".text." + info.name;
    const auto section = std::find_if(zebin.sections.begin(), zebin.sections.end(),
                                      [&](const ZebinSection& s) { return s.name == section_name; });
    if (section == zebin.sections.end() || section->bytes.size() > kMostCode) {
      return make_error("E620", who, "no machine code of kernel '" + info.name + "'");
    }
    const auto index = static_cast<std::uint32_t>(section - zebin.sections.begin());
    for (const ZebinRelocation& r : zebin.relocations) {
      // Where the prologue finds its arguments; the emulator starts behind the prologue.
      if (r.section != index || r.symbol.starts_with("__INTEL_PATCH_CROSS_THREAD_OFFSET") || r.offset < info.skip) continue;
      if (r.type == 4) continue;  // size of the argument block, likewise the prologue's
      kernel.unsupported = "its code refers to symbol '" + r.symbol + "'";
    }
    kernel.code_bytes = section->bytes.size();
    kernel.code = prepare_kernel(platform, info, decode_kernel(platform, section->bytes));
    kernel.info = std::move(info);
    out.kernels.push_back(std::move(kernel));
  }
  return out;
}

}  // namespace xpuq::xe
