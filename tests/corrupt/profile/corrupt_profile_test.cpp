// No bytes crash the profile reader: one case per defect, each with its code, the file and the words of the defect;
// then every cut and a thousand mutations of a sound file.
#include <sys/mman.h>

#include "../../unit/profile/sample_profile.h"
#include "catch.h"

using namespace xpuq;

namespace {

struct Defect {
  const char* name;
  const char* from;  // text of the sound file, replaced once
  const char* to;
  const char* code;
  const char* message;
};

const Defect kDefects[] = {
    {"other_schema", "xpuq.calibration/1", "trt.cache/1", "E403", "is not a calibration profile"},
    {"schema_without_number", "xpuq.calibration/1", "xpuq.calibration/x", "E403", "is not a calibration profile"},
    {"newer_major", "xpuq.calibration/1", "xpuq.calibration/2", "E402", "profile format 2 is not known"},
    {"newer_major_minor", "xpuq.calibration/1", "xpuq.calibration/12.1", "E402", "profile format 12 is not known"},
    {"missing_schema", "\"schema\"", "\"skema\"", "E403", "'schema' is missing"},
    {"missing_model", "\"model\"", "\"m\"", "E403", "'model' is missing"},
    {"missing_preprocessing", "\"preprocessing\"", "\"p\"", "E403", "'preprocessing' is missing"},
    {"preprocessing_is_text", "\"preprocessing\":{", "\"preprocessing\":\"x\",\"q\":{",
     "E403", "'preprocessing' is not an object"},
    {"missing_shard", "\"shard\":null", "\"s\":null", "E403", "'shard' is missing"},
    {"shard_zero", "\"shard\":null", "\"shard\":{\"index\":0,\"count\":3}", "E403", "shard: 'index' is out of range"},
    {"shard_beyond", "\"shard\":null", "\"shard\":{\"index\":4,\"count\":3}", "E403", "shard: 'index' is out of range"},
    {"missing_integrity", "\"integrity\"", "\"i\"", "E403", "'integrity' is missing"},
    {"missing_min", "\"min\":3", "\"mi\":3", "E403", "value 'flat': 'min' is missing"},
    {"missing_name", "\"name\":\"flat\"", "\"n\":\"flat\"", "E403", "value 2: 'name' is missing"},
    {"missing_histogram", "\"histogram\":", "\"h\":", "E403", "value 'image': 'histogram' is missing"},
    {"value_is_number", "{\"name\":\"never\"", "5,{\"name\":\"never\"", "E403", "value 3: is not an object"},
    {"values_is_object", "\"values\":[", "\"values\":{},\"v\":[", "E403", "'values' is not an array"},
    {"duplicate_value", "\"name\":\"flat\"", "\"name\":\"image\"", "E403", "value 'image' occurs twice"},
    {"min_above_max", "\"min\":3,\"max\":3", "\"min\":3,\"max\":2",
     "E403", "value 'flat': 'min' and 'max' are in the wrong order"},
    {"min_is_text", "\"min\":3", "\"min\":\"3\"", "E403", "value 'flat': 'min' is not a number"},
    {"min_is_null", "\"min\":3", "\"min\":null", "E403", "value 'flat': 'min' is not a number"},
    {"min_is_nan", "\"min\":3", "\"min\":NaN", "E403", "not valid JSON"},
    {"max_beyond_f32", "\"max\":3", "\"max\":1e39", "E403", "value 'flat': 'max' is not a number"},
    {"max_beyond_f64", "\"max\":3", "\"max\":1e999", "E403", "not valid JSON"},
    {"range_too_wide", "\"min\":3,\"max\":3", "\"min\":-3e38,\"max\":3e38",
     "E403", "'min' and 'max' are too far apart"},
    {"moving_is_short", "\"moving\":[3,3]", "\"moving\":[3]", "E403", "value 'flat': 'moving' is not a pair"},
    {"moving_reversed", "\"moving\":[3,3]", "\"moving\":[3,2]", "E403", "'moving' averages are in the wrong order"},
    {"histogram_reversed", "\"lo\":3,\"hi\":3", "\"lo\":3,\"hi\":1",
     "E403", "histogram: 'lo' and 'hi' are in the wrong order"},
    {"negative_count", "[[0,1024],7,", "[[0,1024],-7,", "E403", "value 'flat': histogram: 'counts' holds a bad count"},
    {"count_is_text", "[[0,1024],7,", "[[0,1024],\"7\",", "E403", "'counts' holds a bad count"},
    {"zero_sum", "[[0,1024],7,", "[[0,1024],0,", "E403", "value 'flat': histogram: 'counts' do not add up"},
    {"wrong_sum", "[[0,1024],7,", "[[0,1024],8,", "E403", "value 'flat': histogram: 'counts' do not add up"},
    {"count_of_elements", "\"count\":7,", "\"count\":70,", "E403", "value 'flat': histogram: 'counts' do not add up"},
    {"negative_elements", "\"count\":7,", "\"count\":-7,", "E403", "value 'flat': 'count' is not a whole number"},
    {"fractional_elements", "\"count\":7,", "\"count\":7.5,", "E403", "value 'flat': 'count' is not a whole number"},
    {"huge_elements", "\"count\":7,", "\"count\":18446744073709551615,",
     "E403", "value 'flat': 'count' is not a whole number"},
    {"zero_elements", "\"count\":7,", "\"count\":0,", "E403", "value 'flat': 'min' is given, but 'count' is 0"},
    {"too_few_counts", "[[0,1024],7,", "[[0,1000],7,", "E403", "'counts' do not fill the bins"},
    {"too_many_counts", "[[0,1024],7,", "[[0,1024],7,0,", "E403", "'counts' do not fill the bins"},
    {"run_too_long", "[[0,1024],7,", "[[0,4000000000],7,", "E403", "'counts' holds a bad run"},
    {"run_of_ones", "[[0,1024],7,", "[[1,1024],7,", "E403", "'counts' holds a bad run"},
    {"run_nested", "[[0,1024],7,", "[[[0,2],1024],7,", "E403", "'counts' holds a bad run"},
    {"no_bins", "{\"bins\":2048,", "{\"bins\":0,", "E403", "histogram: too few bins"},
    {"huge_bins", "{\"bins\":2048,", "{\"bins\":9000000000,",
     "E403", "histogram: 'bins' is not a whole number in range"},
    {"negative_dimension", "\"shape\":[7]", "\"shape\":[-7]", "E403", "value 'flat': 'shape' holds a bad dimension"},
    {"huge_shape", "\"shape\":[7]", "\"shape\":[4611686018427387904,4]", "E403", "value 'flat': 'shape' is too large"},
    {"deep_shape", "\"shape\":[7]", "\"shape\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]",
     "E403", "value 'flat': 'shape' is too long"},
    {"layer_twice", "\"layers\":[\n", "\"layers\":[\n{\"name\":\"relu/out\",\"node\":\"\",\"sqnr_db\":1,\"output_sqnr_db\":1},\n", "E403", "layer 'relu/out' occurs twice"},
    {"layer_without_sqnr", "\"output_sqnr_db\"", "\"other\"", "E403", "layer 0: has no signal-to-noise ratio"},
    {"sqnr_is_text", "\"sqnr_db\":34.5", "\"sqnr_db\":\"good\"", "E403", "value 'relu/out': 'sqnr_db' is not a number"},
    {"bad_hash", "\"graph_sha256\":\"a", "\"graph_sha256\":\"A", "E403", "model: 'graph_sha256' is not a SHA-256"},
    {"short_hash", "\"list_sha256\":\"c", "\"list_sha256\":\"", "E403", "data: 'list_sha256' is not a SHA-256"},
    {"no_samples", "\"data\":{\"count\":6", "\"data\":{\"count\":0", "E403", "data: 'count' is 0"},
    {"no_batch", "\"batch\":2", "\"batch\":0", "E403", "data: 'batch' is 0"},
    {"files_hold_number", "\"cat/b.jpg\"", "7", "E403", "data: 'files' holds something that is not a string"},
    {"bad_holds_text", "{\"file\":\"cat/broken.jpg\",\"why\":\"cut off\"}", "\"x\"",
     "E403", "data: bad: is not an object"},
    {"moving_constant_zero", "\"moving_constant\":0.01", "\"moving_constant\":0",
     "E403", "'moving_constant' is out of range"},
    {"group_of_strangers", "\"members\":[\"image\"", "\"members\":[\"ghost\"",
     "E403", "group 0: member is not a value"},
    {"group_without_members", "\"members\":[\"image\",\"relu/out\",\"image\"]", "\"members\":[]",
     "E403", "group 0 has no members"},
    {"trailing_text", "\"integrity\"", "}{\"integrity\"", "E403", "not valid JSON"},
    {"not_utf8", "\"cat/b.jpg\"", "\"cat/\xff.jpg\"", "E403", "not valid JSON"},
    {"line_break_in_string", "\"cat/b.jpg\"", "\"cat/\n.jpg\"", "E403", "not valid JSON"},
};

Error refused(std::string_view text) {
  std::vector<ProfileWarning> warnings;
  const auto p = read_profile(text, "bad.xcal", warnings);
  REQUIRE_FALSE(p.ok());
  CHECK(p.error().who == "bad.xcal");
  CHECK(p.error().exit_code() == 4);
  return p.error();
}

const std::string& sound() {
  static const std::string text = write_profile(test::sample_profile());
  return text;
}

}  // namespace

TEST_CASE("corrupt profile: each defect is refused in words") {
  for (const Defect& d : kDefects) {
    CAPTURE(d.name);
    std::string text = sound();
    const auto at = text.find(d.from);
    REQUIRE(at != std::string::npos);
    text.replace(at, std::string_view(d.from).size(), d.to);
    const Error e = refused(text);
    CHECK(e.code == d.code);
    CHECK_THAT(e.text(), ContainsSubstring("bad.xcal: ") && ContainsSubstring(d.message));
  }
  const Error major = refused(R"({"schema":"xpuq.calibration/2"})");
  CHECK(major.got == "xpuq.calibration/2");
  CHECK(major.expected == "xpuq.calibration/1");
}

TEST_CASE("corrupt profile: empty, foreign and cut off") {
  CHECK_THAT(refused("").what, ContainsSubstring("is empty"));
  CHECK_THAT(refused(" \n\t").what, ContainsSubstring("is empty"));
  CHECK_THAT(refused("TRT-8601-EntropyCalibration2\n").what, ContainsSubstring("is not a calibration profile"));
  CHECK_THAT(refused("[1,2]").what, ContainsSubstring("is not a calibration profile"));
  CHECK_THAT(refused(std::string_view("\x1f\x8b\x08\0\0", 5)).what, ContainsSubstring("is not a calibration profile"));
  CHECK_THAT(refused("{}").what, ContainsSubstring("'schema' is missing"));
  CHECK_THAT(refused(sound().substr(0, sound().size() / 2)).what, ContainsSubstring("is cut off"));
  // The last newline, and then the closing brace, are the only bytes whose loss could go unnoticed.
  std::vector<ProfileWarning> warnings;
  CHECK(read_profile(sound().substr(0, sound().size() - 1), "p", warnings).ok());
  for (std::size_t n = 0; n + 1 < sound().size(); n += n + 300 < sound().size() ? 97 : 1)
    CHECK(refused(std::string_view(sound()).substr(0, n)).code == "E403");
}

TEST_CASE("corrupt profile: nesting, sizes and numbers of keys are bounded") {
  std::string deep = "{\"schema\":";
  deep.append(100000, '[').append(100000, ']').append("}");
  CHECK_THAT(refused(deep).what, ContainsSubstring("nested too deeply"));
  std::string open = "{";
  open.append(1000000, '{').append("}");
  refused(open);
  std::string keys = "{\"schema\":\"xpuq.calibration/1\"";
  for (int i = 0; i < 200000; ++i) keys += ",\"k" + std::to_string(i) + "\":0";
  CHECK_THAT(refused(keys + "}").what, ContainsSubstring("too many keys"));
  // More than 1 GiB is refused by its size alone: these pages are never touched.
  const std::size_t size = kMostProfileBytes + 1;
  void* pages = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  REQUIRE(pages != MAP_FAILED);
  CHECK_THAT(refused({static_cast<const char*>(pages), size}).what, ContainsSubstring("too large"));
  munmap(pages, size);
}

TEST_CASE("corrupt profile: mutations never crash, and what is accepted keeps its promises") {
  std::uint32_t s = 12345;
  const auto next = [&s](std::uint32_t n) { return (s = s * 1664525u + 1013904223u) / 65536u % n; };
  int accepted = 0;
  for (int round = 0; round < 1000; ++round) {
    std::string text = sound();
    // Histograms are most of the text; half of the mutations go to its head.
    for (std::uint32_t k = 0; k <= next(3); ++k) {
      const std::size_t at = (round % 2 ? next(1200) : next(65536) * 7919u) % text.size();
      switch (next(4)) {
        case 0: text[at] = static_cast<char>(next(256)); break;
        case 1: text.erase(at, 1 + next(20)); break;
        case 2: text.insert(at, text.substr(next(1000), 1 + next(20))); break;
        default: text[at] = "0123456789-.eE[]{},:\"n"[next(22)]; break;
      }
    }
    std::vector<ProfileWarning> warnings;
    const auto p = read_profile(text, "bad.xcal", warnings);
    if (!p.ok()) {
      CHECK((p.error().code == "E403" || p.error().code == "E402"));
      CHECK_FALSE(p.error().what.empty());
      continue;
    }
    ++accepted;
    CHECK(check_profile(*p, "p").ok());
    CHECK((text == sound() || !warnings.empty() || *p == test::sample_profile()));
    REQUIRE(test::read_back(write_profile(*p)) == *p);
  }
  CHECK(accepted > 0);
}
