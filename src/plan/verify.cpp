#include "plan/verify.h"

#include <algorithm>
#include <limits>

namespace xpuq {
namespace {

constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

struct Interval {
  std::uint64_t begin, end;
  std::size_t written, last_read;
  std::uint32_t value;
};

class Verifier {
 public:
  explicit Verifier(const Plan& plan) : plan_(plan), written_(plan.values.size(), kNever), read_(plan.values.size(), 0) {}

  std::string run() {
    if (plan_.values.size() >= kMost || plan_.steps.size() >= kMost) return "it has more than 2^24 values or steps";
    if (std::string p = values(); !p.empty()) return p;
    if (std::string p = interface(); !p.empty()) return p;
    for (std::size_t s = 0; s < plan_.steps.size(); ++s)
      if (std::string p = step(s); !p.empty()) return "step " + std::to_string(s) + " (" + std::string(to_string(plan_.steps[s].op)) + ") " + p;
    for (std::uint32_t v : plan_.outputs)
      if (written_[v] == kNever) return "output " + name(v) + " is never written";
    return overlaps();
  }

 private:
  static constexpr std::size_t kMost = std::size_t{1} << 24;

  std::string name(std::uint32_t v) const { return std::to_string(v) + (plan_.values[v].name.empty() ? "" : " '" + plan_.values[v].name + "'"); }

  std::string values() const {
    for (std::uint32_t v = 0; v < plan_.values.size(); ++v) {
      const PlanValue& value = plan_.values[v];
      const auto count = checked_element_count(value.type.shape);
      if (!count || *count > (std::int64_t{1} << 56)) return "value " + name(v) + " has an impossible shape";
      if (value.type.layout == Layout::channels_last && (value.type.shape.size() < 3 || value.type.shape.size() > 5))
        return "value " + name(v) + " is channels-last but has rank " + std::to_string(value.type.shape.size());
      if (value.place == Place::input || value.place == Place::output || value.place == Place::constant)
        if (value.type.layout != Layout::plain) return "value " + name(v) + " must be row-major where it is";
      if (value.place == Place::arena || value.place == Place::constant) {
        const std::uint64_t area = value.place == Place::arena ? plan_.arena_bytes : plan_.constants.size();
        if (value.offset % kPlanAlignment != 0) return "value " + name(v) + " is not aligned";
        if (value.offset > area || value.type.bytes() > area - value.offset) return "value " + name(v) + " lies outside its area";
      }
      if (value.type.quant) {
        const QuantParams& q = *value.type.quant;
        const bool whole = value.type.dtype == DataType::s8 || value.type.dtype == DataType::u8 || value.type.dtype == DataType::s32;
        if (!whole || q.scales.empty() || q.scales.size() != q.zero_points.size()) return "value " + name(v) + " has unusable quantization parameters";
        for (float s : q.scales)
          if (!(s > 0) || s > std::numeric_limits<float>::max()) return "value " + name(v) + " has a scale that is not finite and positive";
      }
    }
    return {};
  }

  std::string interface() {
    for (std::uint32_t v : plan_.inputs) {
      if (v >= plan_.values.size() || plan_.values[v].place != Place::input) return "an input is no input value";
      if (written_[v] == 0) return "input " + name(v) + " is listed twice";
      written_[v] = 0;
    }
    for (std::uint32_t v : plan_.outputs)
      if (v >= plan_.values.size() || plan_.values[v].place != Place::output) return "an output is no output value";
    for (std::uint32_t v = 0; v < plan_.values.size(); ++v)
      if (plan_.values[v].place == Place::constant) written_[v] = 0;
    return {};
  }

  /// Steps count from 1 in written_ and read_; 0 means before the first.
  std::string step(std::size_t s) {
    const Step& step = plan_.steps[s];
    if (step.op == OpKind::observe) return "must not be in a plan";
    std::vector<TensorType> types;
    for (std::uint32_t v : step.inputs) {
      if (v >= plan_.values.size()) return "reads a value that does not exist";
      if (written_[v] == kNever) return "reads value " + name(v) + " before it is written";
      read_[v] = s + 1;
      types.push_back(plan_.values[v].type);
      types.back().layout = Layout::plain;
    }
    const Inferred inferred = infer(step.op, step.attributes, types);
    if (!inferred.ok()) return "breaks its rules: " + inferred.problem;
    if (inferred.types.size() != step.outputs.size()) return "has a wrong number of outputs";
    for (std::size_t i = 0; i < step.outputs.size(); ++i) {
      const std::uint32_t v = step.outputs[i];
      if (v >= plan_.values.size()) return "writes a value that does not exist";
      const PlanValue& value = plan_.values[v];
      if (value.place == Place::input || value.place == Place::constant) return "writes value " + name(v) + ", which is read-only";
      if (written_[v] != kNever) return "writes value " + name(v) + " a second time";
      written_[v] = s + 1;
      TensorType type = value.type;
      type.layout = Layout::plain;
      if (type != inferred.types[i]) return "writes value " + name(v) + " of another type";
    }
    if (step.in_place) {
      if (*step.in_place >= step.inputs.size() || step.outputs.empty()) return "is in place of an input that it has not";
      const PlanValue& in = plan_.values[step.inputs[*step.in_place]];
      const PlanValue& out = plan_.values[step.outputs[0]];
      const bool fits = in.place == Place::arena && out.place == Place::arena && in.offset == out.offset && in.type.bytes() == out.type.bytes();
      if (!fits) return "is in place, but its input and output are not the same bytes of the arena";
      if (std::count(step.inputs.begin(), step.inputs.end(), step.inputs[*step.in_place]) != 1) return "is in place of an input that it reads twice";
    }
    return {};
  }

  bool declared_in_place(const Interval& earlier, const Interval& later) const {
    const Step& step = plan_.steps[later.written - 1];
    return step.in_place && step.outputs[0] == later.value && step.inputs[*step.in_place] == earlier.value && earlier.last_read == later.written;
  }

  std::string overlaps() const {
    std::vector<Interval> all;
    for (std::uint32_t v = 0; v < plan_.values.size(); ++v)
      if (plan_.values[v].place == Place::arena && written_[v] != kNever && plan_.values[v].type.bytes() > 0)
        all.push_back({plan_.values[v].offset, plan_.values[v].offset + plan_.values[v].type.bytes(), written_[v], std::max(read_[v], written_[v]), v});
    std::sort(all.begin(), all.end(), [](const Interval& a, const Interval& b) { return a.written < b.written; });
    std::vector<Interval> alive;
    for (const Interval& now : all) {
      std::erase_if(alive, [&](const Interval& a) { return a.last_read < now.written; });
      for (const Interval& a : alive)
        if (a.begin < now.end && now.begin < a.end && !declared_in_place(a, now))
          return "value " + name(now.value) + " overwrites value " + name(a.value) + ", which is still to be read";
      alive.push_back(now);
    }
    return {};
  }

  const Plan& plan_;
  std::vector<std::size_t> written_, read_;
};

}  // namespace

std::string verify(const Plan& plan) { return Verifier(plan).run(); }

}  // namespace xpuq
