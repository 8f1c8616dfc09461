// Typed access to the members of a JSON object from a hostile profile: every refusal is E403 and says which member.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/json.h"
#include "xpuq/result.h"

namespace xpuq {

/// E403 in the one form that all defects of a profile share.
Error profile_error(const std::string& who, std::string what, std::string got = {}, std::string expected = {});

/// 'name' for a message; long ones are cut.
std::string quote_name(std::string_view name);

/// A short description of a JSON value for `got`: the value itself when it is small, else its type.
std::string describe(const Json& json);

/// One object. Keeps references: the Json and `who` outlive it.
class JsonFields {
 public:
  /// `where` goes in front of every message: "value 'conv1'", or empty for the outermost object.
  JsonFields(const Json& object, std::string where, const std::string& who)
      : object_(object), where_(std::move(where)), who_(who) {}

  /// E403 unless the Json given is an object.
  Result<void> require_object() const;

  /// True when the key exists and is not null.
  bool has(std::string_view key) const;
  Result<const Json*> member(std::string_view key) const;
  Result<JsonFields> object(std::string_view key) const;
  /// The elements of an array of at most `most`.
  Result<const Json*> array(std::string_view key, std::size_t most = std::size_t{1} << 24) const;
  Result<std::string> text(std::string_view key) const;
  Result<std::vector<std::string>> texts(std::string_view key) const;
  /// A whole number in [0, most].
  Result<std::uint64_t> whole(std::string_view key, std::uint64_t most = std::uint64_t{1} << 62) const;
  /// A number that fits binary32.
  Result<float> real(std::string_view key) const;

  /// The error `what` about this object, or about one of its members.
  Error error(const std::string& what, std::string got = {}, std::string expected = {}) const;
  Error member_error(std::string_view key, const std::string& what, const Json& got, std::string expected) const;
  const std::string& who() const { return who_; }

 private:
  const Json& object_;
  std::string where_;
  const std::string& who_;
};

/// The binary32 nearest to a JSON number, or nothing for another type or a number beyond binary32.
std::optional<float> to_f32(const Json& json);
std::optional<std::uint64_t> to_whole(const Json& json, std::uint64_t most);

}  // namespace xpuq
