#include "cli/envelope.h"

#include <charconv>
#include <cmath>

#include "support/text.h"

namespace xpuq::cli {
namespace {

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

const char* status(int exit_code) {
  if (exit_code == 0) return "ok";
  return exit_code > 128 ? "interrupted" : "failed";
}

}  // namespace

Json number(float value) {
  if (!std::isfinite(value)) return nullptr;
  const std::string text = format_f32(value);
  double wide = 0;
  std::from_chars(text.data(), text.data() + text.size(), wide);
  return wide;
}

Json to_json(const Error& error) {
  Json out;
  out["code"] = error.code;
  out["message"] = (error.who.empty() ? std::string() : error.who + ": ") +
                   (error.node.empty() ? std::string() : "node '" + error.node + "': ") + error.what;
  out["got"] = text_or_null(error.got);
  out["expected"] = text_or_null(error.expected);
  out["remedy"] = text_or_null(error.remedy);
  out["where"] = {{"file", text_or_null(error.who)}, {"node", text_or_null(error.node)}};
  return out;
}

std::string to_text(const Envelope& envelope) {
  Json out;
  out["schema"] =
      envelope.command.starts_with("xpuq-") ? "xpuq." + envelope.command.substr(5) + "/1" : envelope.command + "/1";
  out["version"] = std::string(version());
  out["status"] = status(envelope.exit_code);
  out["exit_code"] = envelope.exit_code;
  out["seconds"] = std::round(envelope.seconds * 1e6) / 1e6;
  out["warnings"] = Json::array();
  for (const auto& [code, message] : envelope.warnings)
    out["warnings"].push_back({{"code", code}, {"message", message}});
  out["error"] = envelope.error ? to_json(*envelope.error) : Json(nullptr);
  out["result"] = envelope.result;
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace xpuq::cli
