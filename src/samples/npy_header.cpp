// The header of .npy: magic, version, length, and a Python dictionary of exactly three keys (NumPy's format.py).
#include <array>
#include <cstring>
#include <optional>
#include <string_view>

#include "samples/byte_reader.h"
#include "samples/npy.h"
#include "samples/sample_error.h"

namespace xpuq::samples {
namespace {

constexpr std::size_t kMaxRank = 16;

/// Reads the little of Python's syntax that NumPy writes. Each function leaves the position after what it took.
class DictionaryParser {
 public:
  explicit DictionaryParser(std::string_view text) : text_(text) {}

  bool take(char c) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool take(std::string_view word) {
    skip_blanks();
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  std::optional<std::string_view> string() {
    skip_blanks();
    if (at_ >= text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) return std::nullopt;
    const std::size_t end = text_.find(text_[at_], at_ + 1);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view out = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return out;
  }

  std::optional<std::int64_t> integer() {
    skip_blanks();
    std::int64_t value = 0;
    const std::size_t start = at_;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      if (value > (std::int64_t{1} << 56)) return std::nullopt;
      value = value * 10 + (text_[at_] - '0');
    }
    if (at_ == start) return std::nullopt;
    if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // Python 2
    return value;
  }

  std::optional<Shape> tuple() {
    if (!take('(')) return std::nullopt;
    Shape shape;
    while (!take(')')) {
      const auto value = integer();
      if (!value || shape.size() == kMaxRank) return std::nullopt;
      shape.push_back(*value);
      if (!take(',')) return take(')') ? std::optional(shape) : std::nullopt;
    }
    return shape;
  }

  bool at_end() {
    skip_blanks();
    return at_ == text_.size();
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

Error damaged(const std::string& who, std::string got, std::string expected = {}) {
  return make_error(kUndecodable, who, "damaged .npy array", std::move(got), std::move(expected),
                    "save it again with numpy.save");
}

std::optional<DataType> type_of(std::string_view code) {
  struct Row {
    std::string_view code;
    DataType dtype;
  };
  static constexpr std::array<Row, 9> rows{{{"f2", DataType::f16},
                                            {"f4", DataType::f32},
                                            {"f8", DataType::f64},
                                            {"i1", DataType::s8},
                                            {"i2", DataType::s16},
                                            {"i4", DataType::s32},
                                            {"i8", DataType::s64},
                                            {"u1", DataType::u8},
                                            {"b1", DataType::boolean}}};
  for (const Row& row : rows)
    if (row.code == code) return row.dtype;
  return std::nullopt;
}

/// "<f4", ">f4", "|u1", "=f4".
bool read_type(std::string_view text, NpyHeader& header) {
  if (text.size() != 3 || std::string_view("<>|=").find(text[0]) == std::string_view::npos) return false;
  const auto dtype = type_of(text.substr(1));
  if (!dtype) return false;
  header.dtype = *dtype;
  header.big_endian = text[0] == '>' && size_of(*dtype) > 1;
  return true;
}

Result<void> read_dictionary(std::string_view text, NpyHeader& header, const std::string& who) {
  DictionaryParser parser(text);
  bool has_type = false, has_order = false, has_shape = false;
  if (!parser.take('{')) return damaged(who, "no dictionary in the header");
  for (bool more = !parser.take('}'); more;) {
    const auto key = parser.string();
    if (!key || !parser.take(':')) return damaged(who, "a header that is no dictionary");
    if (*key == "descr" && !has_type) {
      const auto type = parser.string();
      if (!type || !read_type(*type, header))
        return make_error(kUndecodable, who, "element type of the array is not supported",
                          type ? std::string(type->substr(0, 20)) : "a structured type",
                          "f2, f4, f8, i1, i2, i4, i8, u1 or b1", "save it with .astype('float32')");
      has_type = true;
    } else if (*key == "fortran_order" && !has_order) {
      header.fortran = parser.take("True");
      if (!header.fortran && !parser.take("False")) return damaged(who, "fortran_order is neither True nor False");
      has_order = true;
    } else if (*key == "shape" && !has_shape) {
      auto shape = parser.tuple();
      if (!shape) return damaged(who, "a shape that is no tuple of sizes", "at most 16 sizes");
      header.shape = std::move(*shape);
      has_shape = true;
    } else {
      return damaged(who, "header key '" + std::string(key->substr(0, 20)) + "'", "descr, fortran_order, shape");
    }
    const bool comma = parser.take(',');
    more = !parser.take('}');
    if (more && !comma) return damaged(who, "a header that is no dictionary");
  }
  if (!parser.at_end()) return damaged(who, "text behind the header's dictionary");
  if (!has_type || !has_order || !has_shape)
    return damaged(who, "a header without all its keys", "descr, fortran_order, shape");
  return {};
}

}  // namespace

Result<NpyHeader> read_npy_header(std::span<const std::byte> bytes, const std::string& who) {
  constexpr std::string_view magic("\x93NUMPY", 6);
  if (bytes.size() < 10 || std::memcmp(bytes.data(), magic.data(), magic.size()) != 0)
    return make_error(kUndecodable, who, "not a .npy array", {}, "a file made by numpy.save");
  const std::uint32_t major = byte_at(bytes, 6);
  if (major != 1 && major != 2)
    return make_error(kUndecodable, who, ".npy format version is not supported", std::to_string(major), "1 or 2",
                      "save it again with numpy.save");
  if (major == 2 && bytes.size() < 12) return damaged(who, "the header ends early");
  const std::size_t length = major == 1 ? read_le16(bytes, 8) : read_le32(bytes, 8);
  NpyHeader header;
  const std::size_t start = major == 1 ? 10 : 12;
  if (length > 65536) return damaged(who, "a header of " + std::to_string(length) + " bytes", "at most 65536");
  if (length > bytes.size() - start) return damaged(who, "the header ends early");
  XPUQ_TRY(read_dictionary({reinterpret_cast<const char*>(bytes.data()) + start, length}, header, who));
  header.data_at = start + length;
  if (header.shape.size() < 2) header.fortran = false;
  const auto count = checked_element_count(header.shape);
  if (!count || static_cast<std::uint64_t>(*count) > kMaxArrayBytes / size_of(header.dtype))
    return make_error(kUndecodable, who, "the array is too large", to_string(header.shape),
                      "at most " + std::to_string(kMaxArrayBytes >> 30) + " GiB", "split it");
  return header;
}

}  // namespace xpuq::samples
