// Short spelling of an Error without a node, as every reader of samples makes them.
#pragma once

#include <string>
#include <utility>

#include "xpuq/result.h"

namespace xpuq::samples {

/// A finding that does not stop the work; the command prints it and puts it into `--json`.
struct Warning {
  std::string code;     ///< "W011"
  std::string message;  ///< one line, names the file or option it is about
};

inline constexpr char kUnreadable[] = "E101";     ///< the file exists but cannot be read
inline constexpr char kUndecodable[] = "E102";    ///< not a picture, not an array, damaged, or too large
inline constexpr char kUnfit[] = "E103";          ///< a good sample that does not fit the model's input
inline constexpr char kBadValue[] = "E203";       ///< an option or operand has a wrong value
inline constexpr char kMissingPath[] = "E204";    ///< no such file or folder
inline constexpr char kContradiction[] = "E205";  ///< options or operands that exclude each other
inline constexpr char kNoImage[] = "E404";        ///< not one usable sample

}  // namespace xpuq::samples
