// Attributes of an operation: a few named constants (strides, axes, epsilon), kept sorted so that two equal sets
// print, hash and compare equally.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace xpuq {

using Ints = std::vector<std::int64_t>;
using Floats = std::vector<double>;
using Strings = std::vector<std::string>;
using AttributeValue = std::variant<std::int64_t, double, std::string, Ints, Floats, Strings>;

class Attributes {
 public:
  using Entry = std::pair<std::string, AttributeValue>;

  Attributes() = default;
  Attributes(std::initializer_list<Entry> entries);

  /// Adds or replaces; returns *this so that sets can be chained.
  Attributes& set(std::string_view name, AttributeValue value);
  void erase(std::string_view name);
  bool has(std::string_view name) const { return find(name) != nullptr; }
  const AttributeValue* find(std::string_view name) const;

  /// The value, or `fallback` when absent. An attribute of another type is a bug (the schema was checked before).
  std::int64_t get_int(std::string_view name, std::int64_t fallback) const;
  double get_float(std::string_view name, double fallback) const;
  const std::string& get_string(std::string_view name) const;
  const Ints& get_ints(std::string_view name) const;  ///< empty when absent
  const Floats& get_floats(std::string_view name) const;
  const Strings& get_strings(std::string_view name) const;

  const std::vector<Entry>& entries() const { return entries_; }
  bool operator==(const Attributes&) const = default;

 private:
  std::vector<Entry> entries_;
};

/// "{axis=1, pads=[1, 1], mode="linear"}"; empty text for no attributes. Doubles print as their shortest decimal,
/// always with a point or exponent, so that the kind can be told when the text is read again.
std::string to_string(const Attributes& attributes);

}  // namespace xpuq
