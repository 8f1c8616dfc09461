// Model files by content: which importer takes the bytes.
#pragma once

#include <string>

#include "import/model.h"
#include "ir/hash.h"
#include "pipeline/pipeline.h"
#include "support/file.h"

namespace xpuq {

/// A model ready for calibration or compilation.
struct LoadedModel {
  std::string path;
  ImportedModel imported;   ///< its graph is normalized
  GraphHash hash;           ///< of the normalized graph
  PipelineRecord record;    ///< of the normalization
};

/// Maps the file, imports it by its content (ONNX, .pt2 archive or text IR) and normalizes. Errors E3xx name the file.
Result<LoadedModel> load_model(const std::string& path, const ImportOptions& options, const PipelineOptions& pipeline = {});

/// The imported graph before any pass.
Result<ImportedModel> import_model(const std::string& path, const ImportOptions& options);

}  // namespace xpuq
