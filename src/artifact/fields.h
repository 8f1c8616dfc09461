// Typed access to the decoded maps of a hostile artifact: every refusal is E502 and says where.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "artifact/refusal.h"
#include "support/json.h"
#include "xpuq/types.h"

namespace xpuq::artifact {

std::optional<std::int64_t> to_int(const Json& json);
/// A whole number in [0, most].
std::optional<std::uint64_t> to_whole(const Json& json, std::uint64_t most);

/// One map. Keeps references: the Json and the Source outlive it.
class Fields {
 public:
  /// `where` goes in front of every message: "section 'PLAN': plan 0: value 3".
  static Result<Fields> of(const Json& map, std::string where, const Source& source);

  bool has(std::string_view key) const { return map_->contains(key); }
  Result<const Json*> member(std::string_view key) const;
  /// The elements of an array.
  Result<const Json*> array(std::string_view key) const;
  Result<std::string> text(std::string_view key) const;
  /// Texts, or none when the key is absent.
  Result<std::vector<std::string>> texts(std::string_view key) const;
  Result<std::uint64_t> whole(std::string_view key, std::uint64_t most) const;
  Result<std::vector<std::uint32_t>> indices(std::string_view key) const;
  Result<Shape> shape(std::string_view key) const;
  /// A finite number that is exactly a binary32.
  Result<float> real(std::string_view key) const;
  Result<const std::vector<std::uint8_t>*> bytes(std::string_view key) const;
  /// An element type by name; an unknown one is E501.
  Result<DataType> data_type(std::string_view key) const;

  Error error(const std::string& what, std::string got = {}, std::string expected = {}) const;
  /// E501: `kind` ("operation") has a name that this program does not know.
  Error unknown_name(const std::string& kind, const std::string& name) const;
  const std::string& where() const { return where_; }
  const Source& source() const { return *source_; }

 private:
  Fields(const Json& map, std::string where, const Source& source)
      : map_(&map), where_(std::move(where)), source_(&source) {}
  Error wrong(std::string_view key, const Json& got, const std::string& expected) const;

  const Json* map_;
  std::string where_;
  const Source* source_;
};

}  // namespace xpuq::artifact
