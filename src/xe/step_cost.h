// How long instructions keep a vector engine busy: throughput only, for estimates.
// Sources: Intel's oneAPI GPU Optimization Guide ("Xe GPU architecture": lanes of the vector and matrix engines), Intel's
// peak TOPS figures on ark.intel.com (rate of dpas: tests/unit/xe/step_cost_test.cpp recomputes them), PRM DG2 volume 9
// (extended math at a quarter of the rate).
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "xe/platform.h"
#include "xe/prepare.h"

namespace xpuq::xe {

/// What one vector engine (EU) with its matrix engine does per clock.
struct EngineRates {
  int lane_bytes = 32;        ///< of operands of the float and integer pipes: 32 are 8 lanes of 32 bits
  int math_lanes = 2;
  int multiply_adds = 128;    ///< 8-bit, of dpas; 0: there is no matrix engine
};
EngineRates engine_rates(Platform platform);
/// 8-bit multiplications and additions per clock: of dpas, or where there is none of dp4a.
std::uint64_t peak_operations(const EngineRates& rates);

inline constexpr std::size_t kPipes = static_cast<std::size_t>(Pipe::control) + 1;

/// What the instructions of a launch are to one vector engine, all threads together.
struct EngineLoad {
  std::array<std::uint64_t, kPipes> cycles{};  ///< that each pipe is busy, by Pipe
  std::uint64_t register_bytes = 0;            ///< read and written
  std::uint64_t loads = 0;                     ///< messages that bring something back
  std::uint64_t operations = 0;                ///< multiplications and additions of dpas, dp4a, mad, mul and add
};

/// `executed[i]`: how often all threads executed step i of the code.
EngineLoad engine_load(const PreparedCode& code, std::span<const std::uint64_t> executed, const EngineRates& rates);

}  // namespace xpuq::xe
