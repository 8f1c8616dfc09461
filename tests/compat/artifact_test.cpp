// Artifacts written by earlier versions, kept as files: each must load forever. XPUQ_UPDATE=1 writes the file of the
// current format anew; do that for a new version only, never to make a failing test pass.
#include <cstdlib>
#include <filesystem>

#include "../unit/artifact/same_artifact.h"
#include "../unit/artifact/sample_artifact.h"
#include "support/file.h"

namespace xpuq {
namespace {

using namespace artifact_test;

const std::string kStored = XPUQ_FIXTURES "/../compat/artifact-1.0.xpuq";

}  // namespace

TEST_CASE("an artifact of format 1.0 loads", "[artifact][compat]") {
  if (const char* update = std::getenv("XPUQ_UPDATE"); update && std::string(update) == "1")
    REQUIRE(write_artifact(sample_artifact(), kStored).ok());
  const auto stored = open_artifact(kStored, {.verify_all = true});
  if (!stored.ok()) FAIL(stored.error().text());
  check_same(*stored, sample_artifact());

  const auto file = map_file(kStored, "E502");
  REQUIRE(file.ok());
  const auto listing = list_sections(file->bytes, kStored);
  REQUIRE(listing.ok());
  CHECK(listing->major == 1);
  CHECK(listing->minor == 0);
}

}  // namespace xpuq
