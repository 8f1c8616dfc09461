// forms.txt holds every form that recorded plans contain, and each of its lines is executed by a test.
#include "catch.h"

#include "artifact_forms.h"
#include "form_parser.h"
#include "one_thread.h"

using namespace xe_test;

namespace {

/// The test that executes a form; empty: none does. Those tests fail when a form is theirs and they do not know it.
std::string test_of(const ListedForm& listed) {
  const std::string opcode = listed.form.substr(0, listed.form.find_first_of(" ."));
  if (opcode == "send") {
    const std::string unit = listed.form.substr(5, listed.form.find(' ', 5) - 5);
    if (unit == "dc0" || unit == "dc1") return "data_port_test";
    if (unit == "ugm" || unit == "slm" || unit == "gateway" || unit == "eot") return listed.form.starts_with("send ugm 3 ") || listed.form.starts_with("send ugm 7 ") ? "block_2d_test" : "message_forms_test";
    return {};
  }
  if (opcode == "dpas" || opcode == "dpasw") return "systolic_test";
  for (const char* name : {"jmpi", "sync", "nop", "if", "else", "endif", "goto", "join"}) {
    if (opcode == name) return "jumps_test";  // and flow_test
  }
  return arithmetic_of(listed, 0).opcode != Opcode::illegal ? "arithmetic_forms_test" : "";
}

}  // namespace

TEST_CASE("every listed form has its test") {
  const auto listed = listed_forms();
  CHECK(listed.size() > 1500);
  for (const ListedForm& l : listed) {
    INFO(l.form);
    CHECK(test_of(l) != "");
  }
}

TEST_CASE("the digits network's machine code has no form that is not listed") {
  Forms forms;
  REQUIRE(add_artifact(std::string(XPUQ_FIXTURES) + "/gpu/digits.xpuq", forms) == "");
  CHECK(forms.size() > 150);
  Forms listed;
  for (const ListedForm& l : listed_forms()) listed[l.form][static_cast<std::size_t>(l.encoding)] |= static_cast<std::uint8_t>(l.channels);
  for (const auto& [form, channels] : forms) {
    for (std::size_t e = 0; e < 3; ++e) {
      INFO(form << ", encoding " << e << ": add it with list_forms");
      CHECK((channels[e] & ~listed[form][e]) == 0);
    }
  }
}
