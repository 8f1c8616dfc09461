#include "xe/step_cost.h"

#include <algorithm>

namespace xpuq::xe {
namespace {

std::uint64_t divided_up(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

/// Half precision runs at twice the rate of single; smaller integers at the rate of 32 bits.
std::uint64_t lane_bytes(Type type) {
  return type == Type::hf || type == Type::bf ? 2 : static_cast<std::uint64_t>(std::max(size_of(type), 4));
}

std::uint64_t widest_lane(const Step& s) {
  std::uint64_t bytes = s.destination.none ? 0 : lane_bytes(s.destination.type);
  for (const Source& source : s.source)
    if (source.type != Type::none) bytes = std::max(bytes, lane_bytes(source.type));
  return std::max<std::uint64_t>(bytes, 2);
}

std::uint64_t cycles_of(const Step& s, const EngineRates& rates) {
  const std::uint64_t channels = s.channels;
  switch (s.pipe) {
    case Pipe::integer:
    case Pipe::floating: return divided_up(channels * widest_lane(s), static_cast<std::uint64_t>(rates.lane_bytes));
    case Pipe::math: return divided_up(channels, static_cast<std::uint64_t>(rates.math_lanes));
    case Pipe::systolic:
      // A stage takes 32 bits of each operand whatever they hold: 4 products of 8 bits, 2 of 16.
      return divided_up(channels * s.depth * s.repeat * 4, static_cast<std::uint64_t>(std::max(rates.multiply_adds, 1)));
    default: return 1;  // issued, and then somebody else's work
  }
}

std::uint64_t register_bytes_of(const Step& s) {
  const std::uint64_t channels = s.channels;
  std::uint64_t bytes = s.destination.none ? 0 : channels * static_cast<std::uint64_t>(size_of(s.destination.type));
  if (s.pipe == Pipe::systolic) {
    // Accumulators in and out, weights (depth x channels words), sources (depth x repeat words).
    return 4 * (channels * s.repeat * 2 + channels * s.depth + std::uint64_t{s.depth} * s.repeat);
  }
  for (const Source& source : s.source) {
    if (source.type == Type::none || source.fixed != nullptr) continue;
    bytes += static_cast<std::uint64_t>(size_of(source.type)) * (source.shape == Shape::scalar ? 1 : channels);
  }
  return bytes;
}

std::uint64_t operations_of(const Step& s) {
  switch (s.opcode) {
    case Opcode::dpas:
    case Opcode::dpasw: {
      const int bits = std::max(bits_of(s.source[1].type), bits_of(s.source[2].type));
      return 2 * static_cast<std::uint64_t>(32 / std::max(bits, 1)) * s.channels * s.depth * s.repeat;
    }
    case Opcode::dp4a: return 8u * s.channels;
    case Opcode::mad: return 2u * s.channels;
    case Opcode::add:
    case Opcode::mul: return s.channels;
    default: return 0;
  }
}

}  // namespace

std::uint64_t peak_operations(const EngineRates& rates) {
  if (rates.multiply_adds != 0) return 2 * static_cast<std::uint64_t>(rates.multiply_adds);
  return 8 * static_cast<std::uint64_t>(rates.lane_bytes) / 4;
}

EngineRates engine_rates(Platform platform) {
  switch (traits_of(platform).encoding) {
    case Encoding::hpg: return {32, 2, traits_of(platform).has_dpas ? 128 : 0};
    case Encoding::hpc: return {64, 4, 512};
    case Encoding::xe2: return {64, 4, 256};
  }
  return {};
}

EngineLoad engine_load(const PreparedCode& code, std::span<const std::uint64_t> executed, const EngineRates& rates) {
  EngineLoad load;
  for (std::size_t i = 0; i < executed.size(); ++i) {
    const std::uint64_t times = executed[i];
    if (times == 0) continue;
    const Step& s = code.steps[i];
    load.cycles[static_cast<std::size_t>(s.pipe)] += times * cycles_of(s, rates);
    load.register_bytes += times * register_bytes_of(s);
    load.operations += times * operations_of(s);
    load.loads += s.pipe == Pipe::message && !s.destination.none ? times : 0;
  }
  return load;
}

}  // namespace xpuq::xe
