// Profiles and recipes written by earlier versions, kept as files: each must load forever, with the same contents.
// (Refusals of later formats: tests/corrupt.) XPUQ_UPDATE=1 writes the profile of the current format anew; do that for a
// new version only.
#include <cstdlib>

#include "../unit/profile/sample_profile.h"
#include "quantize/recipe_file.h"
#include "support/file.h"

namespace xpuq {
namespace {

const std::string kFolder = XPUQ_TESTS "/compat/";

}  // namespace

TEST_CASE("a profile of format 1 loads") {
  const std::string path = kFolder + "profile-1.xcal";
  if (const char* update = std::getenv("XPUQ_UPDATE"); update && std::string(update) == "1")
    REQUIRE(write_file(path, write_profile(test::sample_profile())).ok());
  const auto stored = read_file(path, "E403");
  REQUIRE(stored.ok());
  CHECK(stored->find("\"xpuq.calibration/1") != std::string::npos);
  // What this version writes for equal contents; that may look otherwise than the stored text.
  CHECK(write_profile(test::read_back(*stored)) == write_profile(test::sample_profile()));
}

TEST_CASE("a recipe of format 1 loads") {
  const auto stored = read_file(kFolder + "recipe-1.json", "E210");
  REQUIRE(stored.ok());
  const auto recipe = read_recipe(*stored, "recipe-1.json");
  if (!recipe.ok()) FAIL(recipe.error().text());
  CHECK(recipe->family == RecipeFamily::x86);
  CHECK(recipe->global == qmath::Scheme::symmetric);
  REQUIRE(recipe->modules.size() == 1);
  CHECK(recipe->modules[0].name == "layer4.1");
  CHECK(!recipe->modules[0].config);
  REQUIRE(recipe->operators.size() == 1);
  CHECK(recipe->operators[0].type == OperatorType::linear);
  CHECK(recipe->exclude == std::vector<std::string>{"head*"});
  CHECK(recipe->only == std::vector<std::string>{"body*"});
  CHECK(recipe->quantize_matmul);
  CHECK(!recipe->per_channel_weights);
  CHECK(!recipe->weight_scale_floor);
  CHECK(recipe->method == "percentile:99.9");
}

}  // namespace xpuq
