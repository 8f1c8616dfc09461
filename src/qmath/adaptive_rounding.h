// Rounding of weights that asks what a layer's output makes of it (Nagel et al. 2020, "Up or Down? Adaptive Rounding for
// Post-Training Quantization", section 3.2): for every row w of a layer, the codes c in {floor(w/s), ceil(w/s)} with the
// least E[(x (s c - w))^2] = d H d^T, where d = s c - w and H = E[x x^T] over the layer's inputs. The paper relaxes this
// quadratic binary problem and follows its gradient; here it is descended coordinate by coordinate from the nearest
// codes, which needs no step size, no seed and no epochs, and never ends above nearest rounding.
#pragma once

#include <cstdint>
#include <span>

namespace xpuq::qmath {

/// moments += x x^T; `moments` is taps x taps.
void add_moments(std::span<const float> x, std::span<float> moments);

/// Improves `codes` (one row: taps elements, nearest rounding of w/scale) in place. `moments` is H, taps x taps,
/// symmetric, in any positive unit. Codes stay in [-128, 127]. Deterministic.
void round_adaptively(std::span<const float> weights, float scale, std::span<const float> moments, std::span<std::int8_t> codes);

}  // namespace xpuq::qmath
