// A step on bf16 values as the f32 step between two conversions: right on every CPU, whatever its instructions. bf16
// constants are widened once, when the plan is loaded.
#include <algorithm>
#include <cstring>

#include "runtime/cpu/aligned.h"
#include "runtime/cpu/bf16.h"
#include "runtime/cpu/steps.h"

namespace xpuq::cpu {
namespace {

bool is_bf16(const TensorType& type) { return type.dtype == DataType::bf16; }

TensorType widened(TensorType type) {
  if (is_bf16(type)) type.dtype = DataType::f32;
  return type;
}

class WidenedStep final : public StepImpl {
 public:
  WidenedStep(const StepContext& c, const StepMaker& make) {
    Step step = c.step();
    // The f32 forms lie apart even where dst takes over the memory of an input.
    step.in_place.reset();
    for (std::size_t i = 0; i < c.input_count(); ++i) step.inputs[i] = add(c, c.in_value(i));
    step.outputs[0] = add(c, c.out_value());
    place_constants(c);
    plan_.steps.push_back(std::move(step));
    options_ = c.options();
    inner_ = make(StepContext(plan_, plan_.steps[0], options_, c.threads()));
    pointers_.resize(operands_.size());
    named(inner_->primitive(), inner_->implementation() + "+bf16");
  }

  std::size_t scratch_bytes() const override { return wide_bytes_ + inner_->scratch_bytes(); }
  std::size_t packed_bytes() const override { return inner_->packed_bytes() + constants_.size(); }

  Result<void> run(const RunContext& context) override {
    std::byte* scratch = context.scratch;
    std::byte* result = nullptr;
    for (std::size_t i = 0; i < operands_.size(); ++i) {
      const Operand& o = operands_[i];
      std::byte* stored = context.values[o.value];
      pointers_[i] = o.constant ? o.constant : stored;
      if (!o.narrow || o.constant) continue;
      pointers_[i] = scratch;
      scratch += round_up(static_cast<std::size_t>(o.count) * sizeof(float), kLine);
      if (i + 1 == operands_.size()) result = stored;
      else widen_bf16(reinterpret_cast<const std::uint16_t*>(stored), o.count, reinterpret_cast<float*>(pointers_[i]));
    }
    XPUQ_TRY(inner_->run({pointers_.data(), scratch}));
    if (result) narrow_to_bf16(reinterpret_cast<const float*>(pointers_.back()), operands_.back().count, reinterpret_cast<std::uint16_t*>(result));
    return {};
  }

 private:
  struct Operand {
    std::uint32_t value;            ///< in the plan of the program
    bool narrow;                    ///< stored as bf16
    std::int64_t count;
    std::byte* constant = nullptr;  ///< its widened form
  };

  /// Copies one value of the program's plan into the one-step plan; inputs first, the output last.
  std::uint32_t add(const StepContext& c, std::uint32_t v) {
    PlanValue value = c.plan().values[v];
    const bool narrow = is_bf16(value.type);
    operands_.push_back({v, narrow, value.type.elements()});
    value.type = widened(value.type);
    if (narrow && value.place != Place::constant) wide_bytes_ += round_up(value.type.bytes(), kLine);
    plan_.values.push_back(std::move(value));
    return static_cast<std::uint32_t>(plan_.values.size() - 1);
  }

  /// The constants of the program, or a copy of this step's own where some of them change their form.
  void place_constants(const StepContext& c) {
    plan_.constants = c.plan().constants;
    const auto is_constant = [&](std::size_t i) { return plan_.values[i].place == Place::constant; };
    std::size_t bytes = 0;
    bool changed = false;
    for (std::size_t i = 0; i < operands_.size(); ++i) {
      if (!is_constant(i)) continue;
      bytes += round_up(plan_.values[i].type.bytes(), kPlanAlignment);
      changed = changed || operands_[i].narrow;
    }
    if (!changed) return;
    constants_.resize(bytes);
    std::size_t offset = 0;
    for (std::size_t i = 0; i < operands_.size(); ++i) {
      if (!is_constant(i)) continue;
      PlanValue& value = plan_.values[i];
      const std::byte* from = c.plan().constant_bytes(operands_[i].value);
      std::byte* to = constants_.data() + offset;
      if (operands_[i].narrow) {
        widen_bf16(reinterpret_cast<const std::uint16_t*>(from), operands_[i].count, reinterpret_cast<float*>(to));
        operands_[i].constant = to;
      } else if (value.type.bytes() > 0) {
        std::memcpy(to, from, value.type.bytes());
      }
      value.offset = offset;
      offset += round_up(value.type.bytes(), kPlanAlignment);
    }
    plan_.constants = constants_;
  }

  Plan plan_;  ///< one step; the inner step may look at it as long as it lives
  EngineOptions options_;
  std::vector<Operand> operands_;
  AlignedVector<std::byte> constants_;
  std::size_t wide_bytes_ = 0;
  std::vector<std::byte*> pointers_;
  StepPtr inner_;
};

}  // namespace

StepPtr make_widened_step(const StepContext& c, const StepMaker& make) {
  bool any = is_bf16(c.out());
  for (std::size_t i = 0; i < c.input_count(); ++i) any = any || is_bf16(c.in(i));
  if (!any || c.op() == OpKind::cast || c.step().outputs.size() != 1) return nullptr;
  return std::make_unique<WidenedStep>(c, make);
}

}  // namespace xpuq::cpu
