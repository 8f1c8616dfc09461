// The ways a reader says no.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "xpuq/result.h"

namespace xpuq::artifact {

/// What an error tells about the file it is in.
struct Source {
  std::string who;       ///< the file as the user named it
  std::string producer;  ///< version of the xpuq that wrote it
};

/// E502: bytes that no xpuq wrote so.
Error damaged(const std::string& who, const std::string& what, std::string got = {}, std::string expected = {});

/// E501: bytes that a newer xpuq may well have written so. `known` says what this program would take.
Error needs_newer(const Source& source, const std::string& what, const std::string& got, std::string known);

/// Text of the file, made fit for a terminal: control characters become '?', long text is cut.
std::string printable(std::string_view text, std::size_t most = 80);

/// "1f2e3d4c"
std::string hex(std::uint32_t value);

}  // namespace xpuq::artifact
