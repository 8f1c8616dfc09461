// A single instruction on the machine and in the model, with the same random registers.
#pragma once

#include <random>
#include <string>

#include "model.h"
#include "one_thread.h"

namespace xe_test {

/// Registers with numbers of the types that the instruction reads: ordinary ones and the ends of the range, zeros, tiny
/// numbers, infinities and none.
State some_state(const Instruction& instruction, Platform platform, std::mt19937& rng);

/// Executes it on both; `control` is cr0.0. "" if the machine did what the model says, else what differs. Values that are
/// not a number are all one; results of `math` may differ by a unit in the last place.
std::string compare_with_model(const Instruction& instruction, Platform platform, std::mt19937& rng, std::uint32_t control = 0, bool plain = false);

}  // namespace xe_test
