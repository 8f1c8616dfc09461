#include "opencl/table.h"

#include <cstring>

#include "opencl/formula.h"
#include "reference/evaluate.h"

namespace xpuq::opencl {
namespace {

bool only_moves(OpKind kind) {
  return kind == OpKind::reshape || kind == OpKind::flatten || kind == OpKind::transpose || kind == OpKind::slice ||
         kind == OpKind::expand || kind == OpKind::reorder || kind == OpKind::dropout;
}

class TableMaker {
 public:
  TableMaker(const Plan& plan, const std::map<std::uint32_t, std::uint32_t>& producer)
      : plan_(plan), producer_(producer) {}

  std::optional<CodeTable> make(std::uint32_t value) {
    if (!depends_on_codes(value) || !codes_ || !costly_) return std::nullopt;
    const std::optional<Tensor> elements = tensor(value);
    if (!elements) return std::nullopt;
    CodeTable out{*codes_, std::vector<std::byte>(elements->bytes())};
    std::memcpy(out.elements.data(), elements->raw(), elements->bytes());
    return out;
  }

 private:
  bool is_scalar_constant(std::uint32_t value) const {
    return plan_.values[value].place == Place::constant && plan_.values[value].type.elements() == 1;
  }

  bool depends_on_codes(std::uint32_t value) {
    const auto at = producer_.find(value);
    if (at == producer_.end()) {
      const TensorType& type = plan_.values[value].type;
      if (is_scalar_constant(value)) return true;
      if (type.dtype != DataType::s8 || !type.quant || !type.quant->per_tensor() || codes_.value_or(value) != value)
        return false;
      codes_ = value;
      return true;
    }
    const Step& step = plan_.steps[at->second];
    costly_ = costly_ || is_costly(step.op);
    if (step.op == OpKind::lookup) return depends_on_codes(step.inputs[0]) && producer_.count(step.inputs[1]) == 0;
    const bool pointwise = is_unary(step.op) || is_binary(step.op) || step.op == OpKind::where ||
                           step.op == OpKind::cast || step.op == OpKind::quantize || step.op == OpKind::dequantize;
    if (!pointwise && !only_moves(step.op)) return false;
    for (const std::uint32_t in : step.inputs)
      if (!depends_on_codes(in)) return false;
    return !step.attributes.has("axis");
  }

  TensorType type_of(std::uint32_t value) const {
    TensorType type = plan_.values[value].type;
    type.shape = producer_.count(value) != 0 || !is_scalar_constant(value) ? Shape{256} : Shape{1};
    type.layout = Layout::plain;
    return type;
  }

  std::optional<Tensor> tensor(std::uint32_t value) {
    const auto at = producer_.find(value);
    if (at == producer_.end()) {
      Tensor out(plan_.values[value].type.dtype, type_of(value).shape);
      if (is_scalar_constant(value)) std::memcpy(out.raw(), plan_.constant_bytes(value), out.bytes());
      else
        for (int i = 0; i < 256; ++i) out.data<std::int8_t>()[i] = static_cast<std::int8_t>(i - 128);
      return out;
    }
    const Step& step = plan_.steps[at->second];
    if (only_moves(step.op)) return tensor(step.inputs[0]);
    std::vector<Tensor> inputs;
    std::vector<TensorType> types;
    for (std::size_t i = 0; i < step.inputs.size(); ++i) {
      const std::uint32_t in = step.inputs[i];
      if (step.op == OpKind::lookup && i == 1) {
        if (plan_.values[in].place != Place::constant) return std::nullopt;
        inputs.push_back(Tensor::borrow(DataType::s8, {256}, plan_.constant_bytes(in), plan_.constants_owner));
        types.push_back(plan_.values[in].type);
        continue;
      }
      auto t = tensor(in);
      if (!t) return std::nullopt;
      inputs.push_back(std::move(*t));
      TensorType type = type_of(in);
      type.shape = inputs.back().shape();
      types.push_back(std::move(type));
    }
    auto made = evaluate(step.op, step.attributes, inputs, types);
    if (!made.ok() || made->size() != 1) return std::nullopt;
    return std::move((*made)[0]);
  }

  const Plan& plan_;
  const std::map<std::uint32_t, std::uint32_t>& producer_;
  std::optional<std::uint32_t> codes_;
  bool costly_ = false;
};

}  // namespace

std::optional<CodeTable> make_code_table(const Plan& plan, const std::map<std::uint32_t, std::uint32_t>& producer,
                                         std::uint32_t value) {
  auto out = TableMaker(plan, producer).make(value);
  // A chain of scalar constants alone has one element, not 256.
  if (out && out->elements.size() != 256 * size_of(plan.values[value].type.dtype)) return std::nullopt;
  return out;
}

}  // namespace xpuq::opencl
