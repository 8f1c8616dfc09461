#include "driver/search_state.h"

#include <cstdio>

#include "quantize/recipe_file.h"
#include "support/file.h"
#include "support/sha256.h"

namespace xpuq {
namespace {

constexpr const char* kSchema = "xpuq.search/1";

std::string name_of(const Variant& v) {
  Json out = recipe_json(v.recipe);
  out["fallback"] = v.recipe.fallback;
  out["fitting"] = {v.fitting.equalize, v.fitting.bias_correction, v.fitting.adaptive_rounding};
  return sha256_hex(out.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Error unusable(const std::string& path, std::string what) {
  return make_error("E408", path, std::move(what), {}, {}, "remove it, or start anew without --resume");
}

}  // namespace

Result<SearchState> SearchState::open(const std::string& path, const std::string& key, bool resume) {
  SearchState state;
  state.path_ = path;
  state.key_ = key;
  if (!resume || !file_exists(path)) return state;
  XPUQ_ASSIGN(const std::string text, read_file(path, "E408"));
  const auto json = parse_json(text, "E408", path);
  const auto is_text = [&](const char* name) { return json->contains(name) && (*json)[name].is_string(); };
  if (!json || !json->is_object() || !is_text("schema") || (*json)["schema"] != kSchema || !is_text("key") || !json->contains("evaluations") || !(*json)["evaluations"].is_object())
    return unusable(path, "is damaged");
  if ((*json)["key"] != key) return unusable(path, "belongs to a search with another model, profile, pictures or options");
  for (const auto& [variant, numbers] : (*json)["evaluations"].items()) {
    if (!numbers.is_array() || numbers.size() != 3 || !numbers[0].is_number() || !numbers[1].is_number() || !numbers[2].is_number()) return unusable(path, "is damaged");
    state.known_[variant] = {.top1 = numbers[0], .sqnr_db = numbers[1], .int8_percent = numbers[2]};
  }
  return state;
}

const Evaluation* SearchState::find(const Variant& variant) const {
  const auto it = known_.find(name_of(variant));
  return it == known_.end() ? nullptr : &it->second;
}

Result<void> SearchState::add(const Variant& variant, const Evaluation& e) {
  known_[name_of(variant)] = e;
  Json out;
  out["schema"] = kSchema;
  out["key"] = key_;
  out["evaluations"] = Json::object();
  for (const auto& [name, k] : known_) out["evaluations"][name] = {k.top1, k.sqnr_db, k.int8_percent};
  return write_file(path_, out.dump(1) + "\n");
}

void SearchState::remove() const { std::remove(path_.c_str()); }

}  // namespace xpuq
