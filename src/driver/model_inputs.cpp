#include "driver/model_inputs.h"

#include <algorithm>
#include <cstring>

namespace xpuq {

Result<std::vector<samples::InputSpec>> make_input_specs(const std::vector<NamedType>& inputs,
                                                         const std::map<std::string, samples::PreprocessingOptions>& options,
                                                         const Json* embedded, const Reporter& reporter) {
  std::vector<std::string> image_like, names;
  for (const auto& [name, type] : inputs) {
    names.push_back(name);
    if (samples::is_image_like(type.shape)) image_like.push_back(name);
  }
  for (const auto& [name, given] : options) {
    if (name.empty() && !given.given().empty() && !given.only_tensors() && image_like.size() != 1)
      return make_error("E205", given.given(), image_like.empty() ? "no input of the model takes pictures" : "the model has several inputs that take pictures",
                                 std::to_string(image_like.size()) + " such inputs", {}, "name the input: --mean INPUT:VALUE");
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end())
      return make_error("E205", given.given(), "the model has no input '" + name + "'", {}, names.empty() ? std::string() : "one of: " + names[0]);
  }
  std::vector<samples::InputSpec> specs;
  for (const auto& [name, type] : inputs) {
    samples::PreprocessingOptions given;
    if (const auto it = options.find(name); it != options.end()) given = it->second;
    else if (const auto any = options.find(""); any != options.end() && samples::is_image_like(type.shape)) given = any->second;
    std::optional<samples::Preprocessing> record;
    if (embedded && embedded->is_object() && embedded->contains(name)) {
      XPUQ_ASSIGN(record, samples::from_json((*embedded)[name], "E502", "preprocessing of input '" + name + "'"));
    }
    std::vector<samples::Warning> warnings;
    samples::Preprocessing preprocessing;
    preprocessing.tensors_only = true;
    if (samples::is_image_like(type.shape) || !given.given().empty()) {
      XPUQ_ASSIGN(preprocessing, samples::resolve(given, type.shape, warnings, record ? &*record : nullptr));
    }
    for (const samples::Warning& w : warnings) reporter.warning(w.code, w.message);
    specs.push_back({.name = name, .dtype = type.dtype, .shape = type.shape, .preprocessing = preprocessing});
  }
  return specs;
}

Json preprocessing_record(const std::vector<samples::InputSpec>& specs) {
  Json out = Json::object();
  for (const samples::InputSpec& s : specs) out[s.name] = samples::to_json(s.preprocessing);
  return out;
}

std::vector<Tensor> batch_inputs(const std::vector<samples::Sample>& rows, const std::vector<samples::InputSpec>& specs, std::int64_t batch) {
  std::vector<Tensor> inputs;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (specs[i].shape.empty() || specs[i].shape[0] == 1) {
      inputs.push_back(rows[0].inputs[i].reshaped(specs[i].shape));
      continue;
    }
    Tensor t(specs[i].dtype, specs[i].shape);
    const std::size_t row = rows[0].inputs[i].bytes();
    for (std::int64_t b = 0; b < batch; ++b) {
      const samples::Sample& s = rows[std::min<std::size_t>(static_cast<std::size_t>(b), rows.size() - 1)];
      std::memcpy(t.raw() + static_cast<std::size_t>(b) * row, s.inputs[i].raw(), row);
    }
    inputs.push_back(std::move(t));
  }
  return inputs;
}

}  // namespace xpuq
