#include "xe/zebin.h"

#include <algorithm>
#include <cstring>

namespace xpuq::xe {
namespace {

constexpr std::size_t kHeaderBytes = 64, kSectionBytes = 64, kSymbolBytes = 24;
constexpr std::size_t kMostName = 4096;
constexpr std::uint32_t kSymbolTable = 2, kNoBits = 8, kRela = 4, kRel = 9, kNote = 7;

struct ElfReader {
  std::span<const std::uint8_t> bytes;
  const std::string& who;

  Error bad(const std::string& what) const { return make_error("E620", who, "not a readable GPU module: " + what); }

  template <class T>
  static T at(std::span<const std::uint8_t> from, std::size_t offset) {
    T value{};
    std::memcpy(&value, from.data() + offset, sizeof value);
    return value;
  }

  static bool inside(std::uint64_t offset, std::uint64_t size, std::uint64_t whole) { return offset <= whole && size <= whole - offset; }

  static bool string_at(std::span<const std::uint8_t> table, std::uint64_t offset, std::string& out) {
    if (offset >= table.size()) return false;
    const auto* begin = table.data() + offset;
    // Names are short; without a bound, many sections could share one that is as long as the file.
    const void* end = std::memchr(begin, 0, std::min<std::size_t>(kMostName, table.size() - offset));
    if (!end) return false;
    out.assign(reinterpret_cast<const char*>(begin), static_cast<const char*>(end));
    return true;
  }

  struct Raw {
    std::uint32_t name, type, link, info;
    std::uint64_t offset, size;
  };

  Result<Zebin> run() {
    if (bytes.size() < kHeaderBytes || std::memcmp(bytes.data(), "\x7f" "ELF", 4) != 0) return bad("no ELF file");
    if (bytes[4] != 2 || bytes[5] != 1) return bad("not 64 bits, little endian");
    const auto sections_at = at<std::uint64_t>(bytes, 0x28);
    const auto entry = at<std::uint16_t>(bytes, 0x3a), count = at<std::uint16_t>(bytes, 0x3c), names = at<std::uint16_t>(bytes, 0x3e);
    if (entry != kSectionBytes || !inside(sections_at, std::uint64_t{count} * entry, bytes.size())) return bad("section table");
    if (names >= count) return bad("section names");
    std::vector<Raw> raw;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t o = sections_at + i * entry;
      raw.push_back({at<std::uint32_t>(bytes, o), at<std::uint32_t>(bytes, o + 4), at<std::uint32_t>(bytes, o + 40),
                     at<std::uint32_t>(bytes, o + 44), at<std::uint64_t>(bytes, o + 24), at<std::uint64_t>(bytes, o + 32)});
    }
    Zebin out;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      ZebinSection s;
      s.type = raw[i].type;
      s.size = raw[i].size;
      s.info = raw[i].info;
      if (s.type != 0 && s.type != kNoBits) {
        if (!inside(raw[i].offset, raw[i].size, bytes.size())) return bad("section " + std::to_string(i) + " ends behind the file");
        s.bytes = bytes.subspan(raw[i].offset, raw[i].size);
      } else if (s.type == kNoBits && s.size > (std::uint64_t{1} << 30)) {
        return bad("section " + std::to_string(i) + " is too large");
      }
      out.sections.push_back(std::move(s));
    }
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (raw[i].type != 0 && !string_at(out.sections[names].bytes, raw[i].name, out.sections[i].name)) return bad("name of a section");
    }
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (raw[i].type == kRel || raw[i].type == kRela) XPUQ_TRY(relocations(out, raw, i));
      if (raw[i].type == kNote) notes(out, out.sections[i].bytes);
    }
    return out;
  }

  Result<void> relocations(Zebin& out, const std::vector<Raw>& raw, std::size_t index) const {
    const std::span<const std::uint8_t> table = out.sections[index].bytes;
    const std::size_t entry = raw[index].type == kRel ? 16 : 24;
    const std::uint32_t symbols = raw[index].link;
    if (symbols >= raw.size() || raw[symbols].type != kSymbolTable) return {};  // of debug information
    const std::span<const std::uint8_t> symbol_table = out.sections[symbols].bytes;
    if (raw[symbols].link >= raw.size()) return bad("names of symbols");
    for (std::size_t o = 0; o + entry <= table.size(); o += entry) {
      ZebinRelocation r;
      r.section = raw[index].info;
      r.offset = at<std::uint64_t>(table, o);
      const auto info = at<std::uint64_t>(table, o + 8);
      r.type = static_cast<std::uint32_t>(info);
      if (entry == 24) r.addend = at<std::int64_t>(table, o + 16);
      const std::uint64_t symbol = info >> 32;
      if (!inside(symbol * kSymbolBytes, kSymbolBytes, symbol_table.size())) return bad("symbol of a relocation");
      if (!string_at(out.sections[raw[symbols].link].bytes, at<std::uint32_t>(symbol_table, symbol * kSymbolBytes), r.symbol)) {
        return bad("name of a symbol");
      }
      out.relocations.push_back(std::move(r));
    }
    return {};
  }

  static void notes(Zebin& out, std::span<const std::uint8_t> table) {
    constexpr std::uint32_t core_family = 2;
    for (std::size_t o = 0; o + 12 <= table.size();) {
      const auto name = at<std::uint32_t>(table, o), size = at<std::uint32_t>(table, o + 4), type = at<std::uint32_t>(table, o + 8);
      const std::uint64_t value = o + 12 + (std::uint64_t{name} + 3) / 4 * 4;
      if (!inside(value, size, table.size())) return;
      if (name == 8 && std::memcmp(table.data() + o + 12, "IntelGT", 8) == 0 && type == core_family && size == 4) {
        out.core_family = at<std::uint32_t>(table, value);
      }
      o = value + (std::uint64_t{size} + 3) / 4 * 4;
    }
  }
};

}  // namespace

const ZebinSection* Zebin::find(std::string_view name) const {
  for (const ZebinSection& s : sections) {
    if (s.name == name) return &s;
  }
  return nullptr;
}

Result<Zebin> read_zebin(std::span<const std::uint8_t> bytes, const std::string& who) { return ElfReader{bytes, who}.run(); }

}  // namespace xpuq::xe
