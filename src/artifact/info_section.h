// Section INFO: a JSON document for people and reports; nothing that runs a plan depends on it.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "support/json.h"

namespace xpuq::artifact {

Result<Json> read_info(std::span<const std::byte> section, const std::string& who);

/// Compact, in the order given; bytes that are no UTF-8 become U+FFFD.
std::string write_info(const Json& info);

}  // namespace xpuq::artifact
