// Artifacts with one defect in header, table or whole sections, named by it.
#include "catch.h"
#include "forge.h"

namespace xpuq {
namespace {

using namespace artifact_test;
using namespace artifact;

struct Defect {
  std::string name, code, text, file;
};

std::string patched(const std::function<void(std::string&)>& change) {
  std::string file = sample_bytes();
  change(file);
  return file;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

template <class T>
std::string entry_patched(std::size_t number, std::size_t field, T value) {
  return resealed(patched([&](std::string& f) { put<T>(f, entry_at(number) + field, value); }));
}

std::string with_section(std::string tag, std::uint32_t flags, std::string key = {}) {
  Parts parts;
  parts.parts.push_back({std::move(tag), std::move(key), flags, "?"});
  return parts.pack();
}

std::string without(std::string_view tag) {
  Parts parts;
  parts.erase(tag);
  return parts.pack();
}

std::string with_bytes(std::string_view tag, std::string bytes) {
  Parts parts;
  parts.at(tag).bytes = std::move(bytes);
  return parts.pack();
}

std::vector<Defect> header_defects() {
  const std::string good = sample_bytes();
  return {
      {"empty_file", "E502", "an empty file", ""},
      {"bad_magic", "E502", "no magic", patched([](std::string& f) { f[1] = 'x'; })},
      {"onnx_model", "E502", "ONNX model", std::string("\x08\x08\x12\x07pytorch", 11)},
      {"zip_archive", "E502", ".pt2 export", "PK\x03\x04 and so on"},
      {"json_text", "E502", "calibration profile", R"({"schema":"xpuq.profile/1"})"},
      {"git_lfs_pointer", "E502", "git lfs pull", "version https://git-lfs.github.com/spec/v1\noid sha256:00\n"},
      {"crlf_became_lf", "E502", "in binary mode", replaced(good, "\r\n", "\n")},
      {"lf_became_crlf", "E502", "in binary mode", replaced(good, "\n", "\r\n")},
      {"eighth_bit_stripped", "E502", "eighth bits", patched([](std::string& f) { for (char& c : f) c &= 0x7f; })},
      {"read_as_latin1", "E502", "Latin-1", "\xC2" + good},
      {"header_cut", "E502", "truncated", good.substr(0, 40)},
      {"magic_cut", "E502", "truncated", good.substr(0, 5)},
      {"truncated_section", "E502", "truncated", good.substr(0, good.size() - 1)},
      {"bytes_appended", "E502", "bytes after its end", good + "x"},
      {"header_bit_flipped", "E502", "header checksum", patched([](std::string& f) { f[30] ^= 1; })},
      {"version_bit_flipped", "E502", "header checksum", patched([](std::string& f) { f[8] ^= 2; })},
      {"newer_major", "E501", "artifact format 2.0 is newer", resealed(patched([](std::string& f) { f[8] = 2; }))},
      {"newer_minor", "E501", "artifact format 1.1 is newer", resealed(patched([](std::string& f) { f[10] = 1; }))},
      {"major_zero", "E501", "artifact format 0.0 is older", resealed(patched([](std::string& f) { f[8] = 0; }))},
      {"producer_not_text", "E502", "producer", resealed(patched([](std::string& f) { f[32] = '\x1b'; }))},
      {"producer_not_padded", "E502", "producer", resealed(patched([](std::string& f) { f[50] = 'x'; }))},
      {"too_many_sections", "E502", "too many sections",
       resealed(patched([](std::string& f) { put(f, kCountAt, std::uint32_t{0xFFFFFFFF}); }))},
      {"table_beyond_file", "E502", "section table does not fit",
       resealed(patched([](std::string& f) { put(f, kCountAt, std::uint32_t{1000}); }))},
      {"no_sections", "E502", "bytes after the last section",
       resealed(patched([](std::string& f) { put(f, kCountAt, std::uint32_t{0}); }))},
      {"table_bit_flipped", "E502", "section table checksum",
       patched([](std::string& f) { f[kHeaderBytes + 8] ^= 64; })},
  };
}

std::vector<Defect> table_defects() {
  const std::string good = sample_bytes();
  const auto second = get<std::uint64_t>(good, entry_at(1) + kOffsetAt);
  constexpr std::uint64_t kHuge = ~std::uint64_t{0} - 63;
  return {
      {"tag_not_text", "E502", "section 1", entry_patched<char>(1, 0, '\x07')},
      {"key_not_padded", "E502", "section 5", entry_patched<char>(5, kKeyAt + 90, 'x')},
      {"key_on_plan", "E502", "section 'PLAN' 'x' has a key", entry_patched<char>(0, kKeyAt, 'x')},
      {"target_without_key", "E502", "has no key", with_section("TGT ", 0)},
      {"section_misaligned", "E502", "section 'INFO' is not aligned", entry_patched(1, kOffsetAt, second + 8)},
      {"section_overlaps", "E502", "section 'INFO' overlaps", entry_patched(1, kOffsetAt, second - 64)},
      {"section_in_table", "E502", "section 'PLAN' overlaps", entry_patched(0, kOffsetAt, std::uint64_t{64})},
      {"offset_overflow", "E502", "section 'INFO' reaches beyond", entry_patched(1, kOffsetAt, kHuge)},
      {"size_overflow", "E502", "section 'INFO' reaches beyond", entry_patched(1, kSizeAt, kHuge)},
      {"hidden_bytes", "E502", "hidden before section 'CNST'",
       patched([](std::string& f) { f[get<std::uint64_t>(f, entry_at(4) + kOffsetAt) - 1] = 1; })},
      {"section_shrunk", "E502", "hidden before", entry_patched(0, kSizeAt, std::uint64_t{8})},
      {"section_twice", "E502", "section 'INFO' occurs twice", with_section("INFO", 1)},
      {"target_twice", "E502", "'cpu:avx2' occurs twice", with_section("TGT ", 0, "cpu:avx2")},
      {"plan_missing", "E502", "section 'PLAN' is missing", without("PLAN")},
      {"constants_missing", "E502", "section 'CNST' is missing", without("CNST")},
      {"info_missing", "E502", "section 'INFO' is missing", without("INFO")},
      {"unknown_required_section", "E501", "section 'NEW!' is required", with_section("NEW!", 1)},
      {"unknown_flag_on_required", "E501", "section 'INFO' has a flag", entry_patched(1, kFlagsAt, std::uint32_t{3})},
  };
}

std::vector<Defect> section_defects() {
  const auto flipped = [](std::size_t number) {
    return patched([&](std::string& f) { f[get<std::uint64_t>(f, entry_at(number) + kOffsetAt)] ^= 4; });
  };
  std::string keys = "{\"k0\":0";
  for (int i = 1; i < 5000; ++i) keys += ",\"k" + std::to_string(i) + "\":0";
  return {
      {"plan_bit_flipped", "E502", "section 'PLAN' checksum", flipped(0)},
      {"info_bit_flipped", "E502", "section 'INFO' checksum", flipped(1)},
      {"labels_bit_flipped", "E502", "section 'LABL' checksum", flipped(2)},
      {"test_bit_flipped", "E502", "section 'TEST' checksum", flipped(3)},
      {"constants_bit_flipped", "E502", "section 'CNST' checksum", flipped(4)},
      {"target_bit_flipped", "E502", "section 'TGT ' 'cpu:avx2' checksum", flipped(5)},
      {"info_not_json", "E502", "section 'INFO' is not valid JSON", with_bytes("INFO", "{\"a\":")},
      {"info_empty", "E502", "section 'INFO' is not valid JSON", with_bytes("INFO", "")},
      {"info_an_array", "E502", "section 'INFO' is not a JSON object", with_bytes("INFO", "[]")},
      {"info_too_deep", "E502", "section 'INFO'", with_bytes("INFO", std::string(100000, '['))},
      {"info_too_many_keys", "E502", "too many keys", with_bytes("INFO", keys + "}")},
      {"labels_not_cbor", "E502", "section 'LABL'", with_bytes("LABL", "\xFF")},
      {"labels_not_text", "E502", "section 'LABL': 'labels'", with_bytes("LABL", "\xA1\x66labels\x81\x01")},
      {"plan_empty", "E502", "section 'PLAN' ends", with_bytes("PLAN", "")},
      {"plan_not_a_map", "E502", "section 'PLAN' is not a map", with_bytes("PLAN", "\x80")},
      {"constants_too_short", "E502", "outside its area", with_bytes("CNST", std::string(64, '\0'))},
  };
}

}  // namespace

TEST_CASE("a defect in the shell of an artifact is named", "[artifact][corrupt]") {
  for (const auto& list : {header_defects(), table_defects(), section_defects()})
    for (const Defect& d : list) {
      INFO(d.name);
      const auto got = read_artifact(as_span(d.file), nullptr, "model.xpuq", {.verify_all = true});
      REQUIRE(!got.ok());
      INFO(got.error().text());
      CHECK(got.error().code == d.code);
      CHECK(got.error().who == "model.xpuq");
      CHECK(!got.error().remedy.empty());
      CHECK_THAT(got.error().text(), ContainsSubstring(d.text));
    }
}

TEST_CASE("E501 names the version needed", "[artifact][corrupt]") {
  std::string file = sample_bytes();
  file[8] = 2;
  file.replace(kProducerAt, 5, "0.4.0");
  const auto got = read_artifact(as_span(resealed(file)), nullptr, "model.xpuq");
  REQUIRE(!got.ok());
  CHECK(got.error().text() ==
        "E501: model.xpuq: artifact format 2.0 is newer than this program\n  got: 2.0 (written by xpuq 0.4.0)\n"
        "  expected: 1.0 to 1.0\n  try: recompile the model with this version, or install xpuq 0.4.0");
  CHECK(list_sections(as_span(resealed(file)), "model.xpuq").error().code == "E501");
}

TEST_CASE("what a reader may ignore is ignored", "[artifact][corrupt]") {
  const std::string files[] = {with_section("NEW?", 0),
                               with_section("NEW?", 0, "with a key"),
                               with_section("NEW?", 6),
                               entry_patched(2, kFlagsAt, std::uint32_t{2}),
                               without("LABL"),
                               without("TEST"),
                               without("TGT ")};
  for (const std::string& file : files) {
    const auto got = read_artifact(as_span(file), nullptr, "f", {.verify_all = true});
    if (!got.ok()) FAIL(got.error().text());
    CHECK(got->plans.size() == 2);
  }
  const auto flagged = read_artifact(as_span(entry_patched(2, kFlagsAt, std::uint32_t{2})), nullptr, "f");
  CHECK(flagged.value().labels.empty());
}

}  // namespace xpuq
