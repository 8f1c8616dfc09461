#include "archive_builder.h"

#include <zip.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace xpuq::test {
namespace {

void must(bool condition, const char* what) {
  if (!condition) throw std::runtime_error(what);
}

Json sizes(const std::vector<Json>& shape) {
  Json out = Json::array();
  for (const Json& d : shape) out.push_back(d.is_string() ? Json{{"as_expr", {{"expr_str", d}}}} : Json{{"as_int", d}});
  return out;
}

Json meta(int dtype, const std::vector<Json>& shape, const std::vector<Json>& strides, std::int64_t offset) {
  return {{"dtype", dtype},
          {"sizes", sizes(shape)},
          {"requires_grad", false},
          {"device", {{"type", "cpu"}, {"index", nullptr}}},
          {"strides", sizes(strides)},
          {"storage_offset", {{"as_int", offset}}},
          {"layout", 7}};
}

std::vector<Json> as_json(const std::vector<std::int64_t>& v) { return {v.begin(), v.end()}; }

}  // namespace

std::string make_zip(const std::vector<ZipItem>& items) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* buffer = zip_source_buffer_create(nullptr, 0, 0, &error);
  must(buffer != nullptr, "buffer");
  zip_source_keep(buffer);
  zip_t* archive = zip_open_from_source(buffer, ZIP_TRUNCATE, &error);
  must(archive != nullptr, "archive");
  for (const ZipItem& item : items) {
    zip_source_t* source = zip_source_buffer(archive, item.data.data(), item.data.size(), 0);
    const zip_int64_t index = zip_file_add(archive, item.name.c_str(), source, ZIP_FL_ENC_UTF_8);
    must(index >= 0, item.name.c_str());
    zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), item.deflated ? ZIP_CM_DEFLATE : ZIP_CM_STORE,
                             9);
  }
  must(zip_close(archive) == 0, "close");
  zip_stat_t stat;
  must(zip_source_open(buffer) == 0 && zip_source_stat(buffer, &stat) == 0, "open");
  std::string out(stat.size, '\0');
  must(zip_source_read(buffer, out.data(), out.size()) == static_cast<zip_int64_t>(out.size()), "read");
  zip_source_close(buffer);
  zip_source_free(buffer);
  return out;
}

Json tensor_arg(const std::string& name) { return {{"as_tensor", {{"name", name}}}}; }
Json tensors_arg(const std::vector<std::string>& names) {
  Json list = Json::array();
  for (const std::string& n : names) list.push_back({{"name", n}});
  return {{"as_tensors", list}};
}
Json int_arg(std::int64_t v) { return {{"as_int", v}}; }
Json ints_arg(const std::vector<std::int64_t>& v) { return {{"as_ints", v}}; }
Json float_arg(const Json& v) { return {{"as_float", v}}; }
Json bool_arg(bool v) { return {{"as_bool", v}}; }
Json type_arg(int code) { return {{"as_scalar_type", code}}; }
Json sym_arg(const std::string& name) { return {{"as_sym_int", {{"as_name", name}}}}; }

ProgramBuilder::ProgramBuilder() {
  document = {{"graph_module",
               {{"graph",
                 {{"inputs", Json::array()},
                  {"outputs", Json::array()},
                  {"nodes", Json::array()},
                  {"tensor_values", Json::object()},
                  {"sym_int_values", Json::object()},
                  {"sym_bool_values", Json::object()}}},
                {"signature", {{"input_specs", Json::array()}, {"output_specs", Json::array()}}},
                {"module_call_graph", Json::array()}}},
              {"opset_version", {{"aten", 10}}},
              {"range_constraints", Json::object()},
              {"schema_version", {{"major", 8}, {"minor", 20}}},
              {"torch_version", "2.13.0+cpu"}};
  weights = {{"config", Json::object()}};
}

ProgramBuilder& ProgramBuilder::input(const std::string& name, const std::vector<Json>& shape, int dtype) {
  graph()["tensor_values"][name] = meta(dtype, shape, {}, 0);
  document["graph_module"]["signature"]["input_specs"].push_back({{"user_input", {{"arg", tensor_arg(name)}}}});
  return *this;
}

ProgramBuilder& ProgramBuilder::stored(const std::string& name, const std::string& fqn, int dtype,
                                       const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& strides,
                                       std::int64_t offset, const std::string& path) {
  weights["config"][fqn] = {{"path_name", path},
                            {"is_param", true},
                            {"use_pickle", false},
                            {"tensor_meta", meta(dtype, as_json(shape), as_json(strides), offset)}};
  document["graph_module"]["signature"]["input_specs"].push_back(
      {{"parameter", {{"arg", {{"name", name}}}, {"parameter_name", fqn}}}});
  return *this;
}

ProgramBuilder& ProgramBuilder::parameter(const std::string& name, const std::string& fqn,
                                          const std::vector<std::int64_t>& shape, const std::vector<float>& values) {
  std::vector<std::int64_t> strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  const std::string path = "weight_" + std::to_string(items.size());
  items.push_back({"data/weights/" + path, bytes_of(values)});
  return stored(name, fqn, 7, shape, strides, 0, path);
}

ProgramBuilder& ProgramBuilder::node(const std::string& name, const std::string& target, const Arguments& arguments,
                                     const std::string& module_stack) {
  Json inputs = Json::array();
  for (const auto& [key, value] : arguments) inputs.push_back({{"name", key}, {"arg", value}, {"kind", 1}});
  Json metadata = Json::object();
  if (!module_stack.empty()) metadata["nn_module_stack"] = module_stack;
  graph()["nodes"].push_back({{"target", "torch.ops." + target},
                              {"inputs", inputs},
                              {"outputs", {tensor_arg(name)}},
                              {"metadata", metadata},
                              {"name", name}});
  return *this;
}

ProgramBuilder& ProgramBuilder::list_node(const std::vector<std::string>& names, const std::string& target,
                                          const Arguments& arguments) {
  node(names[0], target, arguments);
  graph()["nodes"].back()["outputs"] = {tensors_arg(names)};
  return *this;
}

ProgramBuilder& ProgramBuilder::output(const std::string& name) {
  document["graph_module"]["signature"]["output_specs"].push_back({{"user_output", {{"arg", tensor_arg(name)}}}});
  return *this;
}

std::vector<ZipItem> ProgramBuilder::entries(const std::string& prefix) const {
  std::vector<ZipItem> out;
  for (const ZipItem& item : items) out.push_back({prefix + "/" + item.name, item.data, item.deflated});
  out.push_back({prefix + "/data/weights/model_weights_config.json", weights.dump()});
  out.push_back({prefix + "/models/model.json", document.dump()});
  out.push_back({prefix + "/archive_format", "pt2"});
  out.push_back({prefix + "/archive_version", "0"});
  out.push_back({prefix + "/byteorder", "little"});
  return out;
}

Result<ImportedModel> import_bytes(const std::string& bytes, const ImportOptions& options) {
  const auto kept = std::make_shared<const std::string>(bytes);
  return import_pt2("model.pt2", std::as_bytes(std::span(*kept)), kept, options);
}

Result<ImportedModel> import_file(const std::string& path, const ImportOptions& options) {
  std::ifstream in(path, std::ios::binary);
  const auto kept =
      std::make_shared<const std::string>(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  must(!kept->empty(), path.c_str());
  return import_pt2(path, std::as_bytes(std::span(*kept)), kept, options);
}

}  // namespace xpuq::test
