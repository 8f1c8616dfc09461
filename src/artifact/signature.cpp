#include "artifact/signature.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <new>

#include "support/file.h"

namespace xpuq {
namespace {

constexpr std::size_t kSignatureBytes = 64;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

const unsigned char* octets(std::span<const std::byte> bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

/// What a call of OpenSSL on a sound key and buffer can lack is memory.
void need_memory(bool done) {
  if (!done) throw std::bad_alloc();
}

/// A program that waits for a passphrase on its terminal is no use in a build.
int no_passphrase(char*, int, int, void*) { return 0; }

Result<Key> read_key(const std::string& path, bool is_private) {
  XPUQ_ASSIGN(const std::string text, read_file(path, "E211"));
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free);
  need_memory(bio != nullptr);
  Key key(is_private ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr)
                     : PEM_read_bio_PUBKEY(bio.get(), nullptr, no_passphrase, nullptr),
          EVP_PKEY_free);
  if (key && EVP_PKEY_id(key.get()) == EVP_PKEY_ED25519) return key;
  const std::string kind = is_private ? "private" : "public";
  return make_error("E211", path, "is no " + kind + " Ed25519 key", key ? "a key of another kind" : "no " + kind + " key that can be read",
                    "a PEM file without a passphrase",
                    is_private ? "openssl genpkey -algorithm ed25519 -out key.pem" : "openssl pkey -in key.pem -pubout -out public.pem");
}

}  // namespace

std::string signature_path(const std::string& artifact) { return artifact + ".sig"; }

Result<std::string> sign(std::span<const std::byte> bytes, const std::string& private_key) {
  XPUQ_ASSIGN(const Key key, read_key(private_key, true));
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::string signature(kSignatureBytes, '\0');
  std::size_t size = signature.size();
  need_memory(context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
              EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, octets(bytes), bytes.size()) == 1);
  return signature;
}

Result<void> check_signature(std::span<const std::byte> bytes, const std::string& public_key, const std::string& who) {
  XPUQ_ASSIGN(const Key key, read_key(public_key, false));
  const std::string path = signature_path(who);
  if (!file_exists(path))
    return make_error("E504", who, "is not signed", "no file " + path, "an Ed25519 signature beside the artifact", "xpuq-compile --sign KEY");
  XPUQ_ASSIGN(const std::string signature, read_file(path, "E504"));
  if (signature.size() != kSignatureBytes)
    return make_error("E504", path, "is no signature", std::to_string(signature.size()) + " bytes", std::to_string(kSignatureBytes) + " bytes",
                      "xpuq-compile --sign KEY");
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  need_memory(context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1);
  if (EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(), octets(bytes), bytes.size()) == 1)
    return {};
  return make_error("E504", who, "its signature is not valid", "other bytes than were signed, or another key",
                    "a signature made with the private key of " + public_key, "get the artifact again, or name the key of its maker");
}

}  // namespace xpuq
