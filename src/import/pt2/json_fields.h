// Reading fields of a JSON document that nobody has checked: every question has an answer for every document.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "support/json.h"

namespace xpuq::pt2 {

/// The member `key` of an object; null when it is absent, JSON null, or `j` is no object.
inline const Json* field(const Json* j, const char* key) {
  if (!j || !j->is_object()) return nullptr;
  const auto it = j->find(key);
  return it == j->end() || it->is_null() ? nullptr : &*it;
}

inline std::optional<std::string> text_of(const Json* j) {
  return j && j->is_string() ? std::optional(j->get<std::string>()) : std::nullopt;
}

inline std::optional<std::int64_t> integer_of(const Json* j) {
  if (!j || !j->is_number_integer()) return std::nullopt;
  if (j->is_number_unsigned() && j->get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()})
    return std::nullopt;
  return j->get<std::int64_t>();
}

/// Numbers, and the strings that PyTorch writes for those JSON does not have.
inline std::optional<double> real_of(const Json* j) {
  if (!j) return std::nullopt;
  if (j->is_number()) return j->get<double>();
  if (!j->is_string()) return std::nullopt;
  const auto& s = j->get_ref<const std::string&>();
  if (s == "Infinity") return std::numeric_limits<double>::infinity();
  if (s == "-Infinity") return -std::numeric_limits<double>::infinity();
  if (s == "NaN") return std::nan("");
  return std::nullopt;
}

/// The tag and content of a union, which is an object with one key; an empty tag when it is something else.
inline std::pair<std::string, const Json*> tagged(const Json* j) {
  if (!j || !j->is_object() || j->size() != 1) return {};
  return {j->begin().key(), &j->begin().value()};
}

}  // namespace xpuq::pt2
