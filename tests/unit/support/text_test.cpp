#include "catch.h"
#include "support/crc32c.h"
#include "support/file.h"
#include "support/json.h"
#include "support/text.h"
#include "xpuq/types.h"

using namespace xpuq;

TEST_CASE("globs match names with dots and slashes") {
  CHECK(glob_match("layer1.*", "layer1.0.conv"));
  CHECK(glob_match("*/Conv_?", "block/Conv_3"));
  CHECK(glob_match("l[0-2]", "l1"));
  CHECK_FALSE(glob_match("layer1", "layer1.0"));
  CHECK_FALSE(glob_match("l[!0-2]", "l1"));
}

TEST_CASE("the nearest name comes first") {
  const std::vector<std::string> names{"symmetric", "asymmetric", "histogram"};
  CHECK(nearest("symetric", names).front() == "symmetric");
  CHECK(nearest("zzz", names).empty());
}

TEST_CASE("CRC-32C of the check string is that of RFC 3720") {
  const char* text = "123456789";
  CHECK(crc32c({reinterpret_cast<const std::byte*>(text), 9}) == 0xE3069283u);
  CHECK(crc32c({}) == 0);
}

TEST_CASE("floats print as the shortest decimal that reads back") {
  CHECK(format_f32(0.1f) == "0.1");
  CHECK(format_f32(1.0f / 3) == "0.33333334");
  CHECK(format_f32(std::numeric_limits<float>::infinity()) == "null");
}

TEST_CASE("hostile JSON is refused with its place") {
  CHECK(parse_json(std::string(100000, '['), "E1", "deep.json").error().what == "is nested too deeply");
  CHECK(parse_json("{\"a\":1,\"b\":2,\"c\":3}", "E1", "wide.json", {.keys = 2}).error().what == "holds an object with too many keys");
  const auto broken = parse_json("{\"a\": 1,\n \"b\": }", "E1", "broken.json");
  REQUIRE_FALSE(broken.ok());
  CHECK_THAT(broken.error().text(), ContainsSubstring("broken.json"));
  CHECK_THAT(broken.error().got, ContainsSubstring("line 2"));
}

TEST_CASE("a missing file and a folder are told apart") {
  CHECK(map_file("no/such/file", "E3").error().code == "E204");
  CHECK(map_file("/", "E3").error().got == "a folder");
}

TEST_CASE("shapes that overflow have no element count") {
  CHECK(checked_element_count({2, 3}) == 6);
  CHECK_FALSE(checked_element_count({-1}).has_value());
  CHECK_FALSE(checked_element_count({std::int64_t{1} << 40, std::int64_t{1} << 40}).has_value());
  CHECK(checked_element_count({std::int64_t{1} << 62, 0}) == 0);
}

TEST_CASE("an unwritable target leaves nothing behind") {
  const auto r = write_file("no/such/folder/file", "text");
  REQUIRE_FALSE(r.ok());
  CHECK(r.error().code == "E101");
  CHECK_FALSE(file_exists("no/such/folder/file"));
}

TEST_CASE("sizes with units") {
  CHECK(parse_bytes("1000000") == 1000000u);
  CHECK(parse_bytes("1GiB") == std::uint64_t{1} << 30);
  CHECK(parse_bytes("64KiB") == 65536u);
  for (const char* bad : {"", "GiB", "1GB", "-1", "1 MiB", "99999999999999999999", "99999999TiB"}) CHECK(!parse_bytes(bad));
}
