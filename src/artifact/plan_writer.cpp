#include <algorithm>
#include <array>
#include <cstring>

#include "artifact/plan_section.h"
#include "support/check.h"

namespace xpuq::artifact {
namespace {

Json attributes_json(const Attributes& attributes) {
  Json out = Json::object();
  for (const auto& [name, value] : attributes.entries()) {
    // The kind is written out: an empty list, or a whole-numbered float, would not tell it.
    Json entry = Json::array({std::string(1, kAttributeKinds[value.index()])});
    std::visit([&](const auto& v) { entry.push_back(Json(v)); }, value);
    out[name] = std::move(entry);
  }
  return out;
}

Json quant_json(const QuantParams& quant) {
  Json::binary_t::container_type scales(quant.scales.size() * sizeof(float));
  if (!scales.empty()) std::memcpy(scales.data(), quant.scales.data(), scales.size());
  Json out = Json::object();
  out["scales"] = Json::binary(std::move(scales));
  const auto& zeros = quant.zero_points;
  XPUQ_CHECK(zeros.size() == quant.scales.size(), "one zero point per scale");
  if (std::any_of(zeros.begin(), zeros.end(), [](std::int32_t z) { return z != 0; })) out["zero_points"] = zeros;
  if (quant.axis) out["axis"] = *quant.axis;
  return out;
}

Json value_json(const PlanValue& value) {
  Json out = Json::object();
  if (!value.name.empty()) out["name"] = value.name;
  out["type"] = std::string(to_string(value.type.dtype));
  out["shape"] = value.type.shape;
  if (value.type.layout != Layout::plain) out["layout"] = std::string(to_string(value.type.layout));
  if (value.type.quant) out["quant"] = quant_json(*value.type.quant);
  out["place"] = std::string(place_name(value.place));
  if (value.offset != 0) out["offset"] = value.offset;
  return out;
}

Json step_json(const Step& step) {
  Json out = Json::object();
  out["op"] = std::string(to_string(step.op));
  if (!step.attributes.entries().empty()) out["attributes"] = attributes_json(step.attributes);
  out["inputs"] = step.inputs;
  out["outputs"] = step.outputs;
  if (!step.origin.empty()) out["origin"] = step.origin;
  if (step.in_place) out["in_place"] = *step.in_place;
  return out;
}

template <class T, class F>
Json list_json(const std::vector<T>& items, F to_json) {
  Json out = Json::array();
  for (const T& item : items) out.push_back(to_json(item));
  return out;
}

Json plan_json(const Plan& plan) {
  Json out = Json::object();
  out["arena_bytes"] = plan.arena_bytes;
  out["values"] = list_json(plan.values, value_json);
  out["steps"] = list_json(plan.steps, step_json);
  out["inputs"] = plan.inputs;
  out["outputs"] = plan.outputs;
  return out;
}

}  // namespace

std::string_view place_name(Place place) {
  constexpr std::array<std::string_view, 4> names{"input", "output", "arena", "constant"};
  return names[static_cast<std::size_t>(place)];
}

Json plans_to_json(std::span<const Plan> plans) {
  Json list = Json::array();
  for (const Plan& plan : plans) list.push_back(plan_json(plan));
  Json out = Json::object();
  out["plans"] = std::move(list);
  return out;
}

}  // namespace xpuq::artifact
