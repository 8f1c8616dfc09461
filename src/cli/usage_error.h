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

}  // namespace xpuq::cli
