// The kernels of fixtures/xe/kernels.cl, and what each must compute, as plain C++.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "xe/machine.h"

namespace xe_test {

using namespace xpuq::xe;

/// A device with a module, and buffers of numbers.
struct Bench {
  Memory memory;
  Machine machine{memory};
  const Module& module;
  Limits limits;
  std::string error;

  explicit Bench(const Module& m) : module(m) {}

  template <class T>
  std::uint64_t upload(const std::vector<T>& v) {
    const std::uint64_t at = memory.allocate(v.size() * sizeof(T), "buffer").value();
    (void)memory.write(at, {reinterpret_cast<const std::uint8_t*>(v.data()), v.size() * sizeof(T)}).ok();
    return at;
  }
  template <class T>
  std::vector<T> download(std::uint64_t at, std::size_t n) {
    std::vector<T> v(n);
    (void)memory.read(at, {reinterpret_cast<std::uint8_t*>(v.data()), n * sizeof(T)}).ok();
    return v;
  }
  /// Whether it ran; else `error`.
  bool run(const std::string& kernel, LaunchShape shape, const std::vector<LaunchArgument>& arguments) {
    const Kernel* k = module.find(kernel);
    if (!k) {
      error = "no kernel " + kernel;
      return false;
    }
    const auto counts = machine.launch(*k, shape, arguments, limits);
    if (!counts) error = counts.error().text();
    return counts.ok();
  }
};

template <class T>
LaunchArgument number(T value) {
  std::vector<std::uint8_t> bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return LaunchArgument::of_bytes(bytes);
}
inline LaunchArgument at(std::uint64_t address) { return LaunchArgument::buffer(address); }

template <class T>
std::vector<T> random_numbers(std::size_t n, unsigned seed) {
  std::mt19937_64 rng(seed);
  std::vector<T> v(n);
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint64_t bits = rng();
    if constexpr (std::is_floating_point_v<T>) {
      v[i] = static_cast<T>(static_cast<double>(static_cast<std::int64_t>(bits >> 11)) * 0x1p-52 - 1.0) * static_cast<T>(1 << (bits & 7)) / 8;
    } else {
      // Small and large values, and the extremes.
      const T x = static_cast<T>(bits >> 8);
      v[i] = (bits & 7) == 0 ? std::numeric_limits<T>::min() : (bits & 7) == 1 ? std::numeric_limits<T>::max() : (bits & 7) < 5 ? static_cast<T>(x % 100) : x;
    }
  }
  return v;
}

inline LaunchShape line(std::uint32_t groups, std::uint32_t size) { return {{size, 1, 1}, {groups, 1, 1}}; }

/// "" if the vectors are equal, else the first difference.
template <class T>
std::string differs(const std::vector<T>& got, const std::vector<T>& want) {
  for (std::size_t i = 0; i < want.size(); ++i) {
    if (std::memcmp(&got[i], &want[i], sizeof(T)) != 0 && !(got[i] == want[i])) {
      return "element " + std::to_string(i) + ": " + std::to_string(got[i]) + ", not " + std::to_string(want[i]);
    }
  }
  return {};
}

inline std::uint32_t collatz(std::uint32_t v) {
  std::uint32_t s = 0;
  while (v != 1 && s < 500) {
    if (v & 1) v = 3 * v + 1;
    else v >>= 1;
    ++s;
    if (v == 7) break;
    if (v % 5 == 0) continue;
    s += 2;
  }
  return s;
}

inline int switches(int v) {
  auto r = 0u;
  const auto uv = static_cast<std::uint32_t>(v);
  for (int k = 0; k < 5; ++k) {
    switch ((uv + static_cast<std::uint32_t>(k)) & 7) {
      case 0: r += 3; break;
      case 1: r *= 5; [[fallthrough]];
      case 2: r ^= static_cast<std::uint32_t>(k); break;
      case 3:
        for (int j = 0; j < (v & 15); ++j) {
          r += static_cast<std::uint32_t>(j);
          if (static_cast<std::int32_t>(r) > 1000) return static_cast<int>(r);
        }
        break;
      case 4:
        if (v & 16) r -= 7;
        else {
          r <<= 1;
          if (r & 8) continue;
        }
        break;
      case 5: r |= 1; [[fallthrough]];
      default: r += uv;
    }
    r &= 0xffff;
  }
  return static_cast<int>(r);
}

using Case = std::function<std::string(Bench&)>;

/// What a kernel wrote, against what it should have.
template <class T>
std::string outcome(Bench& b, bool ran, std::uint64_t out, const std::vector<T>& want) {
  if (!ran) return b.error;
  return differs(b.download<T>(out, want.size()), want);
}

inline std::string run_collatz(Bench& b, const std::string& name) {
  std::vector<std::uint32_t> in(100), want(100);
  for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<std::uint32_t>(i * 37 + 1);
  for (std::size_t i = 0; i < 90; ++i) want[i] = collatz(in[i]);
  const auto a = b.upload(in), out = b.upload(std::vector<std::uint32_t>(100, 0));
  return outcome(b, b.run(name, line(2, 50), {at(a), at(out), number(90)}), out, want);
}

inline std::string run_wide(Bench& b) {
  constexpr std::size_t n = 64;
  const auto x = random_numbers<std::int64_t>(n, 1), y = random_numbers<std::int64_t>(n, 2);
  std::vector<std::int64_t> want(8 * n);
  for (std::size_t i = 0; i < n; ++i) {
    const std::int64_t p = x[i], q = y[i];
    const auto up = static_cast<std::uint64_t>(p), uq = static_cast<std::uint64_t>(q);
    std::int64_t* w = &want[8 * i];
    w[0] = static_cast<std::int64_t>(up * uq);
    w[1] = static_cast<std::int64_t>(static_cast<__int128>(p) * q >> 64);
    w[2] = p >> (q & 63);
    w[3] = static_cast<std::int64_t>(up >> (q & 63));
    w[4] = q == 0 ? 0 : q == -1 ? static_cast<std::int64_t>(0 - up) : p / q;
    w[5] = uq ? static_cast<std::int64_t>(up % uq) : 0;
    w[6] = p < q ? static_cast<std::int64_t>(up - uq) : (up > uq ? static_cast<std::int64_t>(up + uq) : 3);
    w[7] = std::popcount(up) + std::countl_zero(uq);
  }
  const auto a = b.upload(x), c = b.upload(y), out = b.upload(std::vector<std::int64_t>(8 * n));
  return outcome(b, b.run("wide", line(2, 32), {at(a), at(c), at(out)}), out, want);
}

inline std::string run_ints(Bench& b) {
  constexpr std::size_t n = 96;
  auto x = random_numbers<std::int32_t>(n, 3), y = random_numbers<std::int32_t>(n, 4);
  std::vector<std::int32_t> want(16 * n);
  const auto clamp = [](std::int64_t v) { return static_cast<std::int32_t>(std::clamp<std::int64_t>(v, INT32_MIN, INT32_MAX)); };
  for (std::size_t i = 0; i < n; ++i) {
    const std::int64_t p = x[i], q = y[i];
    const auto up = static_cast<std::uint32_t>(x[i]), uq = static_cast<std::uint32_t>(y[i]);
    std::int32_t* w = &want[16 * i];
    const auto s = [](std::uint64_t v) { return static_cast<std::int32_t>(static_cast<std::uint32_t>(v)); };
    w[0] = q ? s(static_cast<std::uint64_t>(p / q)) : 0;
    w[1] = s((up >> 1) / (uq | 1));
    w[2] = q ? s(static_cast<std::uint64_t>(p % q)) : 0;
    w[3] = s(static_cast<std::uint64_t>(p * q >> 32));
    w[4] = s(std::uint64_t{up} * uq >> 32);
    w[5] = s(std::rotl(up, static_cast<int>(uq & 31)));
    w[6] = clamp(p + q);
    w[7] = s(up > uq ? up - uq : 0);
    w[8] = s(static_cast<std::uint64_t>((p + q) >> 1));
    w[9] = s((std::uint64_t{up} + uq + 1) >> 1);
    w[10] = s(static_cast<std::uint64_t>(p > q ? p - q : q - p));
    w[11] = std::countl_zero(up) + std::countr_zero(uq);
    w[12] = std::popcount(up);
    w[13] = clamp(p * 3 + q);
    w[14] = s((up << (uq & 31)) ^ static_cast<std::uint32_t>(x[i] >> (uq & 31)));
    w[15] = s((up & ~0x0ff00ff0u) | (uq & 0x0ff00ff0u));
  }
  const auto a = b.upload(x), c = b.upload(y), out = b.upload(std::vector<std::int32_t>(16 * n));
  return outcome(b, b.run("ints", line(3, 32), {at(a), at(c), at(out)}), out, want);
}

inline std::string run_bytes(Bench& b) {
  constexpr std::size_t n = 128;
  const auto x = random_numbers<std::int8_t>(n, 5);
  const auto y = random_numbers<std::uint8_t>(n, 6);
  const auto z = random_numbers<std::int16_t>(n, 7);
  std::vector<std::int8_t> want8(2 * n);
  std::vector<std::uint16_t> want16(2 * n);
  std::vector<float> wantf(n);
  for (std::size_t i = 0; i < n; ++i) {
    want8[i] = static_cast<std::int8_t>(std::clamp(x[i] * y[i] / 7, -128, 127));
    want16[i] = static_cast<std::uint16_t>(std::clamp(z[i] * 3 + x[i], 0, 65535));
    wantf[i] = static_cast<float>(x[i]) + static_cast<float>(y[i]) * 0.5f + static_cast<float>(z[i]);
    want8[n + i] = static_cast<std::int8_t>(std::clamp(std::nearbyint(wantf[i] * 0.01f), -128.f, 127.f));
    want16[n + i] = static_cast<std::uint16_t>((z[i] >> 2) ^ y[i]);
  }
  const auto a = b.upload(x), c = b.upload(y), d = b.upload(z);
  const auto o8 = b.upload(std::vector<std::int8_t>(2 * n)), o16 = b.upload(std::vector<std::uint16_t>(2 * n)), of = b.upload(std::vector<float>(n));
  const bool ran = b.run("bytes", line(2, 64), {at(a), at(c), at(d), at(o8), at(o16), at(of)});
  std::string text = outcome(b, ran, o8, want8);
  if (text.empty()) text = outcome(b, ran, o16, want16);
  return text.empty() ? outcome(b, ran, of, wantf) : text;
}

inline std::string run_local(Bench& b) {
  constexpr std::size_t n = 256, size = 64;
  const auto x = random_numbers<std::int32_t>(n, 8);
  std::vector<std::int32_t> want(n / size);
  for (std::size_t i = 0; i < n; ++i) want[i / size] = static_cast<std::int32_t>(static_cast<std::uint32_t>(want[i / size]) + static_cast<std::uint32_t>(x[i]));
  const auto a = b.upload(x), out = b.upload(std::vector<std::int32_t>(n / size));
  std::string text = outcome(b, b.run("local_sum", line(n / size, size), {at(a), at(out), LaunchArgument::local(4 * size)}), out, want);
  if (!text.empty()) return text;
  const auto f = random_numbers<float>(n, 9);
  std::vector<float> wantf(n);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t l = i % 64;
    wantf[i] = f[i - l + 63 - l] + static_cast<float>(static_cast<std::uint8_t>(((l + 5) & 63) * 7));
  }
  const auto c = b.upload(f), of = b.upload(std::vector<float>(n));
  return outcome(b, b.run("local_fixed", line(n / 64, 64), {at(c), at(of)}), of, wantf);
}

inline std::string run_private(Bench& b) {
  constexpr int n = 48, items = 128;
  std::vector<std::int32_t> in(n), want(items);
  for (int i = 0; i < n; ++i) in[static_cast<std::size_t>(i)] = (i * 29 + 11) % 1000;
  for (int i = 0; i < items; ++i) {
    std::int32_t a[64];
    for (int k = 0; k < 64; ++k) a[k] = in[static_cast<std::size_t>((i + k) % n)] * k;
    for (int k = 0; k < n; ++k) {
      const int j = in[static_cast<std::size_t>(k)] & 63, t = a[j];
      a[j] = a[63 - j] + k;
      a[63 - j] = t;
    }
    std::uint32_t s = 0;
    for (int k = 0; k < 64; ++k) s = s * 31 + static_cast<std::uint32_t>(a[k]);
    want[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(s);
  }
  const auto a = b.upload(in), out = b.upload(std::vector<std::int32_t>(items));
  return outcome(b, b.run("private_mem", line(2, 64), {at(a), at(out), number(n)}), out, want);
}

inline std::string run_atomics(Bench& b) {
  constexpr std::size_t n = 192;
  std::vector<std::int32_t> in(n), start = {5, 100000, -100000, 0, 0x5a5a, -1, 0, 0, 0, 0, 7, 3}, want = start;
  for (std::size_t i = 0; i < n; ++i) in[i] = static_cast<std::int32_t>(i * 7919 % 4001) - 2000;
  for (std::size_t i = 0; i < n; ++i) {
    const std::int32_t v = in[i];
    want[0] += v;
    want[1] = std::min(want[1], v);
    want[2] = std::max(want[2], v);
    want[3] |= v;
    want[4] ^= v;
    want[5] &= v;
    want[6] += 1;
    want[8] += want[7];
    want[7] += 1;
    want[9] += v;
    want[10] -= v;
    want[11] -= 1;
  }
  const auto a = b.upload(in), out = b.upload(start);
  return outcome(b, b.run("atomics", line(3, 64), {at(out), at(a)}), out, want);
}

inline std::string run_small(Bench& b) {
  constexpr std::size_t n = 96;
  const auto x = random_numbers<std::int32_t>(n, 10);
  static constexpr int table[16] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3};
  std::vector<std::int32_t> want(n);
  for (std::size_t i = 0; i < n; ++i) want[i] = table[x[i] & 15] + static_cast<int>(i / 32) * 100 + 3000;
  const auto a = b.upload(x), out = b.upload(std::vector<std::int32_t>(n));
  std::string text = outcome(b, b.run("consts", line(3, 32), {at(a), at(out)}), out, want);
  if (!text.empty()) return "consts: " + text;

  constexpr int w = 12, h = 6, d = 4;
  want.assign(w * h * d, 0);
  for (int z = 0; z < d; ++z) {
    for (int y = 0; y < h; ++y) {
      for (int p = 0; p < w; ++p) {
        want[static_cast<std::size_t>((z * h + y) * w + p)] = p + 10 * y + 100 * z + 1000 * (y % 3) + 10000 * (z / 2) + 100000 * 4;
      }
    }
  }
  const auto volume = b.upload(std::vector<std::int32_t>(w * h * d));
  text = outcome(b, b.run("three", {{4, 3, 2}, {3, 2, 2}}, {at(volume), number(w), number(h)}), volume, want);
  if (!text.empty()) return "three: " + text;

  struct S {
    std::int32_t a;
    float b;
    std::int8_t c;
    std::int8_t pad[3];
  };
  struct Four {
    std::int32_t s[4];
  };
  want.assign(16, 0);
  for (int i = 0; i < 16; ++i) want[static_cast<std::size_t>(i)] = 1000 + 42 - 3 + 5 * 6 - 7 + 8 + 9 + 77 + i;
  const auto values = b.upload(std::vector<std::int32_t>(16));
  text = outcome(b, b.run("byvalue", line(1, 16), {at(values), number(S{1000, 42.5f, -3, {}}), number(Four{{5, 6, 7, 8}}), number(std::int8_t{9}), number(std::uint64_t{77} << 32)}), values, want);
  if (!text.empty()) return "byvalue: " + text;

  want.assign(4 * n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t first = i / 16 * 16;
    std::uint32_t sum = 0, scan = 0;
    std::int32_t most = INT32_MIN;
    for (std::size_t k = first; k < first + 16; ++k) {
      sum += static_cast<std::uint32_t>(x[k]);
      most = std::max(most, x[k]);
      if (k <= i) scan += static_cast<std::uint32_t>(x[k]);
    }
    want[4 * i] = x[first + (((i - first) * 5 + 3) & 15)];
    want[4 * i + 1] = static_cast<std::int32_t>(sum);
    want[4 * i + 2] = most;
    want[4 * i + 3] = static_cast<std::int32_t>(scan);
  }
  const auto four = b.upload(std::vector<std::int32_t>(4 * n));
  text = outcome(b, b.run("shuffles", line(3, 32), {at(a), at(four)}), four, want);
  if (!text.empty()) return "shuffles: " + text;

  std::vector<std::int32_t> v(n);
  want.assign(n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    v[i] = static_cast<std::int32_t>(i * 13);
    want[i] = switches(v[i]);
  }
  const auto sv = b.upload(v), so = b.upload(std::vector<std::int32_t>(n));
  text = outcome(b, b.run("switches", line(3, 32), {at(sv), at(so)}), so, want);
  return text.empty() ? text : "switches: " + text;
}

/// Math functions: a few units in the last place are the library's, not the emulator's.
inline std::string run_maths(Bench& b) {
  constexpr std::size_t n = 64;
  auto x = random_numbers<float>(n, 11), y = random_numbers<float>(n, 12);
  const auto a = b.upload(x), c = b.upload(y), out = b.upload(std::vector<float>(16 * n));
  if (!b.run("maths", line(2, 32), {at(a), at(c), at(out)})) return b.error;
  const auto got = b.download<float>(out, 16 * n);
  for (std::size_t i = 0; i < n; ++i) {
    const double p = x[i], q = y[i];
    const double want[16] = {p / q, std::sqrt(std::fabs(p)), std::exp(p), std::log(static_cast<double>(std::fabs(x[i]) + 0.5f)), std::sin(p), std::cos(p),
                             std::pow(std::fabs(p), q), std::tanh(p), std::floor(p) + std::ceil(q) + std::nearbyint(p) + std::trunc(q),
                             std::fmin(p, q) + std::fmax(p, q), p * q + 1.5, std::exp(p) + 1 / q, std::erf(p), std::fmod(p, q), 1 / std::sqrt(std::fabs(p) + 1),
                             static_cast<double>(static_cast<std::uint32_t>(static_cast<std::int32_t>(std::nearbyint(p))) + (q < 0 ? 0u : static_cast<std::uint32_t>(q)) + (p > q ? 1u : 0u))};
    for (std::size_t k = 0; k < 16; ++k) {
      const double error = std::fabs(got[16 * i + k] - want[k]), scale = std::max(std::fabs(want[k]), k == 8 || k == 9 || k == 13 || k == 15 ? 1.0 : 1e-2);
      if (!(error <= scale * 2e-6)) {
        return "function " + std::to_string(k) + " of " + std::to_string(p) + ", " + std::to_string(q) + ": " + std::to_string(got[16 * i + k]) + ", not " + std::to_string(want[k]);
      }
    }
  }
  return {};
}

inline std::string run_doubles(Bench& b) {
  constexpr std::size_t n = 64;
  const auto x = random_numbers<double>(n, 13), y = random_numbers<double>(n, 14);
  std::vector<double> want(8 * n);
  for (std::size_t i = 0; i < n; ++i) {
    const double p = x[i], q = y[i];
    const double w[8] = {p + q, p * q, std::fma(p, q, 0.1), p / q, std::sqrt(std::fabs(p)), static_cast<double>(static_cast<float>(p)) + static_cast<int>(q),
                         std::floor(p) + std::fmax(p, q), (p < q ? 1 : 2) + static_cast<double>(static_cast<std::int64_t>(p))};
    std::copy(w, w + 8, want.begin() + static_cast<std::ptrdiff_t>(8 * i));
  }
  const auto a = b.upload(x), c = b.upload(y), out = b.upload(std::vector<double>(8 * n));
  return outcome(b, b.run("doubles", line(2, 32), {at(a), at(c), at(out)}), out, want);
}

/// A half, exactly rounded from a double that has no more than 53 bits.
inline std::uint16_t nearest_half(double x) {
  std::uint16_t best = 0;
  double error = 1e300;
  for (std::uint32_t h = 0; h < 0x7c00; ++h) {
    const double value = (h >> 10) == 0 ? std::ldexp(h & 1023, -24) : std::ldexp((h & 1023) + 1024, static_cast<int>(h >> 10) - 25);
    const double e = std::fabs(std::fabs(x) - value);
    if (e < error || (e == error && (h & 1) == 0)) {
      error = e;
      best = static_cast<std::uint16_t>(h);
    }
  }
  return static_cast<std::uint16_t>(best | (std::signbit(x) ? 0x8000 : 0));
}

inline std::string run_halves(Bench& b) {
  constexpr std::size_t n = 64;
  const auto real = [](std::uint16_t h) {
    const double value = (h >> 10 & 31) == 0 ? std::ldexp(h & 1023, -24) : std::ldexp((h & 1023) + 1024, (h >> 10 & 31) - 25);
    return h & 0x8000 ? -value : value;
  };
  std::vector<std::uint16_t> x(n), y(n), want(5 * n);
  std::vector<float> wantf(n);
  std::mt19937 rng(15);
  for (std::size_t i = 0; i < n; ++i) {
    // Exponents around one, so that nothing overflows.
    x[i] = static_cast<std::uint16_t>((rng() & 0x83ff) | (10 + rng() % 8) << 10);
    y[i] = static_cast<std::uint16_t>((rng() & 0x83ff) | (10 + rng() % 8) << 10);
    const double p = real(x[i]), q = real(y[i]);
    want[4 * i] = nearest_half(p + q);
    want[4 * i + 1] = nearest_half(p * q);
    want[4 * i + 2] = nearest_half(p * q + 1.5);
    want[4 * i + 3] = p > q ? x[i] : static_cast<std::uint16_t>(y[i] ^ 0x8000);
    wantf[i] = static_cast<float>(p) * 2.0f;
    want[4 * n + i] = nearest_half(static_cast<double>(wantf[i] * 0.3f));
  }
  const auto a = b.upload(x), c = b.upload(y), out = b.upload(std::vector<std::uint16_t>(5 * n)), of = b.upload(std::vector<float>(n));
  const bool ran = b.run("halves", line(2, 32), {at(a), at(c), at(out), at(of)});
  const std::string text = outcome(b, ran, out, want);
  return text.empty() ? outcome(b, ran, of, wantf) : text;
}

inline std::uint32_t call_helper(std::uint32_t a, std::uint32_t n) {
  std::uint32_t s = 0;
  for (std::uint32_t i = 0; static_cast<std::int32_t>(i) < static_cast<std::int32_t>(n); ++i) s = s * 3 + (a ^ i);
  return s;
}

inline std::string run_calls(Bench& b) {
  constexpr std::size_t n = 96;
  std::vector<std::int32_t> in(n), want(n), want_loops(n);
  for (std::size_t i = 0; i < n; ++i) {
    in[i] = static_cast<std::int32_t>(i * 5 + 3);
    const auto v = static_cast<std::uint32_t>(in[i]);
    std::uint32_t r = call_helper(v, v & 7) + call_helper(v + 1, v & 3);
    if (v & 1) r += call_helper(v, 5);
    want[i] = static_cast<std::int32_t>(r);
    std::int32_t x = in[i], s = 0;
    for (int p = 0; p < (x & 7); ++p) {
      for (int q = 0; q < p; ++q) {
        if (((x >> q) & 1) == 0) continue;
        if (s > 50) break;
        s += p * q + 1;
      }
      int k = 0;
      do {
        s ^= x;
        x = (x >> 1) + 3;
      } while ((x & 3) != 0 && s < 100 && ++k < 6);
      if (s == 77) break;
    }
    want_loops[i] = s;
  }
  const auto a = b.upload(in), out = b.upload(std::vector<std::int32_t>(n));
  std::string text = outcome(b, b.run("calls", line(3, 32), {at(a), at(out)}), out, want);
  if (!text.empty()) return "calls: " + text;
  text = outcome(b, b.run("loops", line(3, 32), {at(a), at(out)}), out, want_loops);
  return text.empty() ? text : "loops: " + text;
}

inline std::string run_vectors(Bench& b) {
  constexpr std::size_t n = 64;
  const auto x = random_numbers<std::uint8_t>(16 * n, 20);
  const auto y = random_numbers<std::int16_t>(8 * n, 21);
  std::vector<float> want(4 * n);
  std::vector<std::uint8_t> want3(3 * n);
  std::vector<std::uint32_t> in = random_numbers<std::uint32_t>(n, 22), bits(4 * n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < 4; ++k) want[4 * i + k] = static_cast<float>(x[16 * i + k]) * static_cast<float>(y[8 * i + 4 + k]) + static_cast<float>(x[16 * i + 12 + k]);
    const std::size_t lanes_of[3] = {5, 10, 1};
    for (std::size_t k = 0; k < 3; ++k) want3[3 * i + k] = static_cast<std::uint8_t>(x[16 * i + lanes_of[k]] ^ static_cast<std::uint8_t>(y[8 * i + k]));
    const std::uint32_t v = in[i];
    bits[4 * i] = (v & 0xffff) | ((v << 3 & 0xff000000) ^ (v >> 7));
    bits[4 * i + 1] = ((v >> 5) & 0x1f) << 9 | (v & 3);
    bits[4 * i + 2] = static_cast<std::uint32_t>(static_cast<std::int32_t>(v << 11) >> 21);
    // mul24 is defined for 24-bit values only.
    in[i] = v & 0x7fffff;
    const std::uint32_t w = in[i];
    bits[4 * i] = (w & 0xffff) | ((w << 3 & 0xff000000) ^ (w >> 7));
    bits[4 * i + 1] = ((w >> 5) & 0x1f) << 9 | (w & 3);
    bits[4 * i + 2] = static_cast<std::uint32_t>(static_cast<std::int32_t>(w << 11) >> 21);
    bits[4 * i + 3] = (static_cast<std::uint32_t>(static_cast<std::uint16_t>(w >> 8)) << 16 | static_cast<std::uint16_t>(w * 3)) + w * 77 + w * 5 + 9;
  }
  const auto a = b.upload(x), c = b.upload(y), o = b.upload(std::vector<float>(4 * n)), p = b.upload(std::vector<std::uint8_t>(3 * n));
  std::string text = outcome(b, b.run("vloads", line(2, 32), {at(a), at(c), at(o), at(p)}), o, want);
  if (text.empty()) text = differs(b.download<std::uint8_t>(p, want3.size()), want3);
  if (!text.empty()) return "vloads: " + text;
  const auto s = b.upload(in), t = b.upload(std::vector<std::uint32_t>(4 * n));
  text = outcome(b, b.run("bits", line(2, 32), {at(s), at(t)}), t, bits);
  if (!text.empty()) return "bits: " + text;
  std::vector<std::uint32_t> start = {10, 1000, 0}, counts = {10 + 3 * n, 1000 + 2 * n, 0};
  for (std::size_t i = 0; i < n; ++i) counts[2] += static_cast<std::uint32_t>(i * ((i & 3) + 1));
  const auto u = b.upload(start);
  text = outcome(b, b.run("atom2", line(2, 32), {LaunchArgument::null(), LaunchArgument::null(), at(u)}), u, counts);
  return text.empty() ? text : "atom2: " + text;
}

struct NamedCase {
  const char* name;
  const char* kernel;  ///< that the module must have
  Case run;
};

inline std::vector<NamedCase> opencl_cases() {
  return {{"divergent loop, 8 channels", "collatz8", [](Bench& b) { return run_collatz(b, "collatz8"); }},
          {"divergent loop, 16 channels", "collatz16", [](Bench& b) { return run_collatz(b, "collatz16"); }},
          {"divergent loop, 32 channels", "collatz32", [](Bench& b) { return run_collatz(b, "collatz32"); }},
          {"64-bit integers", "wide", run_wide},
          {"32-bit integers", "ints", run_ints},
          {"bytes and shorts", "bytes", run_bytes},
          {"local memory and barriers", "local_sum", run_local},
          {"private memory", "private_mem", run_private},
          {"atomics", "atomics", run_atomics},
          {"constants, ids, values, shuffles, switches", "consts", run_small},
          {"subroutines and nested loops", "calls", run_calls},
          {"vectors, bit fields, C11 atomics", "vloads", run_vectors},
          {"math functions", "maths", run_maths},
          {"double precision", "doubles", run_doubles},
          {"half precision", "halves", run_halves}};
}

}  // namespace xe_test
