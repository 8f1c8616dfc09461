// Recipe files.
#include "quantize/recipe_file.h"
#include "target.h"

using namespace xpuq;

XPUQ_FUZZ_TARGET(recipe) {
  const auto recipe = read_recipe(fuzz::text_of(bytes), "recipe.json");
  if (!recipe.ok()) return;
  fuzz::require_sound(read_recipe(recipe_json(*recipe).dump(), "again").ok() ? "" : "what was read cannot be written and read");
}
