// What an open session is fed with: input specs from the artifact's record and the options, and the samples.
#pragma once

#include "driver/model_inputs.h"
#include "driver/run.h"

namespace xpuq {

struct RunInputs {
  std::vector<samples::InputSpec> specs;
  std::optional<samples::SampleSource> source;   ///< empty when no data was named
  std::vector<std::string> labels;               ///< --labels, else embedded, else the class folders
};

Result<RunInputs> open_run_inputs(const Session& session, const RunOptions& options, const Reporter& reporter);

}  // namespace xpuq
