// The fallback: the reference interpreter wants row-major operands and true s8 codes, so inputs and outputs that lie
// otherwise in memory are brought into that form and back.
#include "reference/evaluate.h"

#include "runtime/cpu/aligned.h"
#include "runtime/cpu/quantize_kernel.h"
#include "runtime/cpu/steps.h"
#include "runtime/cpu/strided_copy.h"

namespace xpuq::cpu {
namespace {

/// Between a value as this engine stores it and the row-major s8 form.
class Form {
 public:
  explicit Form(const TensorType& type)
      : type_(&type), shifted_(is_shifted(type)), turned_(!same_order(type, Layout::plain)) {
    plain_ = type;
    plain_.layout = Layout::plain;
  }
  bool is_plain() const { return !shifted_ && !turned_; }
  std::size_t bytes() const { return type_->bytes(); }
  const TensorType& plain() const { return plain_; }

  void to_plain(const std::byte* stored, std::byte* row_major) const {
    copy(stored, strides_of(*type_), row_major, strides_of(plain_));
  }
  void from_plain(const std::byte* row_major, std::byte* stored) const {
    copy(row_major, strides_of(plain_), stored, strides_of(*type_));
  }

 private:
  void copy(const std::byte* src, const std::vector<std::int64_t>& from, std::byte* dst,
            const std::vector<std::int64_t>& to) const {
    if (turned_) {
      StridedCopy(type_->shape, to, from, size_of(type_->dtype)).run(dst, src);
      src = dst;
    }
    if (shifted_) shift_codes(src, type_->elements(), dst);
  }

  const TensorType* type_;
  TensorType plain_;
  bool shifted_, turned_;
};

class ReferenceStep final : public StepImpl {
 public:
  explicit ReferenceStep(const StepContext& c) : kind_(c.op()), attributes_(&c.attributes()), dst_(c.out_value()) {
    for (std::size_t i = 0; i < c.input_count(); ++i) {
      values_.push_back(c.in_value(i));
      constants_.push_back(c.constant<std::byte>(i));
      forms_.emplace_back(c.in(i));
    }
    forms_.emplace_back(c.out());
    for (const Form& form : forms_) scratch_ += form.is_plain() ? 0 : round_up(form.bytes(), kLine);
    // Where dst takes over the memory of an input, the interpreter must still not see the two as one.
    aliased_ = c.step().in_place.has_value();
    if (aliased_ && forms_.back().is_plain()) scratch_ += round_up(forms_.back().bytes(), kLine);
  }
  std::size_t scratch_bytes() const override { return scratch_; }

  Result<void> run(const RunContext& context) override {
    std::byte* scratch = context.scratch;
    std::vector<Operand> inputs;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const std::byte* bytes = constants_[i] ? constants_[i] : context.values[values_[i]];
      if (!constants_[i] && !forms_[i].is_plain()) {
        forms_[i].to_plain(bytes, scratch);
        bytes = scratch;
        scratch += round_up(forms_[i].bytes(), kLine);
      }
      inputs.push_back({&forms_[i].plain(), bytes});
    }
    const Form& form = forms_.back();
    std::byte* dst = context.values[dst_];
    const bool direct = form.is_plain() && !aliased_;
    const MutableOperand output{&form.plain(), direct ? dst : scratch};
    XPUQ_TRY(evaluate(OpCall{kind_, attributes_, inputs, {&output, 1}}));
    if (!direct) form.is_plain() ? void(std::copy_n(scratch, form.bytes(), dst)) : form.from_plain(scratch, dst);
    return {};
  }

 private:
  OpKind kind_;
  const Attributes* attributes_;
  std::vector<std::uint32_t> values_;
  std::vector<const std::byte*> constants_;  ///< in the form of the plan, which is what the interpreter wants
  std::vector<Form> forms_;
  std::uint32_t dst_;
  std::size_t scratch_ = 0;
  bool aliased_ = false;
};

}  // namespace

StepPtr make_reference_step(const StepContext& c) {
  auto step = std::make_unique<ReferenceStep>(c);
  step->named(std::string(to_string(c.op())), "xpuq:reference");
  return step;
}

}  // namespace xpuq::cpu
