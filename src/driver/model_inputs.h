// The inputs of a model or plan as the samples layer wants them: name, type and complete preprocessing.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "driver/reporter.h"
#include "samples/operands.h"
#include "samples/preprocess_options.h"
#include "support/json.h"
#include "xpuq/result.h"

namespace xpuq {

using NamedType = std::pair<std::string, TensorType>;

/// Resolves the options of each input. Options without a name go to the only image-like input (E205 when there are
/// several, or none). `embedded` is the JSON record of a profile or artifact by input name, or null.
Result<std::vector<samples::InputSpec>> make_input_specs(const std::vector<NamedType>& inputs,
                                                         const std::map<std::string, samples::PreprocessingOptions>& options,
                                                         const Json* embedded, const Reporter& reporter);

/// The record that goes into profiles and artifacts: input name -> complete preprocessing.
Json preprocessing_record(const std::vector<samples::InputSpec>& specs);

/// Joins samples into full-batch inputs of `batch` rows; missing rows repeat the last sample.
std::vector<Tensor> batch_inputs(const std::vector<samples::Sample>& samples, const std::vector<samples::InputSpec>& specs, std::int64_t batch);

}  // namespace xpuq
