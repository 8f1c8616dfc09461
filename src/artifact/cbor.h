// CBOR (RFC 8949) sections, in the part of it that FORMAT.md allows.
#pragma once

#include <span>
#include <string>

#include "support/json.h"

namespace xpuq::artifact {

/// The section's value. E502 for anything outside the limits, found before a tree is built: no file can exhaust the
/// stack, or take more memory than a small multiple of its size. `where` names the section.
Result<Json> decode_cbor(std::span<const std::byte> bytes, const std::string& where, const std::string& who);

/// The same bytes for equal values.
std::string encode_cbor(const Json& value);

}  // namespace xpuq::artifact
