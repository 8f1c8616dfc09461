// Intel's offline compiler (ocloc) as a library of the driver's installation.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "xpuq/result.h"

namespace xpuq::record {

class OfflineCompiler {
 public:
  /// `device`: as ocloc takes it, an IP version ("12.55.8"). Error E101 when libocloc.so cannot be opened.
  static Result<OfflineCompiler> open(std::string device);

  /// Machine code of a translation unit in OpenCL C; each source is compiled once. E101 with the compiler's own words.
  Result<const std::vector<std::uint8_t>*> compile(const std::string& source, const std::string& options);

 private:
  using Invoke = int (*)(unsigned, const char**, std::uint32_t, const std::uint8_t**, const std::uint64_t*, const char**,
                         std::uint32_t, const std::uint8_t**, const std::uint64_t*, const char**, std::uint32_t*,
                         std::uint8_t***, std::uint64_t**, char***);
  using Release = int (*)(std::uint32_t*, std::uint8_t***, std::uint64_t**, char***);

  std::string device_;
  Invoke invoke_ = nullptr;
  Release release_ = nullptr;
  std::map<std::string, std::vector<std::uint8_t>> compiled_;
};

}  // namespace xpuq::record
