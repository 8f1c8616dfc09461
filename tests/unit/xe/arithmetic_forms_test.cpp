// Every form of arithmetic instruction that recorded plans contain (forms.txt): assembled, decoded, executed on the
// machine, and compared with the model.
#include "catch.h"

#include "assembler.h"
#include "comparison.h"
#include "form_parser.h"
#include "forms.h"
#include "xe/decode.h"

using namespace xe_test;

TEST_CASE("every form of arithmetic in recorded plans does what the model says") {
  std::mt19937 rng(11);
  std::size_t forms = 0;
  for (const ListedForm& listed : listed_forms()) {
    for (unsigned variant = 0; variant < 6; ++variant) {
      Instruction wanted = arithmetic_of(listed, variant);
      if (wanted.opcode == Opcode::illegal || wanted.opcode == Opcode::nop) continue;
      forms += variant == 0;
      wanted.no_mask = variant % 3 == 0;
      wanted.flag = static_cast<std::uint8_t>(variant % 2);
      INFO(listed.form << ", " << listed.channels << " channels");
      const Platform platform = platform_of(listed.encoding);
      const auto decoded = decode_instruction(platform, encode(platform, wanted), 0, "test");
      if (!decoded) FAIL(decoded.error().text());
      if (form_of(*decoded) != listed.form || decoded->channels != listed.channels) FAIL(form_of(*decoded));
      if (const std::string problem = compare_with_model(*decoded, platform, rng); !problem.empty()) FAIL_CHECK(text_of(*decoded) << ": " << problem);
    }
  }
  CHECK(forms > 1000);
}
