// The words of the preprocessing enums, as typed on the command line and as stored in JSON.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "samples/preprocess.h"

namespace xpuq::samples {

template <class E, std::size_t N>
using Words = std::array<std::pair<std::string_view, E>, N>;

inline constexpr Words<Fit, 4> kFits{
    {{"short", Fit::shorter}, {"long", Fit::longer}, {"stretch", Fit::stretch}, {"letterbox", Fit::letterbox}}};
inline constexpr Words<Interpolation, 3> kInterpolations{
    {{"bilinear", Interpolation::bilinear}, {"bicubic", Interpolation::bicubic}, {"nearest", Interpolation::nearest}}};
inline constexpr Words<PassOrder, 2> kPassOrders{
    {{"pillow13", PassOrder::pillow13}, {"horizontal", PassOrder::horizontal}}};
inline constexpr Words<Channels, 3> kChannels{
    {{"rgb", Channels::rgb}, {"bgr", Channels::bgr}, {"gray", Channels::gray}}};
inline constexpr Words<InputLayout, 2> kLayouts{{{"nchw", InputLayout::nchw}, {"nhwc", InputLayout::nhwc}}};
inline constexpr Words<ExifOrientation, 2> kExifs{
    {{"apply", ExifOrientation::apply}, {"ignore", ExifOrientation::ignore}}};
inline constexpr Words<Depth16, 3> kDepths{
    {{"stop", Depth16::stop}, {"high", Depth16::high}, {"clamp", Depth16::clamp}}};

template <class E, std::size_t N>
std::string_view word_of(const Words<E, N>& words, E value) {
  for (const auto& [word, v] : words)
    if (v == value) return word;
  return {};
}

template <class E, std::size_t N>
std::optional<E> value_of(const Words<E, N>& words, std::string_view word) {
  for (const auto& [w, v] : words)
    if (w == word) return v;
  return std::nullopt;
}

template <class E, std::size_t N>
std::string list_of(const Words<E, N>& words) {
  std::string out;
  for (const auto& [w, v] : words) out += (out.empty() ? "" : ", ") + std::string(w);
  return out;
}

}  // namespace xpuq::samples
