#include "driver/run_inputs.h"

#include "samples/labels.h"

namespace xpuq {

Result<RunInputs> open_run_inputs(const Session& session, const RunOptions& options, const Reporter& reporter) {
  RunInputs out;
  const Artifact& artifact = session.artifact();
  std::vector<NamedType> inputs;
  // A stripped plan has no names; INFO keeps those of the interface.
  for (std::size_t i = 0; i < session.plan().inputs.size(); ++i) {
    const PlanValue& v = session.plan().values[session.plan().inputs[i]];
    std::string name = v.name;
    if (const Json& info = artifact.info; name.empty() && info.contains("inputs") && info["inputs"].is_array() && i < info["inputs"].size() &&
                                          info["inputs"][i].is_object() && info["inputs"][i].value("name", Json()).is_string())
      name = info["inputs"][i]["name"];
    inputs.emplace_back(name, v.type);
  }
  const Json* record = artifact.info.contains("preprocessing") ? &artifact.info["preprocessing"] : nullptr;
  XPUQ_ASSIGN(out.specs, make_input_specs(inputs, options.preprocessing, record, reporter));
  out.labels = artifact.labels;
  if (!options.labels_file.empty()) {
    XPUQ_ASSIGN(out.labels, samples::load_labels(options.labels_file));
  }
  if (options.operands.empty() && !options.from_file) return out;
  XPUQ_ASSIGN(out.source, samples::SampleSource::open(options.operands, out.specs, {.from_file = options.from_file, .allow_generated = true, .labels = out.labels}));
  for (const auto& w : out.source->warnings()) reporter.warning(w.code, w.message);
  if (out.labels.empty()) out.labels = out.source->class_names();
  return out;
}

}  // namespace xpuq
