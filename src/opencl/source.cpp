#include "opencl/source.h"

#include <algorithm>

#include "opencl/c_type.h"
#include "opencl/expression.h"
#include "opencl/formula.h"
#include "opencl/number.h"
#include "support/check.h"

namespace xpuq::opencl {

bool takes_source(const Plan& plan, const Step& step) {
  switch (step.op) {
    case OpKind::softmax: case OpKind::log_softmax: case OpKind::layer_norm: case OpKind::group_norm: return true;
    case OpKind::reduce_mean: case OpKind::reduce_sum: case OpKind::reduce_max: case OpKind::reduce_min:
      return is_kernel_float(plan.values[step.inputs[0]].type.dtype);
    case OpKind::adaptive_avg_pool: {
      const Ints& size = step.attributes.get_ints("output_size");
      return std::all_of(size.begin(), size.end(), [](std::int64_t s) { return s == 1; });
    }
    default: return false;
  }
}

bool is_source(const Plan& plan, const Step& head, const std::vector<std::uint32_t>& steps) {
  for (const std::uint32_t s : steps)
    if (is_costly(plan.steps[s].op) && plan.steps[s].op != OpKind::div) return false;
  const auto e = make_expression(plan, steps);
  if (!e || !e->conditions.empty() || !e->tables.empty() || e->loads.empty()) return false;
  if (e->axes != plan.values[head.inputs[0]].type.shape) return false;
  const bool same_place = head.op == OpKind::adaptive_avg_pool;
  return std::all_of(e->loads.begin(), e->loads.end(), [&](const Load& l) {
    const bool narrow = l.address.greatest(e->axes) < std::int64_t{1} << 31;
    return l.value && l.others.empty() && narrow && (!same_place || l.address == e->store);
  });
}

Source::Source(const Plan& plan, const Step& head, std::vector<std::uint32_t> steps)
    : plan_(plan), value_(head.inputs[0]), steps_(std::move(steps)) {
  if (steps_.empty()) return;
  const auto e = make_expression(plan_, steps_);
  XPUQ_CHECK(e.has_value(), "is_source said so");
  for (const Load& l : e->loads) places_.push_back(l.address);
}

std::vector<std::int64_t> Source::strides(std::size_t axis) const {
  std::vector<std::int64_t> out;
  for (const Affine& place : places_) out.push_back(place.coefficients[axis]);
  return out;
}

std::string Source::element(const RowKernel& rows) const {
  if (steps_.empty()) return element("src_at");
  std::string out = "xpuq_source(" + parameters_;
  for (std::size_t i = 0; i < pointers_.size(); ++i) {
    const std::string offset = places_[i].offset == 0 ? "" : " + " + text(places_[i].offset);
    out += (i == 0 && parameters_.empty() ? "" : ", ") + pointers_[i] + "[" + rows.place(i) + offset + "]";
  }
  return out + ")";
}

void Source::name(const std::string& pointer, std::string_view type) {
  declarations_ += (declarations_.empty() ? "" : ", ") + ("__global const " + std::string(type)) + "* restrict " + pointer;
  arguments_ += (arguments_.empty() ? "" : ", ") + pointer;
}

void Source::declare(KernelText& text) {
  if (steps_.empty()) {
    const DataType dtype = plan_.values[value_].type.dtype;
    pointers_.push_back(text.read(value_, dtype));
    return name(pointers_[0], c_type(dtype));
  }
  const auto e = make_expression(plan_, steps_);
  XPUQ_CHECK(e.has_value(), "is_source said so");
  text.prelude().add(e->prelude);
  std::string parameters;
  for (std::size_t i = 0; i < e->loads.size(); ++i) {
    pointers_.push_back(text.read(*e->loads[i].value, e->loads[i].dtype));
    name(pointers_.back(), c_type(e->loads[i].dtype));
    parameters += (i == 0 ? "" : ", ") + std::string(c_type(e->loads[i].dtype)) + " a" + std::to_string(i);
  }
  if (!e->parameters.empty()) {
    parameters_ = text.literal(literal_bytes(e->parameters), DataType::f32);
    name(parameters_, "float");
    parameters = "__global const float* restrict p, " + parameters;
  }
  text.function("static " + std::string(c_type(plan_.values[value_].type.dtype)) + " xpuq_source(" + parameters + ") {\n" +
                e->statements + "  return " + e->result + ";\n}\n");
}

std::string Source::element(const std::string& at) const {
  if (steps_.empty()) return pointers_[0] + "[" + at + "]";
  std::string out = "xpuq_source(" + parameters_;
  for (std::size_t i = 0; i < pointers_.size(); ++i) out += (i == 0 && parameters_.empty() ? "" : ", ") + pointers_[i] + "[" + at + "]";
  return out + ")";
}

}  // namespace xpuq::opencl
