#include <limits>

#include "artifact/fields.h"
#include "gpu/program_json.h"

namespace xpuq::gpu {
namespace {

using artifact::Fields;
using artifact::to_whole;

constexpr std::uint64_t kMost32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kMostOffset = std::uint64_t{1} << 48;

std::optional<Range> read_range(const Json& json, std::size_t elements = 3) {
  if (!json.is_array() || json.size() != elements) return std::nullopt;
  const auto arena = to_whole(json[0], kArenas - 1), offset = to_whole(json[1], kMostOffset), bytes = to_whole(json[2], kMostOffset);
  if (!arena || !offset || !bytes) return std::nullopt;
  return Range{static_cast<Arena>(*arena), *offset, *bytes};
}

std::vector<std::uint8_t> bytes_of(const Json& json) { return json.get_binary(); }

std::optional<Argument> read_argument(const Json& json) {
  if (json.is_null()) return NullArgument{};
  if (json.is_binary()) return ValueArgument{bytes_of(json)};
  if (const auto local = to_whole(json, kMost32)) return LocalArgument{*local};
  const auto range = read_range(json, 4);
  if (!range) return std::nullopt;
  const auto access = to_whole(json[3], 3);
  if (!access || *access == 0) return std::nullopt;
  return BufferArgument{*range, static_cast<Access>(*access)};
}

class CommandReader {
 public:
  CommandReader(const Fields& fields, std::size_t modules) : f_(fields), modules_(modules) {}

  Result<Command> read() {
    Command c;
    XPUQ_ASSIGN(const std::uint64_t step, f_.whole("step", kMost32));
    c.step = static_cast<std::uint32_t>(step);
    c.barrier = f_.has("barrier");
    if (f_.has("launch")) {
      XPUQ_ASSIGN(c.what, launch());
    } else if (f_.has("fill")) {
      Fill fill;
      XPUQ_ASSIGN(fill.to, range("fill"));
      XPUQ_ASSIGN(const std::vector<std::uint8_t>* pattern, f_.bytes("pattern"));
      fill.pattern = *pattern;
      c.what = std::move(fill);
    } else if (f_.has("constant")) {
      UploadConstant upload;
      XPUQ_ASSIGN(upload.to, range("constant"));
      XPUQ_ASSIGN(upload.from, f_.whole("from", kMostOffset));
      c.what = upload;
    } else if (f_.has("literal")) {
      UploadLiteral upload;
      XPUQ_ASSIGN(upload.to, range("literal"));
      XPUQ_ASSIGN(upload.from, f_.whole("from", kMostOffset));
      c.what = upload;
    } else if (f_.has("copy")) {
      Copy copy;
      XPUQ_ASSIGN(copy.to, range("copy"));
      XPUQ_ASSIGN(copy.from, range("from"));
      c.what = copy;
    } else {
      return f_.error("no known command");
    }
    return c;
  }

 private:
  Result<Range> range(std::string_view key) {
    XPUQ_ASSIGN(const Json* json, f_.member(key));
    const auto r = read_range(*json);
    if (!r) return f_.error("'" + std::string(key) + "' is no range");
    return *r;
  }

  Result<std::array<std::uint32_t, 3>> triple(std::string_view key) {
    XPUQ_ASSIGN(const std::vector<std::uint32_t> list, f_.indices(key));
    if (list.size() != 3) return f_.error("'" + std::string(key) + "' has not three sizes");
    return std::array<std::uint32_t, 3>{list[0], list[1], list[2]};
  }

  Result<Launch> launch() {
    Launch l;
    XPUQ_ASSIGN(l.kernel, f_.text("launch"));
    XPUQ_ASSIGN(const std::uint64_t module, f_.whole("module", kMost32));
    if (module >= modules_) return f_.error("a module that is not there", std::to_string(module));
    l.module = static_cast<std::uint32_t>(module);
    XPUQ_ASSIGN(l.group_size, triple("size"));
    XPUQ_ASSIGN(l.group_count, triple("count"));
    XPUQ_ASSIGN(const Json* arguments, f_.array("arguments"));
    for (const Json& json : *arguments) {
      auto argument = read_argument(json);
      if (!argument) return f_.error("an argument has an unknown form");
      l.arguments.push_back(std::move(*argument));
    }
    return l;
  }

  const Fields& f_;
  std::size_t modules_;
};

Result<std::vector<Command>> read_commands(const Fields& fields, std::string_view key, std::size_t modules) {
  XPUQ_ASSIGN(const Json* list, fields.array(key));
  std::vector<Command> out;
  out.reserve(list->size());
  for (std::size_t i = 0; i < list->size(); ++i) {
    XPUQ_ASSIGN(const Fields f, Fields::of((*list)[i], fields.where() + ": " + std::string(key) + " " + std::to_string(i), fields.source()));
    XPUQ_ASSIGN(Command command, CommandReader(f, modules).read());
    out.push_back(std::move(command));
  }
  return out;
}

Result<DeviceKey> read_device(const Fields& fields) {
  XPUQ_ASSIGN(const Json* json, fields.member("device"));
  XPUQ_ASSIGN(const Fields f, Fields::of(*json, fields.where() + ": device", fields.source()));
  DeviceKey key;
  const std::pair<const char*, std::uint32_t*> members[] = {{"ip_version", &key.ip_version}, {"slices", &key.slices},
                                                            {"subslices", &key.subslices}, {"eus", &key.eus}, {"threads", &key.threads}};
  for (const auto& [name, to] : members) {
    XPUQ_ASSIGN(const std::uint64_t n, f.whole(name, kMost32));
    *to = static_cast<std::uint32_t>(n);
  }
  return key;
}

Result<std::vector<StepRecord>> read_steps(const Fields& f) {
  XPUQ_ASSIGN(const Json* list, f.array("steps"));
  std::vector<StepRecord> out;
  for (const Json& s : *list) {
    const bool fused = s.is_array() && s.size() == 3;
    if (!s.is_array() || (s.size() != 2 && !fused) || !s[0].is_string() || !s[1].is_string()) return f.error("a step record has an unknown form");
    StepRecord record{artifact::printable(s[0].get_ref<const std::string&>()), artifact::printable(s[1].get_ref<const std::string&>()), {}};
    if (fused) {
      const auto into = to_whole(s[2], kMost32);
      if (!into) return f.error("a step record has an unknown form");
      record.fused_into = static_cast<std::uint32_t>(*into);
    }
    out.push_back(std::move(record));
  }
  return out;
}

}  // namespace

Result<Program> program_from_json(const Json& json, std::size_t modules, const artifact::Source& source) {
  XPUQ_ASSIGN(const Fields f, Fields::of(json, "target section", source));
  Program p;
  XPUQ_ASSIGN(p.device, read_device(f));
  XPUQ_ASSIGN(p.library, f.text("library"));
  XPUQ_ASSIGN(const std::uint64_t plan, f.whole("plan", kMost32));
  p.plan = static_cast<std::uint32_t>(plan);
  XPUQ_ASSIGN(p.plan_sha256, f.text("plan_sha256"));
  XPUQ_ASSIGN(const Json* arenas, f.array("arenas"));
  if (arenas->size() != kArenas) return f.error("another number of arenas", std::to_string(arenas->size()), std::to_string(kArenas));
  for (std::size_t a = 0; a < kArenas; ++a) {
    const auto bytes = to_whole((*arenas)[a], kMostOffset);
    if (!bytes) return f.error("an arena has no size");
    p.arena_bytes[a] = *bytes;
  }
  XPUQ_ASSIGN(const std::vector<std::uint8_t>* literals, f.bytes("literals"));
  p.literals = *literals;
  XPUQ_ASSIGN(p.setup, read_commands(f, "setup", modules));
  XPUQ_ASSIGN(p.inference, read_commands(f, "inference", modules));
  XPUQ_ASSIGN(p.steps, read_steps(f));
  XPUQ_ASSIGN(const Json* values, f.array("values"));
  for (const Json& v : *values) {
    p.values.push_back(v.is_null() ? std::nullopt : read_range(v));
    if (!v.is_null() && !p.values.back()) return f.error("a value has no range");
  }
  return p;
}

}  // namespace xpuq::gpu
