#include <cstring>
#include <limits>

#include "artifact/attribute_reader.h"
#include "artifact/fields.h"
#include "artifact/format.h"
#include "artifact/plan_section.h"
#include "plan/verify.h"

namespace xpuq::artifact {
namespace {

constexpr std::uint64_t kAnyOffset = std::numeric_limits<std::int64_t>::max();
/// The plan verifier copies the type of every operand. A forged plan could make it copy one long list of scales over
/// and over; an honest one reads each weight a few times.
constexpr std::uint64_t kMostScalesRead = std::uint64_t{1} << 26;

Result<QuantParams> read_quant(const Fields& f) {
  QuantParams quant;
  XPUQ_ASSIGN(const std::vector<std::uint8_t>* scales, f.bytes("scales"));
  if (scales->size() % sizeof(float) != 0) return f.error("'scales' is cut", std::to_string(scales->size()) + " bytes");
  quant.scales.resize(scales->size() / sizeof(float));
  if (!scales->empty()) std::memcpy(quant.scales.data(), scales->data(), scales->size());
  if (f.has("zero_points")) {
    XPUQ_ASSIGN(const Json* zeros, f.array("zero_points"));
    for (const Json& e : *zeros) {
      const auto z = to_int(e);
      if (!z || *z != static_cast<std::int32_t>(*z)) return f.error("a zero point is no 32-bit integer");
      quant.zero_points.push_back(static_cast<std::int32_t>(*z));
    }
  } else {
    quant.zero_points.assign(quant.scales.size(), 0);
  }
  if (f.has("axis")) {
    XPUQ_ASSIGN(const std::uint64_t axis, f.whole("axis", kMostRank));
    quant.axis = static_cast<int>(axis);
  }
  return quant;
}

Result<Place> read_place(const Fields& f) {
  XPUQ_ASSIGN(const std::string name, f.text("place"));
  for (const Place place : {Place::input, Place::output, Place::arena, Place::constant})
    if (name == place_name(place)) return place;
  return f.unknown_name("place", name);
}

Result<PlanValue> read_value(const Json& json, std::string where, const Source& source) {
  XPUQ_ASSIGN(const Fields f, Fields::of(json, std::move(where), source));
  PlanValue value;
  if (f.has("name")) {
    XPUQ_ASSIGN(value.name, f.text("name"));
  }
  XPUQ_ASSIGN(value.type.dtype, f.data_type("type"));
  XPUQ_ASSIGN(value.type.shape, f.shape("shape"));
  if (f.has("layout")) {
    XPUQ_ASSIGN(const std::string layout, f.text("layout"));
    if (layout == to_string(Layout::channels_last)) value.type.layout = Layout::channels_last;
    else if (layout != to_string(Layout::plain)) return f.unknown_name("layout", layout);
  }
  if (f.has("quant")) {
    XPUQ_ASSIGN(const Json* quant, f.member("quant"));
    XPUQ_ASSIGN(const Fields quant_fields, Fields::of(*quant, f.where() + ": 'quant'", source));
    XPUQ_ASSIGN(value.type.quant, read_quant(quant_fields));
  }
  XPUQ_ASSIGN(value.place, read_place(f));
  if (f.has("offset")) {
    XPUQ_ASSIGN(value.offset, f.whole("offset", kAnyOffset));
  }
  return value;
}

Result<Step> read_step(const Json& json, std::string where, const Source& source) {
  XPUQ_ASSIGN(const Fields f, Fields::of(json, std::move(where), source));
  XPUQ_ASSIGN(const std::string name, f.text("op"));
  const auto op = parse_op(name);
  if (!op) return f.unknown_name("operation", name);
  Step step{.op = *op, .attributes = {}, .inputs = {}, .outputs = {}, .origin = {}, .in_place = {}};
  if (f.has("attributes")) {
    XPUQ_ASSIGN(const Json* attributes, f.member("attributes"));
    XPUQ_ASSIGN(step.attributes, read_attributes(*op, *attributes, f));
  }
  XPUQ_ASSIGN(step.inputs, f.indices("inputs"));
  XPUQ_ASSIGN(step.outputs, f.indices("outputs"));
  XPUQ_ASSIGN(step.origin, f.texts("origin"));
  if (f.has("in_place")) {
    XPUQ_ASSIGN(const std::uint64_t number, f.whole("in_place", std::numeric_limits<std::uint32_t>::max()));
    step.in_place = static_cast<std::uint32_t>(number);
  }
  return step;
}

template <class T, class F>
Result<std::vector<T>> read_list(const Fields& f, std::string_view key, std::size_t most, const char* what, F read) {
  XPUQ_ASSIGN(const Json* list, f.array(key));
  if (list->size() > most)
    return f.error("too many " + std::string(key), std::to_string(list->size()), "at most " + std::to_string(most));
  std::vector<T> out;
  out.reserve(list->size());
  for (const Json& e : *list) {
    XPUQ_ASSIGN(T item, read(e, f.where() + ": " + what + " " + std::to_string(out.size()), f.source()));
    out.push_back(std::move(item));
  }
  return out;
}

bool reads_too_many_scales(const Plan& plan) {
  std::uint64_t scales = 0;
  for (const Step& step : plan.steps)
    for (std::uint32_t v : step.inputs)
      if (v < plan.values.size() && plan.values[v].type.quant) scales += plan.values[v].type.quant->scales.size();
  return scales > kMostScalesRead;
}

Result<Plan> read_plan(const Json& json, std::string where, const Source& source) {
  XPUQ_ASSIGN(const Fields f, Fields::of(json, std::move(where), source));
  Plan plan;
  XPUQ_ASSIGN(plan.arena_bytes, f.whole("arena_bytes", kAnyOffset));
  XPUQ_ASSIGN(plan.values, read_list<PlanValue>(f, "values", kMostValues, "value", read_value));
  XPUQ_ASSIGN(plan.steps, read_list<Step>(f, "steps", kMostSteps, "step", read_step));
  XPUQ_ASSIGN(plan.inputs, f.indices("inputs"));
  XPUQ_ASSIGN(plan.outputs, f.indices("outputs"));
  return plan;
}

}  // namespace

Result<std::vector<Plan>> plans_from_json(const Json& section, std::span<const std::byte> constants,
                                          const std::shared_ptr<const void>& owner, const Source& source) {
  XPUQ_ASSIGN(const Fields f, Fields::of(section, "section 'PLAN'", source));
  XPUQ_ASSIGN(std::vector<Plan> plans, read_list<Plan>(f, "plans", kMostPlans, "plan", read_plan));
  if (plans.empty()) return f.error("no plan is in it");
  for (std::size_t i = 0; i < plans.size(); ++i) {
    plans[i].constants = constants;
    plans[i].constants_owner = owner;
    const std::string which = "plan " + std::to_string(i);
    if (reads_too_many_scales(plans[i])) return f.error(which + " reads too many scales");
    if (const std::string problem = verify(plans[i]); !problem.empty())
      return f.error(which + " is not sound: " + printable(problem, 400));
  }
  return plans;
}

}  // namespace xpuq::artifact
