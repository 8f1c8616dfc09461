// Numbers of the file format, as FORMAT.md has them.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace xpuq::artifact {

static_assert(std::endian::native == std::endian::little, "artifacts are mapped, so the host has their byte order");

/// As in PNG: 0x89 shows a stripped eighth bit, CR LF and LF a text-mode copy, 0x1A ends a listing in a DOS terminal.
inline constexpr std::array<unsigned char, 8> kMagic{0x89, 'X', 'P', 'Q', '\r', '\n', 0x1A, '\n'};

// Header, frozen for all majors.
inline constexpr std::size_t kHeaderBytes = 64;
inline constexpr std::size_t kMajorAt = 8;
inline constexpr std::size_t kMinorAt = 10;
inline constexpr std::size_t kCountAt = 12;
inline constexpr std::size_t kFileSizeAt = 16;
inline constexpr std::size_t kTableCrcAt = 24;
inline constexpr std::size_t kProducerAt = 32;
inline constexpr std::size_t kProducerBytes = 24;
inline constexpr std::size_t kHeaderCrcAt = 60;

// One entry of the table that follows the header.
inline constexpr std::size_t kEntryBytes = 128;
inline constexpr std::size_t kFlagsAt = 4;
inline constexpr std::size_t kOffsetAt = 8;
inline constexpr std::size_t kSizeAt = 16;
inline constexpr std::size_t kCrcAt = 24;
inline constexpr std::size_t kKeyAt = 32;
inline constexpr std::size_t kKeyBytes = 96;

inline constexpr std::uint32_t kRequired = 1;

inline constexpr std::uint64_t kSectionAlignment = 64;
/// A page, so that an engine may import the constants of a mapped file as its own memory.
inline constexpr std::uint64_t kConstantsAlignment = 4096;

// Limits of a reader.
inline constexpr std::uint32_t kMostSections = 1024;
inline constexpr std::uint64_t kMostGap = std::uint64_t{1} << 16;
inline constexpr std::size_t kMostCborBytes = std::size_t{256} << 20;
inline constexpr std::size_t kMostInfoBytes = std::size_t{64} << 20;
inline constexpr std::size_t kMostPlans = 1024;
inline constexpr std::size_t kMostValues = std::size_t{1} << 18;
inline constexpr std::size_t kMostSteps = std::size_t{1} << 18;
inline constexpr std::size_t kMostRank = 16;

inline constexpr std::string_view kPlanTag = "PLAN";
inline constexpr std::string_view kInfoTag = "INFO";
inline constexpr std::string_view kLabelsTag = "LABL";
inline constexpr std::string_view kTestsTag = "TEST";
inline constexpr std::string_view kConstantsTag = "CNST";
inline constexpr std::string_view kTargetTag = "TGT ";

template <class T>
T load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

template <class T>
void store(char* at, T value) {
  std::memcpy(at, &value, sizeof value);
}

}  // namespace xpuq::artifact
