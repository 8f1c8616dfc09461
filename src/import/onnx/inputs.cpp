#include "import/onnx/inputs.h"

#include "import/onnx/quantization.h"
#include "import/onnx/reader.h"
#include "import/onnx/types.h"

namespace xpuq::onnx_import {
namespace {

constexpr std::int64_t kLargestDimension = std::int64_t{1} << 40;
constexpr std::int64_t kMostElements = std::int64_t{1} << 56;

Error usage(const std::string& file, std::string what, std::string got, std::string expected, std::string remedy) {
  return file_error(file, "E205", std::move(what), std::move(got), std::move(expected), std::move(remedy));
}

Result<DataType> input_type(const std::string& file, const onnx::ValueInfoProto& input) {
  const std::string who = "input '" + input.name() + "'";
  if (!input.type().has_tensor_type())
    return file_error(file, "E305", who + " is no dense tensor", "a sequence, map, optional or sparse tensor",
                      "a tensor");
  const std::int32_t type = input.type().tensor_type().elem_type();
  const auto dtype = data_type(type);
  if (!dtype)
    return file_error(file, "E305", who + " has an element type that is not supported", type_name(type),
                      "FLOAT, INT8 to INT64, UINT8 or BOOL");
  if (computed_as(*dtype) != *dtype)
    return file_error(file, "E305", who + " is " + type_name(type) + ": only f32 models can be quantized",
                      type_name(type), "FLOAT", "convert the model to float32 before export (model.float())");
  return *dtype;
}

/// The shape as declared; symbolic dimensions as -1.
struct Declared {
  Shape dims;
  std::vector<std::string> symbols;
};

Result<Declared> declared_shape(const std::string& file, const std::string& who, const onnx::TensorShapeProto& shape) {
  Declared out;
  for (const auto& dim : shape.dim()) {
    const std::int64_t size = dim.has_dim_value() ? dim.dim_value() : -1;
    // -1 is how some exporters write "any".
    if (size < -1 || size > kLargestDimension)
      return file_error(file, "E306", who + " has an impossible dimension", std::to_string(size), "0..2^40");
    out.dims.push_back(size);
    out.symbols.push_back(dim.has_dim_param() ? dim.dim_param() : "");
  }
  return out;
}

Result<Shape> input_shape(const std::string& file, const onnx::ValueInfoProto& input, const ImportOptions& options,
                          std::size_t count) {
  const std::string who = "input '" + input.name() + "'";
  const auto& type = input.type().tensor_type();
  Shape shape;
  if (type.has_shape()) {
    XPUQ_ASSIGN(const Declared d, declared_shape(file, who, type.shape()));
    XPUQ_ASSIGN(shape, resolve_input_shape(file, input.name(), d.dims, d.symbols,
                                           std::vector<std::string>(d.dims.size()), options, count));
  } else if (const auto it = options.shapes.find(input.name()); it != options.shapes.end()) {
    shape = it->second;
  } else if (const auto any = options.shapes.find(""); any != options.shapes.end() && count == 1) {
    shape = any->second;
  } else {
    return usage(file, who + " has no declared shape", "", "a value for every dimension",
                 "--shape " + input.name() + ":DIMS");
  }
  const auto elements = checked_element_count(shape);
  bool fits = elements && *elements <= kMostElements && shape.size() <= 16;
  for (std::int64_t d : shape) fits = fits && d <= kLargestDimension;
  if (!fits)
    return file_error(file, "E306", who + " has a shape that is too large", to_string(shape),
                      "at most 2^56 elements on 16 axes");
  return shape;
}

/// A --shape for an input that is not there would otherwise be ignored.
Result<void> check_shape_names(const std::string& file, const std::vector<const onnx::ValueInfoProto*>& inputs,
                               const ImportOptions& options) {
  std::string names;
  for (const auto* input : inputs) names += (names.empty() ? "'" : ", '") + input->name() + "'";
  for (const auto& [name, shape] : options.shapes) {
    bool found = name.empty() && inputs.size() == 1;
    for (const auto* input : inputs) found = found || input->name() == name;
    if (!found && name.empty())
      return usage(file, "has several inputs, --shape must say which", to_string(shape), names, "--shape NAME:DIMS");
    if (!found) return usage(file, "has no input '" + name + "'", name, names, "--shape NAME:DIMS");
  }
  return {};
}

/// A value in the type in which it leaves the model, under the name of the output.
Result<ValueId> settled(Session& session, ValueId v, std::optional<DataType> wanted, const std::string& name) {
  const TensorType& type = session.builder.type(v);
  const bool narrow = wanted && *wanted != type.dtype && computed_as(*wanted) == DataType::f32;
  if (!type.quant && !(narrow && type.dtype == DataType::f32)) return v;
  ValueId out = v;
  if (type.quant) {
    XPUQ_ASSIGN(out, as_numbers(session, v, name, name));
  } else {
    session.note_narrowing("other than FLOAT");
    XPUQ_ASSIGN(out, session.emit(OpKind::cast, {v}, {{"to", std::string(to_string(*wanted))}}, name, name));
  }
  if (session.builder.name(v) == name) session.builder.rename(out, v);
  return out;
}

}  // namespace

Result<void> add_inputs(Session& session, const onnx::GraphProto& graph, const ImportOptions& options, Scope& scope) {
  std::vector<const onnx::ValueInfoProto*> inputs;
  for (const auto& input : graph.input())
    if (!scope.initializers.contains(input.name())) inputs.push_back(&input);
  XPUQ_TRY(check_shape_names(session.file(), inputs, options));
  for (const auto* input : inputs) {
    if (input->name().empty()) return file_error(session.file(), "E306", "an input has no name");
    if (scope.values.contains(input->name()))
      return file_error(session.file(), "E306", "input '" + input->name() + "' is given twice");
    XPUQ_ASSIGN(const DataType dtype, input_type(session.file(), *input));
    XPUQ_ASSIGN(Shape shape, input_shape(session.file(), *input, options, inputs.size()));
    scope.values[input->name()] = session.builder.input(input->name(), {dtype, std::move(shape), Layout::plain, {}});
  }
  return {};
}

Result<Outputs> settle_outputs(Session& session, const onnx::GraphProto& graph, Outputs outputs,
                               const ImportOptions& options) {
  for (int i = 0; i < graph.output_size(); ++i) {
    const auto& declared = graph.output(i);
    ValueId& output = outputs[static_cast<std::size_t>(i)];
    const std::string who = "output '" + declared.name() + "'";
    const std::int32_t wanted = declared.type().has_tensor_type() ? declared.type().tensor_type().elem_type() : 0;
    XPUQ_ASSIGN(output, settled(session, output, data_type(wanted), declared.name()));
    if (!declared.type().has_tensor_type()) continue;
    const TensorType& type = session.builder.type(output);
    if (wanted != 0 && data_type(wanted) != type.dtype)
      return file_error(session.file(), "E305", who + " is not of its declared type",
                        std::string(to_string(type.dtype)), type_name(wanted));
    if (!declared.type().tensor_type().has_shape() || options.batch || !options.shapes.empty()) continue;
    XPUQ_ASSIGN(const Declared d, declared_shape(session.file(), who, declared.type().tensor_type().shape()));
    bool same = d.dims.size() == type.shape.size();
    for (std::size_t k = 0; same && k < d.dims.size(); ++k) same = d.dims[k] < 0 || d.dims[k] == type.shape[k];
    if (!same) session.note(who + " is declared with another shape than it has, " + to_string(type.shape));
  }
  return outputs;
}

}  // namespace xpuq::onnx_import
