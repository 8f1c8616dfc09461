#include "xe/ze_info.h"

#include <algorithm>
#include <charconv>

#include "xe/yaml.h"

namespace xpuq::xe {
namespace {

constexpr std::uint32_t kMostPayload = 64 * 1024;

struct InfoReader {
  const std::string& who;
  std::string problem;

  void fail(const std::string& what) {
    if (problem.empty()) problem = what;
  }

  std::int64_t number(std::string_view text, std::string_view key, std::int64_t most) {
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || end != text.data() + text.size() || value < 0 || value > most) {
      fail(std::string(key) + " is '" + std::string(text.substr(0, 40)) + "'");
      return 0;
    }
    return value;
  }

  std::uint32_t get(const YamlNode& node, std::string_view key, std::int64_t most, std::uint32_t otherwise = 0) {
    const std::string_view text = node.text(key);
    return text.empty() ? otherwise : static_cast<std::uint32_t>(number(text, key, most));
  }

  /// "[ 64, 1, 1 ]" or a list of three.
  template <class T>
  void three(const YamlNode& node, std::string_view key, std::array<T, 3>& out, std::int64_t most) {
    const YamlNode* child = node.get(key);
    if (!child) return;
    std::vector<std::string> parts;
    for (const YamlNode& n : child->list) parts.push_back(n.scalar);
    std::string part;
    for (char c : child->scalar) {
      if (c >= '0' && c <= '9') part += c;
      else if (!part.empty()) parts.push_back(std::exchange(part, {}));
    }
    if (parts.size() != 3) return fail(std::string(key) + " has not three numbers");
    for (std::size_t i = 0; i < 3; ++i) out[i] = static_cast<T>(number(parts[i], key, most));
  }

  static ArgumentKind kind_of(std::string_view text) {
    static constexpr std::pair<std::string_view, ArgumentKind> names[] = {
        {"arg_bypointer", ArgumentKind::pointer}, {"arg_byvalue", ArgumentKind::value},
        {"local_size", ArgumentKind::local_size}, {"enqueued_local_size", ArgumentKind::local_size},
        {"group_count", ArgumentKind::group_count}, {"global_size", ArgumentKind::global_size},
        {"global_id_offset", ArgumentKind::global_offset}, {"buffer_address", ArgumentKind::buffer_address},
        {"buffer_offset", ArgumentKind::buffer_offset}, {"work_dimensions", ArgumentKind::work_dimensions},
        {"const_base", ArgumentKind::constant_base}, {"global_base", ArgumentKind::global_base},
        {"private_base_stateless", ArgumentKind::private_base}, {"printf_buffer", ArgumentKind::printf_buffer},
    };
    for (const auto& [name, kind] : names) {
      if (name == text) return kind;
    }
    return ArgumentKind::other;
  }

  static AddressMode mode_of(std::string_view text) {
    if (text == "stateless") return AddressMode::stateless;
    if (text == "stateful") return AddressMode::stateful;
    if (text == "bindless") return AddressMode::bindless;
    if (text == "slm") return AddressMode::local;
    return AddressMode::none;
  }

  template <class Each>
  void each(const YamlNode& node, std::string_view key, Each&& visit) {
    if (const YamlNode* list = node.get(key)) {
      for (const YamlNode& item : list->list) visit(item);
    }
  }

  KernelInfo kernel(const YamlNode& node) {
    KernelInfo info;
    info.name = node.text("name");
    if (info.name.empty()) fail("a kernel without a name");
    const YamlNode* environment = node.get("execution_env");
    if (!environment) {
      fail("kernel '" + info.name + "' has no execution_env");
      return info;
    }
    info.simd = static_cast<int>(get(*environment, "simd_size", 32));
    if (info.simd != 1 && info.simd != 8 && info.simd != 16 && info.simd != 32) fail("simd_size of kernel '" + info.name + "'");
    info.registers = static_cast<int>(get(*environment, "grf_count", 256, 128));
    info.skip = get(*environment, "offset_to_skip_per_thread_data_load", 1 << 20);
    info.local_bytes = get(*environment, "slm_size", 1 << 20);
    info.inline_bytes = get(*environment, "inline_data_payload_size", 256);
    info.barriers = static_cast<int>(get(*environment, "barrier_count", 32));
    three(*environment, "required_work_group_size", info.required_group, 1024);
    three(*environment, "work_group_walk_order_dimensions", info.walk_order, 2);
    each(node, "payload_arguments", [&](const YamlNode& item) {
      PayloadArgument a;
      a.name = item.text("arg_type");
      a.kind = kind_of(a.name);
      a.mode = mode_of(item.text("addrmode"));
      a.offset = get(item, "offset", kMostPayload);
      a.size = get(item, "size", kMostPayload);
      a.source_offset = get(item, "source_offset", kMostPayload);
      if (!item.text("arg_index").empty()) a.index = static_cast<int>(get(item, "arg_index", 4096));
      const bool data = a.kind == ArgumentKind::constant_base || a.kind == ArgumentKind::global_base;
      if (data) {
        a.index = a.kind == ArgumentKind::constant_base ? kConstantsIndex : kGlobalsIndex;
        if (!item.text("bti_value").empty() && item.text("bti_value") != "-1") info.surfaces[static_cast<int>(get(item, "bti_value", 255))] = a.index;
      }
      if (a.kind == ArgumentKind::pointer || a.kind == ArgumentKind::value) info.argument_count = std::max(info.argument_count, a.index + 1);
      info.arguments.push_back(std::move(a));
    });
    each(node, "per_thread_payload_arguments", [&](const YamlNode& item) {
      if (item.text("arg_type") == "local_id") info.local_id_bytes += get(item, "size", 4096);
      else if (item.text("arg_type") == "packed_local_ids") fail("kernel '" + info.name + "' wants packed local ids");
    });
    each(node, "binding_table_indices", [&](const YamlNode& item) {
      info.surfaces[static_cast<int>(get(item, "bti_value", 255))] = static_cast<int>(get(item, "arg_index", 4096));
    });
    each(node, "per_thread_memory_buffers", [&](const YamlNode& item) {
      const std::uint32_t size = get(item, "size", 1 << 24);
      if (item.text("type") == "scratch") info.scratch_bytes = std::max(info.scratch_bytes, size);
      else if (item.text("type") == "global") info.private_bytes += size;
    });
    return info;
  }
};

}  // namespace

Result<std::vector<KernelInfo>> read_ze_info(std::string_view text, const std::string& who) {
  XPUQ_ASSIGN(const YamlNode root, read_yaml(text, who));
  InfoReader reader{who, {}};
  std::vector<KernelInfo> out;
  reader.each(root, "kernels", [&](const YamlNode& node) { out.push_back(reader.kernel(node)); });
  if (!reader.problem.empty()) return make_error("E620", who, ".ze_info is not readable: " + reader.problem);
  return out;
}

}  // namespace xpuq::xe
