// The calibration profile (`.xcal`, cli.md 3.1): statistics of every value that the quantizer may quantize, and what
// they were made from. JSON text, keys in a fixed order, one value a line, numbers as shortest binary32 decimals.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qmath/observer_state.h"
#include "support/json.h"
#include "xpuq/result.h"
#include "xpuq/types.h"

namespace xpuq {

inline constexpr int kProfileMajor = 1;
inline constexpr std::string_view kProfileSchema = "xpuq.calibration/";
inline constexpr std::size_t kMostProfileBytes = std::size_t{1} << 30;

/// The model whose values were observed. Hashes are 64 lower-case hexadecimal digits.
struct ProfileModel {
  std::string file;           ///< name without folders
  std::string format;         ///< "onnx" or "pt2"
  std::uint64_t opset = 0;    ///< ONNX; 0: not given
  std::string export_schema;  ///< torch.export, "8.20"; empty: not given
  std::string graph_sha256;
  std::string weights_sha256;

  bool operator==(const ProfileModel&) const = default;
};

/// A sample that could not be used.
struct BadFile {
  std::string file, why;
  bool operator==(const BadFile&) const = default;
};

/// The samples. File names are relative to their operand, in the order used.
struct ProfileData {
  std::uint64_t count = 0;  ///< samples used, > 0
  std::uint64_t batch = 1;  ///< samples a forward
  std::uint64_t dropped = 0;  ///< samples of a last partial batch that the model could not take
  std::string selection = "spread";
  std::uint64_t seed = 0;
  std::string list_sha256;  ///< of the whole selected list: the same in every shard of one calibration
  std::vector<std::string> files;
  std::vector<BadFile> bad;

  bool operator==(const ProfileData&) const = default;
};

/// Part `index` (from 1) of `count`: samples index, index + count, ...
struct ProfileShard {
  std::uint64_t index = 1, count = 1;
  bool operator==(const ProfileShard&) const = default;
};

/// One observed value. `sqnr_db`: of the model's output when this value alone is quantized; +infinity (null in the file)
/// when that loses nothing.
struct ProfileValue {
  std::string name;  ///< unique, as in the user's model
  std::string node;  ///< its producer; empty for an input
  std::string op;
  Shape shape;
  qmath::ObserverState stats;
  std::optional<float> sqnr_db;

  bool operator==(const ProfileValue&) const = default;
};

/// An observer shared by several values (pt2e-semantics 3.5). It is updated at every insertion point in order, so its
/// histogram is not a function of the histograms of its members.
struct ProfileGroup {
  std::vector<std::string> members;  ///< value names in update order, repeats allowed
  qmath::ObserverState stats;

  bool operator==(const ProfileGroup&) const = default;
};

/// A layer that is int8 alone: signal to noise of its own output and of the model's, dB, +infinity as above.
struct ProfileLayer {
  std::string name;  ///< the value it makes
  std::string node;
  float sqnr_db = 0, output_sqnr_db = 0;

  bool operator==(const ProfileLayer&) const = default;
};

struct Profile {
  ProfileModel model;
  Json preprocessing = Json::object();  ///< input name -> complete description; opaque here
  ProfileData data;
  std::optional<ProfileShard> shard;
  std::string method = "histogram";  ///< default rule, see qmath/range_rules.h
  float moving_constant = qmath::kMovingConstant;  ///< that of every moving average inside
  std::vector<ProfileValue> values;
  std::vector<ProfileGroup> groups;
  std::vector<ProfileLayer> layers;  ///< in execution order; empty when not measured

  bool operator==(const Profile&) const = default;
  const ProfileValue* find(std::string_view name) const;
};

struct ProfileWarning {
  std::string code;     ///< "W018"
  std::string message;  ///< starts with `who`
};

/// The file's text. Deterministic; read_profile(write_profile(p)) equals p when every string is UTF-8 (other bytes are
/// written as U+FFFD). The profile satisfies check_profile.
std::string write_profile(const Profile& profile);

/// Reads a file that may be hostile. Unknown keys are ignored.
/// E402: another major format, with both numbers. E403: too large, cut off, not JSON, a key missing or of the wrong
/// type, or anything that check_profile refuses. Editing by hand is a feature: when `integrity` does not fit, the
/// profile is used as it stands and W018 is added to `warnings`.
Result<Profile> read_profile(std::string_view text, const std::string& who, std::vector<ProfileWarning>& warnings);
Result<Profile> read_profile(std::span<const std::byte> bytes, const std::string& who,
                             std::vector<ProfileWarning>& warnings);

/// What a profile promises beyond its types: unique names, min <= max, finite numbers, histograms whose counts add up
/// to the number of elements, groups of known values, hashes of the right form, a shard within its count. E403.
Result<void> check_profile(const Profile& profile, const std::string& who);

struct NamedProfile {
  std::string who;  ///< file name, for messages
  Profile profile;
};

struct MergedProfile {
  Profile profile;
  std::size_t rebinned = 0;  ///< values with a shard on a narrower range: each count there moved by at most one bin
};

/// Joins all shards of one calibration, in any order; see qmath::merge_states for the statistics. Signal-to-noise
/// ratios become the mean of the shards' dB, where all have one. E406: not a shard, an overlapping or missing shard,
/// another model, preprocessing, selection, method or set of values, or a range set by hand.
Result<MergedProfile> merge_profiles(std::span<const NamedProfile> shards);

}  // namespace xpuq
