#include "gpu/ports.h"

#include <map>

namespace xpuq::gpu {
namespace {

Ports lay_out(const Plan& plan, std::span<const std::uint32_t> values, Arena arena) {
  Ports ports;
  std::map<std::uint32_t, Range> placed;
  for (std::uint32_t v : values) {
    const auto [it, fresh] = placed.try_emplace(v, Range{arena, ports.bytes, plan.values[v].type.bytes()});
    if (fresh) ports.bytes += align_gpu(it->second.bytes);
    ports.ranges.push_back(it->second);
  }
  return ports;
}

}  // namespace

Ports input_ports(const Plan& plan) { return lay_out(plan, plan.inputs, Arena::input); }
Ports output_ports(const Plan& plan) { return lay_out(plan, plan.outputs, Arena::output); }

}  // namespace xpuq::gpu
