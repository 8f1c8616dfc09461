#include <algorithm>
#include <set>

#include "sample_test.h"
#include "samples/labels.h"
#include "samples/parse_value.h"
#include "samples/select.h"

namespace xpuq::samples {
namespace {

using namespace test;
using Names = std::vector<std::string>;

TEST_CASE("label files in their three forms") {
  const Names abc{"a", "b c", "d"};
  CHECK(must(parse_labels("a\nb c\nd\n", "l.txt")) == abc);
  CHECK(must(parse_labels("\xef\xbb\xbf"
                          "a\r\nb c\r\nd\r\n\r\n",
                          "l.txt")) == abc);
  CHECK(must(parse_labels("[\"a\", \"b c\", \"d\"]", "l.json")) == abc);
  CHECK(must(parse_labels(" {\"2\": \"d\", \"0\": \"a\", \"1\": \"b c\"}", "l.json")) == abc);
  CHECK(must(parse_labels("a\n\nb", "l.txt")) == Names{"a", "", "b"});
}

TEST_CASE("bad label files name the file") {
  for (const char* text : {"", "\n \n", "[", "[1]", "{}", "[]", "{\"0\":\"a\",\"2\":\"b\"}", "{\"x\":\"a\"}",
                           "{\"00\":\"a\",\"0\":\"b\"}", "{\"0\":[\"n01\",\"tench\"]}", "{\"-1\":\"a\"}"}) {
    INFO(text);
    require_error(parse_labels(text, "dir/l.json"), "E203", {"dir/l.json"});
  }
  require_error(load_labels("/nonexistent/labels.txt"), "E204", {"/nonexistent/labels.txt"});
}

TEST_CASE("class folders match labels by name, else by position") {
  CHECK(must(match_classes({"b", "d"}, {"a", "b", "c", "d"}, "val")) == std::vector<int>{1, 3});
  CHECK(must(match_classes({"n01", "n02"}, {"tench", "goldfish"}, "val")) == std::vector<int>{0, 1});
  require_error(match_classes({"n01", "n02"}, {"tench"}, "val"), "E205", {"val", "2 folders", "1 labels"});
  require_error(match_classes({"a", "x"}, {"b", "a"}, "val"), "E205", {"val", "'a'", "'x'"});
  CHECK(must(match_classes({"a", "x"}, {"a", "b"}, "val")) == std::vector<int>{0, 1});
  // A name that stands twice (as "crane" among the imagenet labels) cannot be matched by name.
  CHECK(must(match_classes({"n1", "n2"}, {"crane", "crane"}, "val")) == std::vector<int>{0, 1});
  CHECK_FALSE(index_of_label({"crane", "crane"}, "crane").has_value());
}

TEST_CASE("selections") {
  using Indices = std::vector<std::size_t>;
  CHECK(select_indices(10, 5, Selection::spread, 0) == Indices{0, 2, 4, 6, 8});
  CHECK(select_indices(10, 3, Selection::spread, 0) == Indices{0, 3, 6});
  CHECK(select_indices(10, 3, Selection::first, 0) == Indices{0, 1, 2});
  for (auto mode : {Selection::spread, Selection::first, Selection::random}) {
    CHECK(select_indices(3, 9, mode, 1) == Indices{0, 1, 2});
    CHECK(select_indices(3, 0, mode, 1).empty());
    CHECK(select_indices(0, 3, mode, 1).empty());
  }
  const Indices random = select_indices(1000, 100, Selection::random, 7);
  CHECK(random == select_indices(1000, 100, Selection::random, 7));
  CHECK(random != select_indices(1000, 100, Selection::random, 8));
  CHECK(std::is_sorted(random.begin(), random.end()));
  CHECK(std::set<std::size_t>(random.begin(), random.end()).size() == 100);
  CHECK(random.back() < 1000);
  const Indices spread = select_indices(50000, 300, Selection::spread, 0);
  for (std::size_t i = 0; i < spread.size(); ++i) CHECK(spread[i] == i * 50000 / 300);
}

TEST_CASE("numbers as typed") {
  CHECK(parse_box("640x480") == std::pair{640, 480});
  CHECK_FALSE(parse_box("640X480"));
  CHECK(parse_quotient("1/255") == 1.0f / 255.0f);
  CHECK(parse_seed("18446744073709551615") == UINT64_MAX);
  CHECK_FALSE(parse_seed("-1"));
  CHECK_FALSE(parse_seed("18446744073709551616"));
  CHECK_FALSE(parse_real("1,5"));
  CHECK_FALSE(parse_side("+3"));
}

}  // namespace
}  // namespace xpuq::samples
