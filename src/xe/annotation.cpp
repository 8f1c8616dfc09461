#include "xe/annotation.h"

namespace xpuq::xe {
namespace {

Annotation distance(DistancePipe pipe, std::uint32_t n) {
  Annotation a;
  if (n == 0) return a;
  a.pipe = pipe;
  a.distance = static_cast<std::uint8_t>(n);
  return a;
}

Annotation token(TokenUse use, std::uint32_t id) {
  Annotation a;
  a.use = use;
  a.token = static_cast<std::uint8_t>(id);
  return a;
}

Annotation both(DistancePipe pipe, std::uint32_t n, TokenUse use, std::uint32_t id) {
  Annotation a = distance(pipe, n);
  a.use = use;
  a.token = static_cast<std::uint8_t>(id);
  return a;
}

Annotation unknown() {
  Annotation a;
  a.known = false;
  return a;
}

/// 1 ddd tttt: both; else the upper five bits say what the rest means.
Annotation decode_hpg(std::uint32_t bits, AnnotatedKind kind) {
  const std::uint32_t id = bits & 15;
  if (bits & 0x80) {
    const bool in_order = kind == AnnotatedKind::in_order;
    return both(kind == AnnotatedKind::message ? DistancePipe::all : DistancePipe::own, bits >> 4 & 7,
                in_order ? TokenUse::destination : TokenUse::set, id);
  }
  switch (bits >> 3) {
    case 0: return distance(DistancePipe::own, bits & 7);
    case 1: return distance(DistancePipe::all, bits & 7);
    case 2: return distance(DistancePipe::floating, bits & 7);
    case 3: return distance(DistancePipe::integer, bits & 7);
    case 10: return distance(DistancePipe::wide, bits & 7);
    default: break;
  }
  switch (bits >> 4) {
    case 2: return token(TokenUse::destination, id);
    case 3: return token(TokenUse::source, id);
    case 4: return token(TokenUse::set, id);
    default: return unknown();
  }
}

/// mm ddd ttttt, mm not 0: both.
Annotation decode_hpc(std::uint32_t bits, AnnotatedKind kind, bool xe3) {
  constexpr std::uint32_t no_accumulator_set = 0xf0;
  const std::uint32_t id = bits & 31, mode = bits >> 8;
  if (bits == no_accumulator_set) {
    Annotation a;
    a.no_accumulator_set = true;
    return a;
  }
  if (mode != 0) {
    static constexpr DistancePipe of_message[] = {DistancePipe::all, DistancePipe::floating, DistancePipe::integer};
    static constexpr TokenUse of_systolic[] = {TokenUse::set, TokenUse::source, TokenUse::destination};
    static constexpr TokenUse of_other[] = {TokenUse::destination, TokenUse::source, TokenUse::destination};
    const std::uint32_t n = bits >> 5 & 7;
    if (kind == AnnotatedKind::message) return both(of_message[mode - 1], n, TokenUse::set, id);
    if (kind == AnnotatedKind::systolic) return both(DistancePipe::own, n, of_systolic[mode - 1], id);
    return both(mode == 3 ? DistancePipe::all : DistancePipe::own, n, of_other[mode - 1], id);
  }
  switch (bits >> 5) {
    case 4: return token(TokenUse::destination, id);
    case 5: return token(TokenUse::source, id);
    case 6: return token(TokenUse::set, id);
    default: break;
  }
  static constexpr DistancePipe pipes[] = {DistancePipe::own,  DistancePipe::all,  DistancePipe::floating, DistancePipe::integer,
                                           DistancePipe::wide, DistancePipe::math, DistancePipe::scalar};
  const std::uint32_t pipe = bits >> 3;
  return pipe < (xe3 ? 7u : 6u) ? distance(pipes[pipe], bits & 7) : unknown();
}

}  // namespace

Annotation decode_annotation(Platform platform, std::uint32_t bits, AnnotatedKind kind) {
  const PlatformTraits& traits = traits_of(platform);
  return traits.encoding == Encoding::hpg ? decode_hpg(bits, kind) : decode_hpc(bits, kind, traits.xe3);
}

std::string text_of(const Annotation& a) {
  static constexpr const char* pipes[] = {"", "", "A", "F", "I", "L", "M", "S"};
  static constexpr const char* uses[] = {"", "", ".src", ".dst"};
  if (!a.known) return "?";
  std::string text;
  if (a.pipe != DistancePipe::none) text = std::string(pipes[static_cast<int>(a.pipe)]) + "@" + std::to_string(a.distance);
  if (a.use != TokenUse::none) {
    if (!text.empty()) text += ",";
    text += "$" + std::to_string(a.token) + uses[static_cast<int>(a.use)];
  }
  if (a.no_accumulator_set) text += "NoAccSBSet";
  return text;
}

}  // namespace xpuq::xe
