#include "record/kernel_choice.h"
#include "support/catch.h"

using namespace xpuq::record;

TEST_CASE("kernel choices survive the way to the recorder", "[gpu]") {
  const KernelChoices choices = {{KernelChoice::library, KernelChoice::own}, {}, {KernelChoice::own}};
  CHECK(to_text(choices) == "01;;1;");
  CHECK(*parse_kernel_choices(to_text(choices)) == choices);
  CHECK(parse_kernel_choices("")->empty());
  CHECK(parse_kernel_choices("02;").error().code == "E101");
}
