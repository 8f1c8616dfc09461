#include "driver/calibrate_ranks.h"

#include <algorithm>
#include <thread>

#include "support/file.h"
#include "support/parallel.h"

namespace xpuq {

Result<CalibrateResult> calibrate_over_ranks(const CalibrateOptions& options, Ranks& ranks, const Reporter& reporter) {
  const std::string output = profile_path(options);
  if (ranks.rank() == 0) XPUQ_TRY(check_profile_output(output, options.force, options.resume));
  CalibrateOptions part = options;
  part.output = output + ".rank" + std::to_string(ranks.rank());
  part.shard = ProfileShard{static_cast<std::uint64_t>(ranks.rank()) + 1, static_cast<std::uint64_t>(ranks.count())};
  // Its share of the host, or less where mpirun has bound it to less.
  if (part.threads == 0) part.threads = std::min(available_threads(), std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / ranks.count_on_this_host()));
  XPUQ_ASSIGN(CalibrateResult result, measure_profile(part, reporter));
  XPUQ_ASSIGN(const std::vector<std::string> texts, ranks.gather(write_profile(result.profile)));
  result.output = output;
  if (ranks.rank() == 0) {
    std::vector<NamedProfile> shards;
    for (std::size_t r = 0; r < texts.size(); ++r) {
      const std::string who = "rank " + std::to_string(r);
      std::vector<ProfileWarning> warnings;
      XPUQ_ASSIGN(Profile profile, read_profile(std::as_bytes(std::span(texts[r])), who, warnings));
      shards.push_back({.who = who, .profile = std::move(profile)});
    }
    XPUQ_ASSIGN(MergedProfile merged, merge_profiles(shards));
    result.images_per_second *= static_cast<double>(merged.profile.data.count) / static_cast<double>(result.profile.data.count);
    result.profile = std::move(merged.profile);
    XPUQ_TRY(write_file(output, write_profile(result.profile)));
  }
  // Not before the whole is safe.
  ranks.wait_for_all();
  forget_partial(part.output);
  return result;
}

}  // namespace xpuq
