#include "seeds.h"

#include <zstd.h>

#include <algorithm>
#include <filesystem>

#include "artifact/artifact.h"
#include "corrupt/artifact/forge.h"
#include "gpu/section.h"
#include "profile/profile.h"
#include "quantize/recipe_file.h"
#include "samples/npy.h"
#include "support/file.h"
#include "support/zip.h"

namespace xpuq::fuzz {
namespace {

constexpr std::uint64_t kMostSeedBytes = 48 << 10;  // larger ones make mutations slow and rarely meaningful

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }
std::string contents(const std::string& path) { return read_file(path, "E101").value(); }

/// Files below a folder of the tests, by the end of their names, in order of their paths.
std::vector<std::string> files(const std::string& folder, std::string_view suffix) {
  std::vector<std::string> paths, out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(XPUQ_TESTS "/" + folder))
    if (entry.is_regular_file() && entry.file_size() <= kMostSeedBytes && entry.path().string().ends_with(suffix))
      paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) out.push_back(contents(path));
  return out;
}

/// model.json, a zero byte, the description of the weights: of each current archive.
std::vector<std::string> programs() {
  std::vector<std::string> out;
  for (const std::string& file : files("fixtures/pt2", ".pt2")) {
    const auto zip = ZipArchive::open(bytes_of(file), "E307", "seed");
    std::string program, weights;
    for (const ZipEntry& e : zip->entries()) {
      if (e.name.ends_with("/models/model.json")) program = zip->read(e, 1 << 20).value();
      if (e.name.ends_with("/model_weights_config.json")) weights = zip->read(e, 1 << 20).value();
    }
    if (!program.empty()) out.push_back(program + std::string(1, '\0') + weights);
  }
  return out;
}

std::vector<std::string> modules() {
  std::vector<std::string> out;
  const std::string file = contents(XPUQ_FIXTURES "/xe/modules.zip");
  const auto zip = ZipArchive::open(bytes_of(file), "E101", "seed");
  for (const ZipEntry& e : zip->entries())
    if (e.size > 0 && e.size <= kMostSeedBytes) out.push_back(zip->read(e, kMostSeedBytes).value());
  return out;
}

/// The first section of the recorded artifact, unpacked.
std::vector<std::string> gpu_programs() {
  const Artifact artifact = open_artifact(XPUQ_FIXTURES "/gpu/digits.xpuq").value();
  for (const TargetSection& s : artifact.targets) {
    if (!gpu::parse_section_key(s.key)) continue;
    std::string out(ZSTD_getFrameContentSize(s.bytes.data(), s.bytes.size()), '\0');
    ZSTD_decompress(out.data(), out.size(), s.bytes.data(), s.bytes.size());
    return {out};
  }
  return {};
}

std::vector<std::string> arrays(bool archives) {
  std::vector<std::string> out;
  samples::NamedTensors all;
  for (const DataType dtype : {DataType::f32, DataType::f64, DataType::u8, DataType::s64, DataType::boolean}) {
    all.emplace_back("x" + std::to_string(all.size()), Tensor(dtype, {2, 3}));
    const auto npy = samples::write_npy(all.back().second);
    out.emplace_back(reinterpret_cast<const char*>(npy.data()), npy.size());
  }
  if (!archives) return out;
  const auto npz = samples::write_npz(all, "seed").value();
  return {std::string(reinterpret_cast<const char*>(npz.data()), npz.size())};
}

std::vector<std::string> profiles() {
  Profile p;
  p.model = {.file = "m.onnx", .format = "onnx", .opset = 17, .export_schema = {},
             .graph_sha256 = std::string(64, 'a'), .weights_sha256 = std::string(64, 'b')};
  p.data = {.count = 2, .batch = 1, .dropped = 0, .selection = "spread", .seed = 0,
            .list_sha256 = std::string(64, 'c'), .files = {"a.png", "b.png"}, .bad = {{"c.png", "truncated"}}};
  ProfileValue value{.name = "x", .node = {}, .op = "input", .shape = {1, 4}, .stats = {}, .sqnr_db = 30.5f};
  p.values.push_back(value);
  std::vector<std::string> out{write_profile(p)};
  p.shard = ProfileShard{1, 2};
  p.layers.push_back({"x", "n", 20, 30});
  out.push_back(write_profile(p));
  return out;
}

std::vector<std::string> recipes() {
  return {recipe_json({}).dump(),
          R"({"schema":"xpuq.recipe/1","family":"xpu","global":"asymmetric","modules":[{"name":"layer4.1","config":"float"}],
"operators":[{"type":"linear","config":"symmetric"}],"exclude":["head*"],"exclude_types":["conv"],"only":[],
"quantize_matmul":true,"weight_granularity":"channel","weight_scale_floor":"reference","method":"percentile:99.9"})"};
}

}  // namespace

std::vector<std::string> seeds(std::string_view target) {
  if (target == "artifact") return {artifact_test::sample_bytes()};
  if (target == "gpu_module") return modules();
  if (target == "gpu_program") return gpu_programs();
  if (target == "graph_text") return files("golden", ".xir");
  if (target == "labels") return {"tench\ngoldfish\r\n", R"(["a","b"])", R"({"0":"tench","1":"shark"})"};
  if (target == "npy" || target == "npz") return arrays(target == "npz");
  if (target == "onnx") return files("fixtures", ".onnx");
  if (target == "picture") {
    std::vector<std::string> out{"P6\n2 1\n255\nabcdef", "P5 1 1 65535\n\1\2", "P5\n# c\n2 2 15\n\1\2\3\4"};
    for (const char* suffix : {".jpg", ".png", ".bmp"})
      for (std::string& file : files("fixtures/pillow", suffix)) out.push_back(std::move(file));
    return out;
  }
  if (target == "profile") return profiles();
  if (target == "pt2") return files("fixtures/pt2", ".pt2");
  if (target == "pt2_program") return programs();
  if (target == "recipe") return recipes();
  if (target == "word_files") return {"--batch\n4\n# comment\n -o  \n\n", "a.png\t3\nimages/\tcat\nx=random:1\n"};
  return {};
}

}  // namespace xpuq::fuzz
