#include "import/onnx/import.h"

#include "import/onnx/functions.h"
#include "import/onnx/inputs.h"
#include "import/onnx/reader.h"

namespace xpuq {

Result<ImportedModel> import_onnx(const std::string& path, std::span<const std::byte> bytes,
                                  const ImportOptions& options) {
  using namespace onnx_import;
  XPUQ_ASSIGN(const auto model, parse_model(path, bytes));
  XPUQ_ASSIGN(const std::int64_t opset, default_opset(path, model->opset_import(), "uses"));
  const onnx::GraphProto& graph = model->graph();
  if (graph.output_size() == 0) return file_error(path, "E306", "the graph has no outputs", "0", "at least 1");

  Session session(path, model);
  Translator translator(session, opset);
  Scope scope;
  XPUQ_TRY(translator.declare(graph, scope));
  XPUQ_TRY(add_inputs(session, graph, options, scope));
  XPUQ_ASSIGN(Outputs outputs, translator.translate(graph, scope));
  XPUQ_ASSIGN(outputs, settle_outputs(session, graph, std::move(outputs), options));

  std::string producer = model->producer_name();
  if (!producer.empty() && !model->producer_version().empty()) producer += " " + model->producer_version();
  return ImportedModel{session.builder.finish(outputs), "onnx", "opset " + std::to_string(opset), producer,
                       session.take_notes()};
}

}  // namespace xpuq
