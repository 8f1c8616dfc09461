#include "driver/importers.h"

#include <algorithm>

#include "driver/check_weights.h"
#include "import/onnx/import.h"
#include "import/pt2/import.h"
#include "ir/text.h"

namespace xpuq {
namespace {

std::string first_bytes(std::span<const std::byte> bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < std::min<std::size_t>(8, bytes.size()); ++i) {
    const auto b = std::to_integer<unsigned>(bytes[i]);
    out += (i ? " " : "");
    out += kHex[b >> 4];
    out += kHex[b & 15];
  }
  return out;
}

}  // namespace

Result<ImportedModel> import_model(const std::string& path, const ImportOptions& options) {
  XPUQ_ASSIGN(const MappedFile file, map_file(path, "E306"));
  if (file.bytes.empty())
    return Error{.code = "E303", .who = path, .what = "is empty", .got = "0 bytes", .expected = "an ONNX model or a .pt2 archive", .remedy = "export the model again", .node = {}};
  if (looks_like_pt2(file.bytes)) return import_pt2(path, file.bytes, file.owner, options);
  const std::string_view text(reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size());
  if (text.starts_with("graph (") || text.starts_with("// RUN")) {
    XPUQ_ASSIGN(Graph graph, parse_graph(text, path));
    return ImportedModel{.graph = std::move(graph), .format = "xir", .version = "text", .producer = {}, .notes = {}};
  }
  if (looks_like_onnx(file.bytes)) return import_onnx(path, file.bytes, options);
  return Error{.code = "E303", .who = path, .what = "is not a model that xpuq reads", .got = std::to_string(file.bytes.size()) + " bytes starting with " + first_bytes(file.bytes),
               .expected = "an ONNX model (protobuf) or a torch.export archive (.pt2, zip)", .remedy = "export the model with torch.export.save or torch.onnx.export", .node = {}};
}

Result<LoadedModel> load_model(const std::string& path, const ImportOptions& options, const PipelineOptions& pipeline) {
  XPUQ_ASSIGN(ImportedModel imported, import_model(path, options));
  LoadedModel model{.path = path, .imported = std::move(imported), .hash = {}, .record = {}};
  XPUQ_TRY(run_phases(model.imported.graph, Phase::normalize, Phase::normalize, pipeline, model.record));
  XPUQ_TRY(check_weights(model.imported.graph, path));
  model.hash = hash_graph(model.imported.graph);
  return model;
}

}  // namespace xpuq
