#include "support/sha256.h"

#include <openssl/evp.h>

#include <array>
#include <new>

#include "support/check.h"

namespace xpuq {

struct Sha256::Context {
  EVP_MD_CTX* evp = EVP_MD_CTX_new();

  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { EVP_MD_CTX_free(evp); }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  // SHA-256 is in every OpenSSL: what can fail is its memory.
  if (!context_->evp || EVP_DigestInit_ex(context_->evp, EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::update(std::span<const std::byte> bytes) {
  XPUQ_CHECK(context_ && EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size()) == 1, "hash used after hex()");
  return *this;
}

Sha256& Sha256::update_u64(std::uint64_t value) {
  std::array<std::byte, 8> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(value >> (8 * i));
  return update(bytes);
}

std::string Sha256::hex() {
  std::array<unsigned char, 32> digest;
  XPUQ_CHECK(context_ && EVP_DigestFinal_ex(context_->evp, digest.data(), nullptr) == 1, "hash used after hex()");
  context_.reset();
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const unsigned char byte : digest) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

std::string sha256_hex(std::span<const std::byte> bytes) { return Sha256().update(bytes).hex(); }
std::string sha256_hex(std::string_view text) { return Sha256().update(text).hex(); }

}  // namespace xpuq
