#include "artifact/cbor.h"

#include <array>
#include <cstdint>

#include "artifact/format.h"
#include "artifact/refusal.h"

namespace xpuq::artifact {
namespace {

constexpr std::size_t kMostDepth = 32;
constexpr std::uint64_t kMostItems = std::uint64_t{1} << 23;
/// Keys of one map are looked up one after the other.
constexpr std::uint64_t kMostKeys = 256;

enum Major : unsigned { kUnsigned, kNegative, kBytes, kText, kArray, kMap, kTag, kSimple };

/// Walks over the bytes without building anything.
class Scanner {
 public:
  explicit Scanner(std::span<const std::byte> bytes) : bytes_(bytes) {}

  /// The first rule broken, or an empty string.
  std::string run() {
    if (bytes_.size() > kMostCborBytes) return "is larger than 256 MiB";
    std::uint64_t items = 0;
    do {
      if (depth_ > 0) --open_[depth_ - 1];
      if (++items > kMostItems) return "holds too many items";
      if (const char* problem = item()) return problem;
      while (depth_ > 0 && open_[depth_ - 1] == 0) --depth_;
    } while (depth_ > 0);
    return at_ == bytes_.size() ? "" : "has bytes after its value";
  }

 private:
  std::uint64_t left() const { return bytes_.size() - at_; }

  const char* item() {
    if (left() == 0) return "ends in the middle of its value";
    const auto first = std::to_integer<unsigned>(bytes_[at_++]);
    const unsigned major = first >> 5, low = first & 31;
    if (low > 27) return "has a value of unknown length";
    std::uint64_t argument = low;
    if (low >= 24) {
      const std::size_t width = std::size_t{1} << (low - 24);
      if (left() < width) return "ends in the middle of its value";
      argument = 0;
      for (std::size_t i = 0; i < width; ++i) argument = argument << 8 | std::to_integer<std::uint64_t>(bytes_[at_++]);
    }
    switch (major) {
      case kUnsigned:
        return nullptr;
      case kNegative:
        return argument >> 63 ? "has a number below -2^63" : nullptr;
      case kBytes:
      case kText:
        if (argument > left()) return "has a string that reaches beyond its end";
        at_ += argument;
        return nullptr;
      case kArray:
        return enter(argument, argument);
      case kMap:
        if (argument > kMostKeys) return "has a map with too many keys";
        return enter(argument, argument * 2);
      case kTag:
        return "has a tag";
      default:
        return (low >= 20 && low <= 22) || (low >= 25 && low <= 27) ? nullptr : "has a value of unknown kind";
    }
  }

  const char* enter(std::uint64_t count, std::uint64_t items) {
    if (count > left() || items > left()) return "has a list that reaches beyond its end";
    if (depth_ == kMostDepth) return "is nested too deeply";
    open_[depth_++] = items;
    return nullptr;
  }

  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
  std::array<std::uint64_t, kMostDepth> open_{};  ///< items still to come, per open list or map
  std::size_t depth_ = 0;
};

}  // namespace

Result<Json> decode_cbor(std::span<const std::byte> bytes, const std::string& where, const std::string& who) {
  if (const std::string problem = Scanner(bytes).run(); !problem.empty()) return damaged(who, where + " " + problem);
  const auto* first = reinterpret_cast<const std::uint8_t*>(bytes.data());
  Json value = Json::from_cbor(first, first + bytes.size(), true, false);
  // What the scanner lets through and the library does not: a map key that is no text.
  if (value.is_discarded()) return damaged(who, where + " has a map key that is not text");
  return value;
}

std::string encode_cbor(const Json& value) {
  std::string out;
  Json::to_cbor(value, out);
  return out;
}

}  // namespace xpuq::artifact
