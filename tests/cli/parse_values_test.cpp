#include "cli/parse_values.h"

#include "cli/preprocessing.h"
#include "catch.h"

using namespace xpuq;
using namespace xpuq::cli;

TEST_CASE("times need a unit, but for zero") {
  CHECK(parse_seconds("200ms", "--warmup").value() == 0.2);
  CHECK(parse_seconds("3s", "--warmup").value() == 3);
  CHECK(parse_seconds("1.5s", "--warmup").value() == 1.5);
  CHECK(parse_seconds("0", "--warmup").value() == 0);
  for (const char* bad : {"3", "", "s", "ms", "-1s", "infs", "nans", "1,5s", "1 s", "3m", "0x1s"}) {
    INFO(bad);
    const auto r = parse_seconds(bad, "--warmup");
    REQUIRE_FALSE(r.ok());
    CHECK(r.error().code == "E203");
    CHECK(r.error().who == "--warmup");
  }
}

TEST_CASE("latency targets") {
  CHECK(parse_latency_target("5ms", "o").value().percentile == 99);
  CHECK(parse_latency_target("5ms@50", "o").value().percentile == 50);
  CHECK(parse_latency_target("5ms@50", "o").value().seconds == Approx(0.005));
  CHECK_FALSE(parse_latency_target("5ms@", "o").ok());
  CHECK_FALSE(parse_latency_target("5ms@0", "o").ok());
  CHECK_FALSE(parse_latency_target("5@50", "o").ok());
}

TEST_CASE("shapes") {
  CHECK(parse_shape("1x3x224x224", "--shape").value() == Shape{1, 3, 224, 224});
  CHECK(parse_shape("7", "--shape").value() == Shape{7});
  for (const char* bad : {"", "x", "1x", "1x-3", "0x3", "1X3", "1x3.5", "4611686018427387904x4611686018427387904"}) {
    INFO(bad);
    CHECK_FALSE(parse_shape(bad, "--shape").ok());
  }
}

TEST_CASE("numbers and lists") {
  CHECK(parse_number("75.5", "o", 0, 100).value() == 75.5);
  for (const char* bad : {"", "75,5", "101", "-1", "nan", "inf", "1e400", "5 "})
    CHECK_FALSE(parse_number(bad, "o", 0, 100).ok());
  CHECK(parse_count("18446744073709551615", "o", 0, UINT64_MAX).value() == UINT64_MAX);
  for (const char* bad : {"", "-1", "1.0", "18446744073709551616", "0"})
    CHECK_FALSE(parse_count(bad, "o", 1, UINT64_MAX).ok());
  CHECK(parse_count_list("1,8", "o").value() == std::vector<std::int64_t>{1, 8});
  CHECK_FALSE(parse_count_list("1,,8", "o").ok());
  CHECK(parse_percent_list("50,99.9", "o").value() == std::vector<double>{50, 99.9});
  CHECK_FALSE(parse_percent_list("0", "o").ok());
}

TEST_CASE("counts or percents, parts") {
  CHECK(parse_count_or_percent("5", "o").value().count == 5u);
  CHECK(parse_count_or_percent("1.5%", "o").value().percent == 1.5);
  CHECK_FALSE(parse_count_or_percent("1.5%", "o").value().count.has_value());
  for (const char* bad : {"", "%", "-1", "200%", "5.5"}) CHECK_FALSE(parse_count_or_percent(bad, "o").ok());
  CHECK(parse_part("2/4", "o").value().index == 2);
  for (const char* bad : {"", "/", "0/4", "5/4", "1", "1/", "1/4/2"}) CHECK_FALSE(parse_part(bad, "o").ok());
}

TEST_CASE("names of inputs in front of values") {
  CHECK(split_input("image:0.5,0.5").input == "image");
  CHECK(split_input("image:0:0.5").input == "image:0");
  CHECK(split_input("0.5").input.empty());
  CHECK(split_preset("imagenet:224/232") == std::pair<std::string, std::string>{"", "imagenet:224/232"});
  CHECK(split_preset("x:imagenet:224/232") == std::pair<std::string, std::string>{"x", "imagenet:224/232"});
  CHECK(split_preset("x:0:unit") == std::pair<std::string, std::string>{"x:0", "unit"});
  CHECK(split_preset("nonsense").second == "nonsense");
}
