// SHA-256 (FIPS 180-4) over OpenSSL: identity of models, data lists and profiles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace xpuq {

/// Incremental hash. Text and spans are hashed as their bytes alone: a caller that hashes several in a row writes their
/// lengths with update_u64 between them, so that no two sequences collide by concatenation.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  Sha256& update(std::span<const std::byte> bytes);
  Sha256& update(std::string_view text) { return update(std::as_bytes(std::span(text.data(), text.size()))); }
  /// Eight bytes, little endian on every host.
  Sha256& update_u64(std::uint64_t value);

  /// 64 lower-case hexadecimal digits of everything so far. May be called once; the object is spent afterwards.
  std::string hex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

std::string sha256_hex(std::span<const std::byte> bytes);
std::string sha256_hex(std::string_view text);

}  // namespace xpuq
