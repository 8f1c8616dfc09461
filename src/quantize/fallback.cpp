#include "quantize/fallback.h"

#include <algorithm>

namespace xpuq {

Result<std::vector<const ProfileLayer*>> noisiest_first(const Profile& profile, const std::string& option) {
  if (profile.layers.empty())
    return make_error("E410", option, "the profile holds no signal-to-noise ratios", profile.model.file + ", " + std::to_string(profile.values.size()) + " values", {},
                      "xpuq-calibrate --sqnr, with the same model and pictures");
  std::vector<const ProfileLayer*> layers;
  for (const ProfileLayer& layer : profile.layers) layers.push_back(&layer);
  std::stable_sort(layers.begin(), layers.end(), [](const auto* a, const auto* b) { return a->output_sqnr_db < b->output_sqnr_db; });
  return layers;
}

Result<std::vector<std::string>> layers_to_keep_float(const Profile& profile, std::optional<double> min_db, std::size_t worst) {
  std::vector<std::string> names;
  if (!min_db && worst == 0) return names;
  XPUQ_ASSIGN(const std::vector<const ProfileLayer*> layers, noisiest_first(profile, min_db ? "--min-sqnr" : "--fallback-worst"));
  for (std::size_t i = 0; i < layers.size(); ++i)
    if (i < worst || (min_db && static_cast<double>(layers[i]->sqnr_db) < *min_db)) names.push_back(layers[i]->name);
  return names;
}

}  // namespace xpuq
