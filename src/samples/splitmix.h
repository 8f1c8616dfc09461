// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every platform and library, unlike <random>'s
// distributions.
#pragma once

#include <cstdint>

namespace xpuq::samples {

class SplitMix {
 public:
  explicit SplitMix(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
  }

  /// Uniform over 0..n-1, n > 0, without bias.
  std::uint64_t below(std::uint64_t n) {
    const std::uint64_t unfair = (0 - n) % n;  // 2^64 mod n
    std::uint64_t x = next();
    while (x < unfair) x = next();
    return x % n;
  }

 private:
  std::uint64_t state_;
};

}  // namespace xpuq::samples
