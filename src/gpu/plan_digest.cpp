#include "gpu/verify.h"
#include "support/sha256.h"

namespace xpuq::gpu {
namespace {

void add(Sha256& hash, std::string_view text) { hash.update_u64(text.size()).update(text); }

void add(Sha256& hash, const std::vector<std::uint32_t>& list) {
  hash.update_u64(list.size());
  for (std::uint32_t n : list) hash.update_u64(n);
}

void add(Sha256& hash, const TensorType& type) {
  add(hash, to_string(type.dtype));
  add(hash, to_string(type.shape));
  add(hash, to_string(type.layout));
  hash.update_u64(type.quant ? 1 : 0);
  if (!type.quant) return;
  hash.update_u64(static_cast<std::uint64_t>(type.quant->axis.value_or(-1)));
  hash.update_u64(type.quant->scales.size()).update(std::as_bytes(std::span(type.quant->scales)));
  for (std::int32_t z : type.quant->zero_points) hash.update_u64(static_cast<std::uint64_t>(z));
}

}  // namespace

std::string plan_digest(const Plan& plan) {
  Sha256 hash;
  hash.update_u64(plan.constants.size()).update_u64(plan.values.size()).update_u64(plan.steps.size());
  for (const PlanValue& v : plan.values) {
    add(hash, v.type);
    hash.update_u64(static_cast<std::uint64_t>(v.place)).update_u64(v.place == Place::constant ? v.offset : 0);
  }
  for (const Step& s : plan.steps) {
    add(hash, to_string(s.op));
    add(hash, to_string(s.attributes));
    add(hash, s.inputs);
    add(hash, s.outputs);
    hash.update_u64(s.in_place ? *s.in_place + 1 : 0);
  }
  add(hash, plan.inputs);
  add(hash, plan.outputs);
  return hash.hex();
}

}  // namespace xpuq::gpu
