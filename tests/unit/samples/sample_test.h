// What the tests of src/samples share: fixtures, a scratch folder, SHA-256, and checks on errors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catch.h"
#include "samples/image.h"
#include "support/json.h"
#include "xpuq/result.h"

namespace xpuq::samples::test {

using ByteVector = std::vector<std::byte>;

/// tests/fixtures/pillow/NAME.
std::string fixture(const std::string& name);
ByteVector fixture_bytes(const std::string& name);
/// cases.json, as tools/oracle/pillow_resample.py wrote it.
const Json& pillow_cases();

ByteVector to_bytes(std::string_view text);
std::string sha256(std::span<const std::byte> bytes);
std::string sha256(const std::vector<std::uint8_t>& bytes);

/// CRC-32 as PNG and zip use it.
std::uint32_t crc32(std::span<const std::byte> bytes);

/// A folder that is removed with everything in it at the end.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::string path(const std::string& name = {}) const;
  /// Writes a file, making the folders above it; returns its path.
  std::string write(const std::string& name, std::span<const std::byte> bytes) const;
  std::string write(const std::string& name, std::string_view text) const;

 private:
  std::filesystem::path root_;
};

template <class T>
T must(Result<T> result) {
  if (!result.ok()) FAIL(result.error().text());
  return std::move(result).value();
}

/// Requires an error of this code whose text contains each of the words (the file's name first of all).
template <class T>
void require_error(const Result<T>& result, const std::string& code, std::initializer_list<std::string> words) {
  REQUIRE_FALSE(result.ok());
  INFO(result.error().text());
  CHECK(result.error().code == code);
  CHECK_FALSE(result.error().what.empty());
  for (const std::string& word : words) CHECK(result.error().text().find(word) != std::string::npos);
}

}  // namespace xpuq::samples::test
