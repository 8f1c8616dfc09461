// The scanner that stands before the CBOR library, on bytes written by hand.
#include "artifact/cbor.h"
#include "catch.h"

namespace xpuq::artifact {
namespace {

Result<Json> decode(const std::string& bytes) {
  return decode_cbor(std::as_bytes(std::span(bytes.data(), bytes.size())), "section 'PLAN'", "f");
}

void check_refused(const std::string& bytes, const std::string& part) {
  const auto got = decode(bytes);
  REQUIRE(!got.ok());
  CHECK(got.error().code == "E502");
  CHECK_THAT(got.error().text(), ContainsSubstring("section 'PLAN' " + part));
}

std::string repeat(const std::string& text, std::size_t times) {
  std::string out;
  while (times-- > 0) out += text;
  return out;
}

}  // namespace

TEST_CASE("CBOR values come back as they were", "[artifact]") {
  const Json value = {{"i", std::numeric_limits<std::int64_t>::min()}, {"u", std::numeric_limits<std::uint64_t>::max()},
                      {"f", 0.1}, {"g", 1.0}, {"n", nullptr}, {"b", {true, false}}, {"t", std::string(300, 'x')},
                      {"y", Json::binary({0, 255, 7})}, {"e", Json::array()}, {"m", Json::object()}};
  const auto back = decode(encode_cbor(value));
  REQUIRE(back.ok());
  CHECK(*back == value);
  CHECK((*back)["g"].is_number_float());
  CHECK(encode_cbor(*back) == encode_cbor(value));
}

TEST_CASE("CBOR outside the allowed part is refused", "[artifact]") {
  check_refused("", "ends in the middle");
  check_refused("\x82\x01", "has a list that reaches beyond");
  check_refused("\x19\x01", "ends in the middle");
  check_refused("\x63xy", "has a string that reaches beyond");
  check_refused(std::string("\x7B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFFx", 10), "has a string that reaches beyond");
  check_refused(std::string("\x9B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFFx", 10), "has a list that reaches beyond");
  check_refused(std::string("\xBB\x80\x00\x00\x00\x00\x00\x00\x00x", 10), "has a map with too many keys");
  check_refused("\x9F\x01\xFF", "has a value of unknown length");
  check_refused("\x5F\x41x\xFF", "has a value of unknown length");
  check_refused("\x1C", "has a value of unknown length");
  check_refused("\xFF", "has a value of unknown length");
  check_refused("\xC1\x01", "has a tag");
  check_refused("\xF7", "has a value of unknown kind");
  check_refused("\xE0", "has a value of unknown kind");
  check_refused("\xF8\x20", "has a value of unknown kind");
  check_refused("\x3B\x80" + std::string(7, '\0'), "has a number below -2^63");
  check_refused("\x01\x02", "has bytes after its value");
  check_refused("\xA1\x01\x02", "has a map key that is not text");
  check_refused("\xB9\x01\x01" + repeat("\x61k\x01", 257), "has a map with too many keys");
  check_refused(repeat("\x81", 33) + "\x01", "is nested too deeply");
  CHECK(decode(repeat("\x81", 32) + "\x01").ok());
  check_refused(repeat("\x81", 1000000), "is nested too deeply");
  const std::string zeros(std::size_t{1} << 24, '\0');
  check_refused(std::string("\x9A\x01\x00\x00\x00", 5) + zeros, "holds too many items");
}

}  // namespace xpuq::artifact
