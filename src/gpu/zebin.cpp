#include "gpu/zebin.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

#include "artifact/refusal.h"

namespace xpuq::gpu {
namespace {

// ELF64, little endian: sizes and places of the fields that are needed.
constexpr std::size_t kHeaderBytes = 64, kSectionBytes = 64;
constexpr std::uint32_t kNullSection = 0;
constexpr std::size_t kMostKernels = 256, kMostArguments = 128;
/// Of a section's name. Compilers name a section after its kernel.
constexpr std::size_t kMostName = 4096;

struct Section {
  std::size_t header = 0;  ///< where its entry of the table is
  std::string_view name;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::uint64_t align = 1;
  std::uint32_t type = 0;
};

class Elf {
 public:
  static Result<Elf> open(std::span<const std::uint8_t> file, const std::string& who) {
    Elf elf(file);
    if (const char* problem = elf.read()) return artifact::damaged(who, std::string("no module of an Intel GPU: ") + problem);
    return elf;
  }

  const std::vector<Section>& sections() const { return sections_; }
  std::uint64_t table() const { return table_; }
  const Section* find(std::string_view name) const {
    const auto it = std::find_if(sections_.begin(), sections_.end(), [&](const Section& s) { return s.name == name; });
    return it == sections_.end() ? nullptr : &*it;
  }
  std::span<const std::uint8_t> bytes(const Section& s) const { return file_.subspan(s.offset, s.bytes); }

 private:
  explicit Elf(std::span<const std::uint8_t> file) : file_(file) {}

  template <class T>
  T at(std::size_t offset) const {
    T value;
    std::memcpy(&value, file_.data() + offset, sizeof value);
    return value;
  }

  /// The first thing that is wrong, or null.
  const char* read() {
    static constexpr std::uint8_t kMagic[] = {0x7F, 'E', 'L', 'F', 2, 1};
    if (file_.size() < kHeaderBytes || !std::equal(std::begin(kMagic), std::end(kMagic), file_.begin())) return "not ELF64";
    table_ = at<std::uint64_t>(0x28);
    const auto entry = at<std::uint16_t>(0x3A), count = at<std::uint16_t>(0x3C), names = at<std::uint16_t>(0x3E);
    if (entry != kSectionBytes || names >= count) return "a wrong section table";
    if (table_ > file_.size() || (file_.size() - table_) / kSectionBytes < count) return "the section table lies outside";
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t h = table_ + i * kSectionBytes;
      Section s{h, {}, at<std::uint64_t>(h + 0x18), at<std::uint64_t>(h + 0x20), at<std::uint64_t>(h + 0x30), at<std::uint32_t>(h + 4)};
      constexpr std::uint32_t kNoBits = 8;
      if (s.type == kNullSection || s.type == kNoBits) s.offset = s.bytes = 0;
      if (s.offset > file_.size() || s.bytes > file_.size() - s.offset) return "a section lies outside";
      sections_.push_back(s);
    }
    const std::span<const std::uint8_t> text = bytes(sections_[names]);
    for (Section& s : sections_) {
      const auto name = at<std::uint32_t>(s.header);
      if (name >= text.size()) {
        if (s.type == kNullSection) continue;
        return "a section has no name";
      }
      const auto* begin = reinterpret_cast<const char*>(text.data()) + name;
      s.name = std::string_view(begin, strnlen(begin, std::min(kMostName, text.size() - name)));
    }
    return nullptr;
  }

  std::span<const std::uint8_t> file_;
  std::uint64_t table_ = 0;
  std::vector<Section> sections_;
};

/// "key: value" of a line of .ze_info, with its indentation; a list item's "- " counts as two of it.
struct Line {
  std::size_t indent = 0;
  bool item = false;
  std::string_view key, value;
};

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\r')) s.remove_suffix(1);
  return s;
}

std::optional<Line> read_line(std::string_view text) {
  Line line;
  line.indent = text.find_first_not_of(' ');
  if (line.indent == std::string_view::npos) return std::nullopt;
  text.remove_prefix(line.indent);
  if (text.starts_with("- ")) {
    line.item = true;
    line.indent += 2;
    text.remove_prefix(2);
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  line.key = trimmed(text.substr(0, colon));
  line.value = trimmed(text.substr(colon + 1));
  if (line.value.size() >= 2 && line.value.front() == '"' && line.value.back() == '"') line.value = line.value.substr(1, line.value.size() - 2);
  return line;
}

std::optional<std::uint32_t> whole(std::string_view s) {
  std::uint32_t n = 0;
  const auto [end, failure] = std::from_chars(s.data(), s.data() + s.size(), n);
  if (failure != std::errc() || end != s.data() + s.size()) return std::nullopt;
  return n;
}

/// One entry of payload_arguments.
struct Entry {
  std::string_view type, space;
  std::optional<std::uint32_t> index, bytes, source;
};

class InfoReader {
 public:
  /// Empty when the text is not what compilers write.
  std::optional<std::vector<KernelSignature>> read(std::string_view text) {
    while (!text.empty() && sound_) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      if (const auto line = read_line(text.substr(0, end))) take(*line);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    finish_entry();
    if (!sound_) return std::nullopt;
    return std::move(kernels_);
  }

 private:
  // kernels: / "  - name: X" / "    execution_env:" / "      key: value" / "    payload_arguments:" / "      - arg_type: ..."
  void take(const Line& line) {
    if (line.indent == 0) {
      finish_entry();
      inside_ = line.key == "kernels";
      return;
    }
    if (!inside_) return;
    if (line.indent == 4) {
      finish_entry();
      part_ = line.value.empty() ? line.key : std::string_view();
      if (line.item) kernels_.emplace_back();
      if (kernels_.empty() || kernels_.size() > kMostKernels) sound_ = false;
      else if (line.key == "name") kernels_.back().name = std::string(line.value);
      return;
    }
    if (kernels_.empty()) return;
    if (part_ == "execution_env" && line.key == "slm_size") kernels_.back().local_bytes = number(line.value);
    if (part_ != "payload_arguments") return;
    if (line.item) {
      finish_entry();
      entry_.emplace();
    }
    if (!entry_) return;
    if (line.key == "arg_type") entry_->type = line.value;
    if (line.key == "addrspace") entry_->space = line.value;
    if (line.key == "arg_index") entry_->index = number(line.value);
    if (line.key == "size") entry_->bytes = number(line.value);
    if (line.key == "source_offset") entry_->source = number(line.value);
  }

  std::uint32_t number(std::string_view s) {
    const auto n = whole(s);
    if (!n || *n > (1u << 28)) sound_ = false;
    return n.value_or(0);
  }

  void finish_entry() {
    if (!entry_ || kernels_.empty()) return;
    const Entry e = *entry_;
    entry_.reset();
    if (!e.index || (e.type != "arg_bypointer" && e.type != "arg_byvalue")) return;
    if (*e.index >= kMostArguments) {
      sound_ = false;
      return;
    }
    KernelSignature& kernel = kernels_.back();
    if (kernel.arguments.size() <= *e.index) {
      kernel.arguments.resize(*e.index + 1, ArgumentKind::value);
      kernel.value_bytes.resize(*e.index + 1, 0);
    }
    if (e.type == "arg_byvalue") {
      std::uint32_t& bytes = kernel.value_bytes[*e.index];
      bytes = std::max(bytes, e.source.value_or(0) + e.bytes.value_or(0));  // a struct has an entry per piece
    } else {
      kernel.arguments[*e.index] = e.space == "local" ? ArgumentKind::local : ArgumentKind::pointer;
    }
  }

  bool inside_ = false, sound_ = true;
  std::string_view part_;
  std::optional<Entry> entry_;
  std::vector<KernelSignature> kernels_;
};

}  // namespace

Result<std::vector<KernelSignature>> read_signatures(std::span<const std::uint8_t> module, const std::string& who) {
  XPUQ_ASSIGN(const Elf elf, Elf::open(module, who));
  const Section* info = elf.find(".ze_info");
  if (info == nullptr) return artifact::damaged(who, "the module has no section .ze_info");
  const auto bytes = elf.bytes(*info);
  auto kernels = InfoReader().read({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!kernels || kernels->empty()) return artifact::damaged(who, "the module's .ze_info cannot be read");
  return std::move(*kernels);
}

Result<std::vector<std::uint8_t>> without_source(std::span<const std::uint8_t> module, const std::string& who) {
  XPUQ_ASSIGN(const Elf elf, Elf::open(module, who));
  std::vector<std::uint8_t> out(module.begin(), module.end());
  const Section* spv = elf.find(".spv");
  if (spv == nullptr || spv->bytes == 0) return out;
  // What lies behind the section moves forward by as much as keeps every alignment; its entry becomes a null section,
  // so that the numbers of the others stay.
  constexpr std::uint64_t kKeep = 64;
  const std::uint64_t cut = spv->bytes / kKeep * kKeep, end = spv->offset + cut;
  const auto moved = [&](std::uint64_t offset) { return offset >= end ? offset - cut : offset; };
  const auto put = [&](std::size_t at, auto value) { std::memcpy(out.data() + at, &value, sizeof value); };
  for (const Section& s : elf.sections()) {
    if (&s == spv) {
      std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(s.header), kSectionBytes, std::uint8_t{0});
    } else if (s.bytes > 0) {
      if (s.offset < end && s.offset + s.bytes > spv->offset) return artifact::damaged(who, "sections of the module overlap");
      put(s.header + 0x18, moved(s.offset));
    }
  }
  if (elf.table() > spv->offset && elf.table() < end) return artifact::damaged(who, "sections of the module overlap");
  put(0x28, moved(elf.table()));
  out.erase(out.begin() + static_cast<std::ptrdiff_t>(spv->offset), out.begin() + static_cast<std::ptrdiff_t>(end));
  return out;
}

}  // namespace xpuq::gpu
