// Short spelling of the errors that a command line makes (exit 2).
#pragma once

#include <string>
#include <utility>

#include "xpuq/result.h"

namespace xpuq::cli {

inline constexpr char kUnknownOption[] = "E201";
inline constexpr char kMissing[] = "E202";  ///< an operand, or the value of an option
inline constexpr char kBadValue[] = "E203";
inline constexpr char kMissingPath[] = "E204";
inline constexpr char kContradiction[] = "E205";

inline Error make_error(std::string code, std::string who, std::string what, std::string got = {},
                        std::string expected = {}, std::string remedy = {}) {
  return Error{.code = std::move(code),
               .who = std::move(who),
               .what = std::move(what),
               .got = std::move(got),
               .expected = std::move(expected),
               .remedy = std::move(remedy),
               .node = {}};
}

}  // namespace xpuq::cli
