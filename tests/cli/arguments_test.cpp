#include "cli/arguments.h"

#include "cli/settings.h"
#include "catch.h"

using namespace xpuq;
using namespace xpuq::cli;

namespace {

OptionTable table() {
  OptionTable t;
  t.group("Test");
  t.value("-o,--output", "FILE", "");
  t.repeat("--exclude", "GLOB", "");
  t.choice("--select", {"spread", "first"}, "");
  t.flag("--strict", "");
  t.default_on("--softmax", "");
  t.counter("-v,--verbose", "");
  t.optional_value("--json", "FILE", "");
  return t;
}

Result<Arguments> parse(std::vector<std::string> words) { return parse_arguments(table(), words); }
std::string code(std::vector<std::string> words) {
  const auto r = parse(std::move(words));
  return r.ok() ? "ok" : r.error().code;
}

}  // namespace

TEST_CASE("options and operands mix") {
  const Arguments a =
      parse({"m.onnx", "-o", "a", "dir", "--output=b", "--exclude", "x*", "--exclude=y", "-vv", "last"}).value();
  CHECK(a.operands == std::vector<std::string>{"m.onnx", "dir", "last"});
  CHECK(a.value("--output") == "b");
  CHECK(a.values("--exclude") == std::vector<std::string>{"x*", "y"});
  CHECK(a.count("--verbose") == 2);
  CHECK_FALSE(a.given("--select"));
}

TEST_CASE("values are taken as they are") {
  // CLI11 would read a bracket as a list, and {} as nothing.
  CHECK(parse({"--exclude", "[ab]"}).value().values("--exclude") == std::vector<std::string>{"[ab]"});
  CHECK(parse({"--exclude", "[a,b]*"}).value().values("--exclude") == std::vector<std::string>{"[a,b]*"});
  CHECK(parse({"--exclude", "{}"}).value().values("--exclude") == std::vector<std::string>{"{}"});
  CHECK(parse({"--exclude={}"}).value().values("--exclude") == std::vector<std::string>{"{}"});
  CHECK(parse({"--exclude", "a b"}).value().values("--exclude") == std::vector<std::string>{"a b"});
  CHECK(parse({"--exclude", "\"q\""}).value().values("--exclude") == std::vector<std::string>{"\"q\""});
  CHECK(parse({"-o", "-"}).value().value("--output") == "-");
  CHECK(parse({"-o", "-0.5"}).value().value("--output") == "-0.5");
  CHECK(parse({"-ofile"}).value().value("--output") == "file");
  CHECK(parse({"--output=a=b"}).value().value("--output") == "a=b");
  CHECK(parse({"[x].png", "{}", "a,b"}).value().operands == std::vector<std::string>{"[x].png", "{}", "a,b"});
  CHECK(parse({"-"}).value().operands == std::vector<std::string>{"-"});
}

TEST_CASE("an optional value comes with an equals sign only") {
  const Arguments bare = parse({"--json", "m.onnx"}).value();
  CHECK(bare.value("--json") == "");
  CHECK(bare.operands == std::vector<std::string>{"m.onnx"});
  CHECK(parse({"--json=f.json"}).value().value("--json") == "f.json");
  CHECK(parse({"--json=true"}).value().value("--json") == "true");
  CHECK(parse({"--json=0"}).value().value("--json") == "0");
}

TEST_CASE("flags and their negations, the last one wins") {
  CHECK(parse({"--strict"}).value().flag("--strict"));
  CHECK_FALSE(parse({"--strict", "--no-strict"}).value().flag("--strict"));
  CHECK(parse({"--no-strict", "--strict"}).value().flag("--strict"));
  CHECK(parse({}).value().flag("--softmax", true));
  CHECK_FALSE(parse({"--no-softmax"}).value().flag("--softmax", true));
}

TEST_CASE("two dashes end options") {
  const Arguments a = parse({"-v", "--", "--strict", "--", "-x"}).value();
  CHECK(a.operands == std::vector<std::string>{"--strict", "--", "-x"});
  CHECK_FALSE(a.given("--strict"));
}

TEST_CASE("what is wrong on a line") {
  CHECK(code({"--strct"}) == "E201");
  CHECK(parse({"--strct=1"}).error().who == "--strct");
  CHECK(parse({"--strct"}).error().remedy == "--strict");
  CHECK(parse({"--no-softmx"}).error().remedy == "--no-softmax");
  CHECK(code({"-z"}) == "E201");
  CHECK(code({"-vz"}) == "E201");
  CHECK(code({"--str"}) == "E201");  // never abbreviated
  CHECK(code({"--output"}) == "E202");
  CHECK(code({"-o"}) == "E202");
  CHECK(code({"--output=", "x"}) == "E202");
  CHECK(code({"--json="}) == "E202");
  CHECK(code({"-o", "--strict"}) == "E202");
  CHECK(code({"--select", "third"}) == "E203");
  CHECK(code({"--select", "third", "--select", "first"}) == "E203");
  CHECK(code({"--strict=3"}) == "E203");
}

TEST_CASE("needs and exclusions") {
  const Arguments a = parse({"--strict", "-o", "x"}).value();
  CHECK(check_needs(a, "--strict", {"--output"}).ok());
  CHECK(check_needs(a, "--strict", {"--select", "--output"}).ok());
  CHECK(check_needs(a, "--strict", {"--select"}).error().code == "E205");
  CHECK(check_needs(a, "--exclude", {"--select"}).ok());
  CHECK(check_exclusive(a, {"--strict", "--output"}).error().code == "E205");
  CHECK(check_exclusive(a, {"--strict", "--select"}).ok());
}

TEST_CASE("where --json was asked for on a line that may be wrong") {
  CHECK_FALSE(find_json_request({"--nonsense"}).has_value());
  CHECK(find_json_request({"--json", "--nonsense"}) == "-");
  CHECK(find_json_request({"--json=f", "x"}) == "f");
  CHECK_FALSE(find_json_request({"--", "--json"}).has_value());
}
