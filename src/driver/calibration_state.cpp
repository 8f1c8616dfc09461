#include "driver/calibration_state.h"

#include "support/file.h"

namespace xpuq {
namespace {

constexpr const char* kSchema = "xpuq.calibration-partial/1";

Error unusable(const std::string& path, std::string what) {
  return {.code = "E408", .who = path, .what = std::move(what), .got = {}, .expected = {}, .remedy = "remove it, or start anew without --resume", .node = {}};
}

}  // namespace

std::string partial_path(const std::string& output) { return output + ".partial"; }

Result<void> save_partial(const CalibrationState& state, const std::string& output) {
  Json head;
  head["schema"] = kSchema;
  head["key"] = state.key;
  head["next"] = state.next;
  return write_file(partial_path(output), head.dump() + "\n" + write_profile(state.profile));
}

Result<CalibrationState> load_partial(const std::string& output, const std::string& key) {
  const std::string path = partial_path(output);
  XPUQ_ASSIGN(const std::string text, read_file(path, "E408"));
  const std::size_t line = text.find('\n');
  if (line == std::string::npos) return unusable(path, "is damaged");
  const auto head = parse_json(std::string_view(text).substr(0, line), "E408", path);
  if (!head || !head->is_object() || !head->contains("key") || !(*head)["key"].is_string() || !head->contains("next") || !(*head)["next"].is_number_unsigned())
    return unusable(path, "is damaged");
  if ((*head)["key"] != key) return unusable(path, "belongs to a calibration with another model, data list or options");
  std::vector<ProfileWarning> warnings;
  auto profile = read_profile(std::string_view(text).substr(line + 1), path, warnings);
  if (!profile || !warnings.empty()) return unusable(path, "is damaged");
  return CalibrationState{.key = key, .next = (*head)["next"], .profile = std::move(*profile)};
}

}  // namespace xpuq
