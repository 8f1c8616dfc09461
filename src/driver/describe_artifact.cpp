#include "driver/describe_artifact.h"

#include "driver/model_inputs.h"
#include "quantize/recipe_file.h"
#include "support/file.h"
#include "support/text.h"

namespace xpuq {
namespace {

Json type_json(const std::string& name, const TensorType& type) {
  Json j;
  j["name"] = name;
  j["type"] = to_string(type.dtype);
  j["shape"] = type.shape;
  return j;
}

/// The profile's record where there is one; a float artifact takes what calibration would have taken.
Result<Json> preprocessing_of(const CompileOptions& options, const Graph& graph, const Profile* profile) {
  if (profile) return profile->preprocessing;
  std::vector<NamedType> inputs;
  for (ValueId v : graph.inputs()) inputs.emplace_back(graph.value(v).name, graph.value(v).type);
  const std::string path = options.profile.value_or(with_extension(options.model, ".xcal"));
  if (file_exists(path)) {
    if (const auto file = map_file(path, "E403")) {
      std::vector<ProfileWarning> warnings;
      if (const auto beside = read_profile(file->bytes, path, warnings)) return beside->preprocessing;
    }
  }
  Reporter silent;
  XPUQ_ASSIGN(const auto specs, make_input_specs(inputs, {}, nullptr, silent));
  return preprocessing_record(specs);
}

Json quantization_json(const Variant& variant, const Profile* profile) {
  const Recipe& r = variant.recipe;
  Json q;
  q["act_scheme"] = to_string(r.global);
  q["weight_granularity"] = r.per_channel_weights ? "channel" : "tensor";
  if (!r.weight_scale_floor) q["weight_scale_floor"] = "none";
  q["recipe"] = r.family == RecipeFamily::xpu ? "xpu" : "x86";
  q["method"] = profile ? (r.method.empty() ? profile->method : r.method) : "model";
  q["exclude"] = r.exclude;
  q["only"] = r.only;
  if (!r.fallback.empty()) q["fallback"] = r.fallback;
  if (variant.fitting.equalize) q["equalize"] = true;
  if (variant.fitting.bias_correction) q["bias_correction"] = true;
  if (variant.fitting.adaptive_rounding) q["round"] = "adaptive";
  const Json recipe = recipe_json(r);
  for (const char* entries : {"modules", "operators"})
    if (!recipe[entries].empty()) q[entries] = recipe[entries];
  if (profile) {
    q["profile"]["images"] = profile->data.count;
    q["profile"]["list_sha256"] = profile->data.list_sha256;
  }
  return q;
}

}  // namespace

Result<Json> describe_artifact(const CompileOptions& options, const Variant& variant, const LoadedModel& model, const Profile* profile, const Coverage& covered) {
  const Graph& graph = model.imported.graph;
  Json info;
  info["name"] = options.name.empty() ? with_extension(base_name(options.model), "") : options.name;
  info["producer"] = "xpuq " + std::string(version());
  info["model"]["file"] = base_name(options.model);
  info["model"]["format"] = model.imported.format;
  info["model"]["version"] = model.imported.version;
  info["model"]["graph_sha256"] = model.hash.graph;
  info["model"]["weights_sha256"] = model.hash.weights;
  info["precision"] = to_string(options.precision);
  if (quantizes(options.precision)) info["quantization"] = quantization_json(variant, profile);
  Json& c = info["coverage"];
  c["layers_int8"] = covered.layers_int8;
  c["layers_total"] = covered.layers_total;
  c["macs_int8"] = covered.macs_int8;
  c["macs_total"] = covered.macs_total;
  c["conversions"] = covered.conversions;
  for (ValueId v : graph.inputs()) info["inputs"].push_back(type_json(graph.value(v).name, graph.value(v).type));
  for (ValueId v : graph.outputs()) info["outputs"].push_back(type_json(graph.value(v).name, graph.value(v).type));
  XPUQ_ASSIGN(info["preprocessing"], preprocessing_of(options, graph, profile));
  info["stripped"] = options.strip;
  return info;
}

}  // namespace xpuq
