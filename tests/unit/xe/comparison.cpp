#include "comparison.h"

namespace xe_test {

namespace {

/// Elements of a type: ordinary ones and the ends of the range; zeros, tiny numbers, infinities and none.
std::uint64_t some_element(Type type, std::mt19937& rng) {
  const std::uint64_t any = std::uint64_t{rng()} << 32 | rng();
  const auto choose = [&](std::initializer_list<std::uint64_t> list) { return list.begin()[rng() % list.size()]; };
  const bool special = rng() % 4 == 0;
  switch (type) {
    case Type::f: return special ? choose({0, 0x80000000, 0x7f800000, 0xff800000, 0x7fc00000, 1, 0x807fffff, 0x7f7fffff, 0x3f800000, 0x4b000001, 0x3f000000, 0xbf000000, 0x40200000})
                                 : (any & 0x87ffffff) | 0x38000000;
    case Type::hf: return special ? choose({0, 0x8000, 0x7c00, 0xfc00, 0x7e00, 1, 0x83ff, 0x7bff, 0x3c00, 0x3800, 0x4100}) : (any & 0x9fff) | 0x2000;
    case Type::bf: return special ? choose({0, 0x8000, 0x7f80, 0xff80, 0x7fc0, 1, 0x7f7f, 0x3f80}) : (any & 0x83ff) | 0x3c00;
    case Type::df: return special ? choose({0, 1ull << 63, 0x7ff0ull << 48, 0xfff0ull << 48, 0x7ff8ull << 48, 1, 0x3ff0ull << 48}) : (any & 0x807fffffffffffff) | 0x3f80000000000000;
    default: break;
  }
  const int bits = 8 * size_of(type);
  return special ? choose({0, 1, (1ull << (bits - 1)) - 1, 1ull << (bits - 1), ~0ull, 2, ~1ull}) : rng() % 3 == 0 ? any % 100 : any;
}

void fill(State& s, const Operand& o, int channels, std::mt19937& rng) {
  if (o.file != File::general && o.file != File::accumulator) return;
  const FileRange range = range_of(o.file, s.register_bytes);
  const int size = size_of(o.type);
  for (int k = 0; k < 4 * channels + 8; ++k) {
    const std::uint32_t at = o.reg * range.stride + static_cast<std::uint32_t>(k * size);
    if (at + static_cast<std::uint32_t>(size) > range.bytes) return;
    const std::uint64_t bits = some_element(o.type, rng);
    std::memcpy(s.r.data() + range.base + at, &bits, static_cast<std::size_t>(size));
  }
}

}  // namespace

State some_state(const Instruction& i, Platform platform, std::mt19937& rng) {
  State s;
  s.register_bytes = traits_of(platform).register_bytes;
  for (std::uint32_t k = 0; k < 256u * static_cast<std::uint32_t>(s.register_bytes); ++k) s.r[k] = static_cast<std::uint8_t>(rng());
  for (std::uint32_t k = RegisterFile::accumulator; k < RegisterFile::address; ++k) s.r[k] = static_cast<std::uint8_t>(rng());
  for (const Operand& o : i.source) fill(s, o, i.channels, rng);
  for (int c = 0; c < 32 && i.source[0].file != File::accumulator; ++c) {  // what mac adds to
    const std::uint64_t bits = some_element(Type::f, rng);
    if (is_float(i.source[0].type)) std::memcpy(s.r.data() + RegisterFile::accumulator + 4 * c, &bits, 4);
  }
  for (Wide& x : s.accumulator) x = static_cast<std::int64_t>(std::uint64_t{rng()} << 32 | rng()) >> 8;
  for (auto& row : s.macro) {
    for (double& x : row) x = static_cast<double>(static_cast<float>(rng()) * 0x1p-31f + 0.5f);
  }
  s.active = rng();
  return s;
}

namespace {

void copy_to(OneThread& t, const State& s) {
  std::memcpy(t.t->r, s.r.data(), RegisterFile::zero);
  for (std::size_t k = 0; k < 256; ++k) t.t->wide[k] = static_cast<std::uint64_t>(s.accumulator[k]);
  std::memcpy(t.t->macro, s.macro, sizeof s.macro);
  t.t->dispatch = t.t->active = s.active;
}

/// Element c of the destination as one value: all that are not a number are one.
bool same_element(const std::uint8_t* p, const std::uint8_t* q, Type type, bool approximate) {
  const auto size = static_cast<std::size_t>(size_of(type));
  if (std::memcmp(p, q, size) == 0) return true;
  if (!is_float(type)) return false;
  const Number x = read_number(p, type), y = read_number(q, type);
  if (x.f != x.f || y.f != y.f) return x.f != x.f && y.f != y.f;
  std::uint64_t a = 0, b = 0;
  std::memcpy(&a, p, size);
  std::memcpy(&b, q, size);
  return approximate && (a > b ? a - b : b - a) <= 1;
}

/// "" if the machine did what the model says, else the first byte that differs.
std::string differs(const Instruction& i, OneThread& t, const State& want) {
  const FileRange range = i.destination.file == File::null ? FileRange{} : range_of(i.destination.file, want.register_bytes);
  const std::uint32_t base = range.base + i.destination.reg * range.stride + i.destination.byte;
  std::vector<std::uint8_t> got(t.t->r, t.t->r + RegisterFile::zero), expected(want.r.begin(), want.r.begin() + RegisterFile::zero);
  for (int c = 0; c < i.channels && range.bytes != 0; ++c) {
    const std::size_t at = base + static_cast<std::size_t>(c * i.destination.horizontal * size_of(i.destination.type));
    if (!same_element(&got[at], &expected[at], i.destination.type, want.approximate)) {
      return "channel " + std::to_string(c) + ": " + std::to_string(static_cast<double>(read_number(&got[at], i.destination.type).f)) + " " +
             std::to_string(static_cast<long long>(read_number(&got[at], i.destination.type).i)) + ", not " +
             std::to_string(static_cast<double>(read_number(&expected[at], i.destination.type).f)) + " " +
             std::to_string(static_cast<long long>(read_number(&expected[at], i.destination.type).i));
    }
    std::copy_n(expected.begin() + static_cast<std::ptrdiff_t>(at), size_of(i.destination.type), got.begin() + static_cast<std::ptrdiff_t>(at));
  }
  if (is_float(i.destination.type)) {
    for (int c = 0; c < i.channels && i.writes_accumulator; ++c) {
      const std::size_t at = RegisterFile::accumulator + static_cast<std::size_t>(4 * c);
      if (same_element(&got[at], &expected[at], Type::f, false)) std::copy_n(expected.begin() + static_cast<std::ptrdiff_t>(at), 4, got.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }
  for (const std::uint32_t time : {RegisterFile::timestamp, RegisterFile::ip, RegisterFile::channel_enable}) std::copy_n(expected.begin() + time, 16, got.begin() + time);
  for (std::uint32_t k = 0; k < RegisterFile::zero; ++k) {
    if (got[k] != expected[k]) return "byte " + std::to_string(k) + ": " + std::to_string(got[k]) + ", not " + std::to_string(expected[k]);
  }
  for (std::size_t k = 0; k < 256; ++k) {
    if (size_of(i.destination.type) == 4 && !is_float(i.destination.type) && t.t->wide[k] != static_cast<std::uint64_t>(want.accumulator[k])) return "element " + std::to_string(k) + " of the accumulator";
  }
  return {};
}

}  // namespace

std::string compare_with_model(const Instruction& i, Platform platform, std::mt19937& rng, std::uint32_t control, bool plain) {
  OneThread t(i, platform);
  if (!t.supported()) return "not emulated";
  State s = some_state(i, platform, rng);
  std::memcpy(s.r.data() + RegisterFile::control, &control, 4);
  copy_to(t, s);
  t.run(plain);
  if (t.t->state == ThreadState::failed) return t.worker.problem;
  if (std::string problem = execute(i, s); !problem.empty()) return problem;
  return differs(i, t, s);
}

}  // namespace xe_test
