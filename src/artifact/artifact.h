// The artifact: one file that holds everything xpuq-run needs. FORMAT.md in this folder describes its bytes and the
// rules by which they may change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "plan/plan.h"
#include "support/file.h"
#include "support/json.h"
#include "xpuq/result.h"
#include "xpuq/types.h"

namespace xpuq {

/// What this program writes. It reads its own major with this minor or a lower one.
inline constexpr std::uint16_t kArtifactMajor = 1;
inline constexpr std::uint16_t kArtifactMinor = 0;

/// Outputs that a plan must give, within rtol and atol, for the inputs that selftest_inputs() makes of `seed`.
struct SelfTest {
  std::uint32_t plan = 0;        ///< number in Artifact::plans
  std::uint64_t seed = 0;
  std::vector<Tensor> expected;  ///< one per output of the plan, row-major
  float rtol = 0;
  float atol = 0;
};

/// What one device made of the plans ahead of time (packed weights, kernels). Opaque here; any reader may ignore it.
struct TargetSection {
  std::string key;                   ///< unique; 1 to 96 bytes of printable ASCII: "cpu:...", "gpu:dg2:..."
  std::span<const std::byte> bytes;  ///< 64-byte aligned when read from an artifact
  std::shared_ptr<const void> owner;
};

struct Artifact {
  /// At least one; one per batch size. As read, all of them share one constants blob.
  std::vector<Plan> plans;
  /// Provenance, hashes, precision, preprocessing, quantization record. The driver's; finite numbers and UTF-8 only.
  Json info = Json::object();
  std::vector<std::string> labels;
  std::vector<SelfTest> self_tests;
  std::vector<TargetSection> targets;
};

/// The bytes of the file: the same ones for equal artifacts, always. Constants of equal bytes are stored once, also
/// across plans, so offsets may differ from those given. Error E101 when the format has no room for the artifact;
/// an unsound plan is a bug.
Result<std::string> to_bytes(const Artifact& artifact, const std::string& who);

/// to_bytes() and write_file().
Result<void> write_artifact(const Artifact& artifact, const std::string& path);

struct ReadOptions {
  /// Also checks the constants and target sections, the one part that opening leaves alone so as not to read it.
  bool verify_all = false;
  /// PEM file: open_artifact() takes only what the holder of this key signed. Empty: anything.
  std::string public_key = {};
};

/// Reads and verifies hostile bytes. `owner` keeps `bytes` alive and is shared by all plans and target sections; when
/// it is null, or when `bytes` do not start at a multiple of 64, everything is copied. Errors: E501 when a newer
/// program is needed, E502 when the file is damaged or no artifact; `who` names the file.
Result<Artifact> read_artifact(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
                               const std::string& who, ReadOptions options = {});

/// The bytes of the file in `path`: mapped; with a key (PEM) copied into memory that nobody else writes, and only when
/// its holder signed them, so that the bytes that were checked are the bytes that are used. Errors of map_file() with
/// E502, and of check_signature() (artifact/signature.h).
Result<MappedFile> load_artifact(const std::string& path, const std::string& public_key);

/// load_artifact() and read_artifact().
Result<Artifact> open_artifact(const std::string& path, ReadOptions options = {});

struct SectionInfo {
  std::string tag;  ///< four characters
  std::string key;  ///< of target sections
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::uint32_t crc32c = 0;  ///< as the table has it
  bool crc_ok = false;       ///< and whether the bytes agree
  bool required = false;
  bool known = false;        ///< to this program
};

struct ArtifactListing {
  std::uint16_t major = 0;
  std::uint16_t minor = 0;
  std::string producer;  ///< version of the xpuq that wrote it
  std::uint64_t bytes = 0;
  std::vector<SectionInfo> sections;  ///< in file order
};

/// The table of contents with every checksum computed: also for an artifact whose sections are damaged or unknown.
/// Errors as in read_artifact(), for the header and table alone.
Result<ArtifactListing> list_sections(std::span<const std::byte> bytes, const std::string& who);

/// Inputs of a self-test: the same on every machine (FORMAT.md, section 7). Floats lie in [-1, 1); integers that are
/// not quantized are 0 or 1, which is a legal token, token type, index and mask alike.
std::vector<Tensor> selftest_inputs(const Plan& plan, std::uint64_t seed);

}  // namespace xpuq
