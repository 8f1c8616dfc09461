// Ed25519 signatures of whole artifacts (RFC 8032, by OpenSSL). The signature of FILE lies beside it as FILE.sig: its 64
// bytes and nothing else, so `openssl pkeyutl -verify -rawin` can check it, too. Keys are PEM files as
// `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout` write them.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "xpuq/result.h"

namespace xpuq {

/// "m.xpuq" -> "m.xpuq.sig"
std::string signature_path(const std::string& artifact);

/// The 64 bytes. Errors: E204 no such key, E211 not a private Ed25519 key (one with a passphrase is none).
Result<std::string> sign(std::span<const std::byte> bytes, const std::string& private_key);

/// That the holder of `public_key` signed exactly these bytes of `who`. Errors: E204 no such key, E211 not a public
/// Ed25519 key, E504 no signature beside the file, or not one of these bytes with this key.
Result<void> check_signature(std::span<const std::byte> bytes, const std::string& public_key, const std::string& who);

}  // namespace xpuq
