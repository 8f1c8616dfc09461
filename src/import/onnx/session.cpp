#include "import/onnx/session.h"

#include <algorithm>

#include "import/onnx/tensor.h"
#include "import/onnx/types.h"

namespace xpuq::onnx_import {
namespace {

constexpr std::size_t kMostFolded = std::size_t{4} << 30;

/// Operations that the interpreter computes in any float type.
bool keeps_f64(OpKind op, const Attributes& attributes) {
  return op == OpKind::cast || op == OpKind::where || op == OpKind::reduce_mean || op == OpKind::reduce_sum ||
         op == OpKind::reduce_max || op == OpKind::reduce_min || op == OpKind::reduce_prod || op == OpKind::pad ||
         is_unary(op) || is_binary(op) || moves_elements(op, attributes);
}

}  // namespace

Result<ValueId> Session::as_f32(ValueId v) {
  const Tensor* t = builder.constant_of(v);
  if (!t || t->dtype() != DataType::f64) return v;
  if (const auto it = as_f32_.find(v); it != as_f32_.end()) return it->second;
  note_narrowing("DOUBLE");
  Tensor narrow(DataType::f32, t->shape());
  const auto from = t->span<double>();
  std::transform(from.begin(), from.end(), narrow.data<float>(), [](double d) { return static_cast<float>(d); });
  const ValueId out = builder.constant(builder.name(v), std::move(narrow));
  as_f32_[v] = out;
  return out;
}

Result<ValueId> Session::emit(OpKind op, std::vector<ValueId> inputs, Attributes attributes, const std::string& name,
                              const std::string& origin) {
  const bool all_constant =
      std::all_of(inputs.begin(), inputs.end(), [&](ValueId v) { return builder.constant_of(v) != nullptr; });
  if (!all_constant || !keeps_f64(op, attributes))
    for (ValueId& v : inputs) {
      XPUQ_ASSIGN(v, as_f32(v));
    }
  XPUQ_ASSIGN(const ValueId out, builder.emit(op, std::move(inputs), std::move(attributes), name, origin));
  if (const Tensor* t = builder.constant_of(out)) folded_bytes_ += t->bytes();
  if (folded_bytes_ > kMostFolded) {
    Error e = builder.problem(origin, "arithmetic on constants needs too much memory");
    e.got = "more than 4 GiB of results";
    e.remedy = "simplify the model's constants before export";
    return e;
  }
  return out;
}

Result<ValueId> Session::constant(const std::string& what, const std::string& name, const onnx::TensorProto& tensor) {
  XPUQ_ASSIGN(Tensor value, read_tensor(file_, what, tensor, model_));
  if (data_type(tensor.data_type()) != value.dtype()) note_narrowing(type_name(tensor.data_type()));
  return builder.constant(name, std::move(value));
}

ValueId Session::codes_of(ValueId dequantized) const {
  const auto it = weights_.find(dequantized);
  return it == weights_.end() ? ValueId::none : it->second;
}

DataType Session::code_type(ValueId quantized) const {
  const auto it = codes_.find(quantized);
  return it == codes_.end() ? DataType::s8 : it->second;
}

std::vector<std::string> Session::take_notes() {
  std::vector<std::string> out = std::move(notes_);
  for (const std::string& type : narrowed_) out.push_back("values of type " + type + " are computed in f32");
  return out;
}

}  // namespace xpuq::onnx_import
