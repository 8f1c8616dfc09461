// xpuq-calibrate: model and pictures to profile.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "driver/reporter.h"
#include "import/model.h"
#include "profile/profile.h"
#include "samples/operands.h"
#include "samples/preprocess_options.h"
#include "samples/select.h"
#include "xpuq/result.h"

namespace xpuq {

struct CalibrateOptions {
  std::string model;
  std::vector<std::string> operands;
  std::optional<std::string> from_file;
  std::string output;                        ///< empty: MODEL's name + .xcal
  ImportOptions import;
  std::map<std::string, samples::PreprocessingOptions> preprocessing;  ///< by input; "" = the image-like one
  std::optional<std::uint64_t> images = 300; ///< empty: all
  samples::Selection select = samples::Selection::spread;
  std::uint64_t seed = 0;
  std::string method = "histogram";
  std::size_t bins = 2048;
  double max_bad_percent = 1.0;              ///< tolerated undecodable samples
  std::optional<std::uint64_t> max_bad;      ///< the same as a count; wins
  std::optional<ProfileShard> shard;
  std::uint64_t sqnr_samples = 0;            ///< --sqnr: samples to measure noise on; 0: not measured
  bool resume = false;
  bool force = false;
  int threads = 0;
};

struct CalibrateResult {
  std::string output;
  Profile profile;
  std::uint64_t requested = 0;   ///< samples asked for
  double seconds = 0;
  double images_per_second = 0;
  std::uint64_t peak_memory_bytes = 0;
};

/// Writes the profile. On interruption the partial work stays in OUTPUT.partial and the error is E130 or E143.
Result<CalibrateResult> calibrate(const CalibrateOptions& options, const Reporter& reporter);

/// The same without the last step: nothing is written but the partial work of an interruption, and forget_partial()
/// has to follow when the profile is safe.
Result<CalibrateResult> measure_profile(const CalibrateOptions& options, const Reporter& reporter);
void forget_partial(const std::string& output);

/// Where the profile goes: the output option, else MODEL's name + .xcal.
std::string profile_path(const CalibrateOptions& options);
/// E210 when the file is there and may not be written.
Result<void> check_profile_output(const std::string& path, bool force, bool resume);

/// xpuq-calibrate --merge: joins the shards of one calibration.
Result<CalibrateResult> merge_shards(const std::vector<std::string>& parts, const std::string& output, bool force, const Reporter& reporter);

}  // namespace xpuq
