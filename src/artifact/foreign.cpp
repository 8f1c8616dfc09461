#include "artifact/foreign.h"

#include <string_view>

namespace xpuq::artifact {
namespace {

using namespace std::string_view_literals;

struct Kind {
  std::string_view start;
  std::string_view name;
  std::string_view remedy;
};

constexpr std::string_view kCompile = "compile the model first: xpuq-compile MODEL -p PROFILE -o ARTIFACT";
constexpr std::string_view kBinary = "copy the file again in binary mode";
constexpr std::string_view kOther = "give the .xpuq file that xpuq-compile wrote";

constexpr Kind kKinds[] = {
    {"PK\x03\x04"sv, "a zip archive (a .pt2 export is one)", kCompile},
    {"version https://git-lfs"sv, "a Git LFS pointer in place of the file", "fetch the file itself: git lfs pull"},
    {"\x89XPQ"sv, "an artifact whose line ends were changed by a text-mode copy", kBinary},
    {"\tXPQ"sv, "an artifact whose eighth bits were stripped by a text-mode copy", kBinary},
    {"\xEF\xBF\xBDXPQ"sv, "an artifact that was taken for UTF-8 text", kBinary},
    {"\xC2\x89XPQ"sv, "an artifact that was taken for Latin-1 text", kBinary},
    {"\x89PNG"sv, "a PNG image", kOther},
    {"\xFF\xD8\xFF"sv, "a JPEG image", kOther},
    {"\x93NUMPY"sv, "a NumPy array", kOther},
    {"\x1F\x8B"sv, "a gzip archive", "unpack it first: gunzip"},
    {"\x80\x02"sv, "a Python pickle (an old PyTorch checkpoint)", kCompile},
    {"\x7F" "ELF"sv, "a program or shared library", kOther},
    {"<"sv, "HTML or XML text (a saved web page?)", "download the file itself"},
    {"{"sv, "JSON text (a calibration profile is that)", kCompile},
};

/// ModelProto begins with field 1, ir_version, in practice a number below 32.
bool looks_like_onnx(std::string_view text) {
  return text.size() > 2 && text[0] == 0x08 && text[1] > 0 && text[1] < 32;
}

}  // namespace

Error not_an_artifact(std::span<const std::byte> bytes, const std::string& who) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  Kind kind{{}, "a file of another kind", kOther};
  if (text.empty()) kind = {{}, "an empty file", "write or copy it again"};
  else if (looks_like_onnx(text)) kind = {{}, "what looks like an ONNX model", kCompile};
  else
    for (const Kind& k : kKinds)
      if (text.starts_with(k.start)) {
        kind = k;
        break;
      }
  return {.code = "E502", .who = who, .what = "is not an xpuq artifact (no magic at its start)",
          .got = std::string(kind.name), .expected = "a file written by xpuq-compile",
          .remedy = std::string(kind.remedy), .node = {}};
}

}  // namespace xpuq::artifact
