// The document of --json (cli.md section 1).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/json.h"
#include "xpuq/result.h"

namespace xpuq::cli {

struct Envelope {
  std::string command;  ///< "xpuq-run"
  int exit_code = 0;
  double seconds = 0;
  std::vector<std::pair<std::string, std::string>> warnings = {};  ///< code, message
  std::optional<Error> error = {};
  Json result = Json::object();
};

/// The text, ending in a newline. Numbers that are not finite become null, bytes that are not UTF-8 become U+FFFD.
std::string to_text(const Envelope& envelope);

/// {"code", "message", "got", "expected", "remedy", "where": {"file", "node"}}; parts that are empty are null.
Json to_json(const Error& error);

/// The shortest decimal of a binary32, so that 0.1f is 0.1 in the document; null when not finite.
Json number(float value);

}  // namespace xpuq::cli
