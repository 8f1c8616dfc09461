// The seeded numbers of pt2e-semantics 2.7 and the hash that its tables are given in.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

namespace xpuq::test {

/// transform "uni": t; "relu": max(t, 0); "cube": fl(fl(t*t)*t), then fl(fl(. * multiplier) + offset).
inline std::vector<float> lcg_batch(std::uint32_t seed, std::size_t size, const std::string& transform,
                                    float multiplier = 1.0f, float offset = 0.0f) {
  std::vector<float> out(size);
  std::uint32_t s = seed;
  for (float& v : out) {
    s = s * 1664525u + 1013904223u;
    const float t = static_cast<float>(s >> 8) * 0x1p-23f - 1.0f;
    v = transform == "relu" ? (t > 0 ? t : 0.0f) : transform == "cube" ? t * t * t : t;
    v = v * multiplier + offset;
  }
  return out;
}

/// 64-bit FNV-1a over the little-endian bytes.
inline std::uint64_t fnv64(std::span<const float> values) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const float v : values) {
    std::uint32_t bits;
    std::memcpy(&bits, &v, sizeof bits);
    for (int shift = 0; shift < 32; shift += 8) hash = (hash ^ ((bits >> shift) & 0xff)) * 0x100000001b3u;
  }
  return hash;
}

/// torch.linspace(first, last, n) for test inputs, plain f64 rounded once.
inline std::vector<float> ramp(double first, double last, std::size_t n) {
  std::vector<float> out(n);
  for (std::size_t i = 0; i < n; ++i)
    out[i] = static_cast<float>(first + (last - first) * static_cast<double>(i) / static_cast<double>(n - 1));
  return out;
}

}  // namespace xpuq::test
