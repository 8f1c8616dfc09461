#include <limits>

#include "cli/command.h"
#include "cli/envelope.h"
#include "cli/golden.h"
#include "cli/help.h"
#include "cli/settings.h"
#include "cli/text_table.h"
#include "catch.h"

using namespace xpuq;
using namespace xpuq::cli;

TEST_CASE("the envelope of a failure") {
  Envelope e{.command = "xpuq-run",
             .exit_code = 3,
             .seconds = 1.5,
             .warnings = {{"W021", "text"}},
             .error = Error{.code = "E301",
                            .who = "m.onnx",
                            .what = "is wrong",
                            .got = "this",
                            .expected = {},
                            .remedy = "that",
                            .node = "roi"}};
  e.result["nothing"] = std::numeric_limits<double>::quiet_NaN();
  e.result["bytes"] = "\xff";
  const Json j = Json::parse(to_text(e));
  CHECK(j["schema"] == "xpuq.run/1");
  CHECK(j["status"] == "failed");
  CHECK(j["exit_code"] == 3);
  CHECK(j["warnings"][0]["code"] == "W021");
  CHECK(j["error"]["message"] == "m.onnx: node 'roi': is wrong");
  CHECK(j["error"]["expected"].is_null());
  CHECK(j["error"]["where"]["node"] == "roi");
  CHECK(j["result"]["nothing"].is_null());
}

TEST_CASE("the envelope of success and of an interruption") {
  CHECK(Json::parse(to_text(Envelope{.command = "xpuq-compile"}))["error"].is_null());
  CHECK(Json::parse(to_text(Envelope{.command = "xpuq-compile"}))["status"] == "ok");
  CHECK(Json::parse(to_text(Envelope{.command = "xpuq-compile", .exit_code = 130}))["status"] == "interrupted");
}

TEST_CASE("binary32 numbers keep their short form") {
  CHECK(number(0.1f).dump() == "0.1");
  CHECK(number(std::numeric_limits<float>::infinity()).is_null());
}

TEST_CASE("tables") {
  CHECK(align({{"a", "10", "x"}, {"long", "5", ""}}, {1}) == "a     10  x\nlong   5\n");
  CHECK(align({{"\xc3\xa9", "x"}, {"ab", "y"}}) == "\xc3\xa9   x\nab  y\n");
  CHECK(to_csv({{"a", "b,c", "d\"e"}}) == "a,\"b,c\",\"d\"\"e\"\n");
  CHECK(wrap("one two three", 7) == std::vector<std::string>{"one two", "three"});
  CHECK(wrap("extraordinary", 4) == std::vector<std::string>{"extraordinary"});
}

TEST_CASE("differences of two texts") {
  CHECK(line_diff("a\nb", "a\nb").empty());
  CHECK(line_diff("a\nb\nc", "a\nx\nc") == "  a\n- b\n+ x\n  c\n");
  CHECK(line_diff("", "a") == "- \n+ a\n");
  CHECK(tidy("\n\na  \nb\n\n") == "a\nb");
}

TEST_CASE("help fits 80 columns and names every option") {
  OptionTable table;
  table.group("Group");
  table.choice("-s,--select-a-thing", {"first-choice", "second-choice", "third-choice"}, "which of them");
  table.repeat("--exclude", "GLOB",
               "a long text that goes on and on until it has to be wrapped at the end of the line");
  declare_common_options(table);
  const Command command{.name = "xpuq-x",
                        .examples = {"xpuq-x a", "xpuq-x b"},
                        .synopsis = {"xpuq-x FILE"},
                        .declare = {},
                        .missing_operand = {},
                        .versions = {},
                        .execute = {}};
  const std::string text = help_text(command, table);
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    INFO(text.substr(at, end - at));
    CHECK(end - at <= 80);
    at = end + 1;
  }
  for (const OptionGroup& g : table.groups())
    for (const OptionSpec& o : g.options) CHECK_THAT(text, ContainsSubstring(o.name));
  CHECK(text.starts_with("example: xpuq-x a\nexample: xpuq-x b\n"));
  CHECK_THAT(text, ContainsSubstring("first-choice, second-choice"));
  for (const std::string& topic : help_topics()) CHECK_FALSE(help_topic(topic).empty());
  CHECK(help_topic("nowhere").empty());
}
