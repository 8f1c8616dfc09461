#include "support/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace xpuq {
namespace {

LogLevel current = LogLevel::warnings;

spdlog::logger& logger() {
  static const auto instance = [] {
    auto l = std::make_shared<spdlog::logger>("xpuq", std::make_shared<spdlog::sinks::stderr_color_sink_st>(spdlog::color_mode::never));
    l->set_pattern("%v");
    l->set_level(spdlog::level::trace);
    return l;
  }();
  return *instance;
}

std::string prefix = "xpuq: ";

}  // namespace

void set_log(const std::string& command, LogLevel level, bool color) {
  current = level;
  prefix = command + ": ";
  if (!color) return;
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_st>(spdlog::color_mode::always);
  sink->set_pattern("%^%v%$");
  logger().sinks() = {sink};
}

LogLevel log_level() { return current; }
void log_error(const std::string& text) { logger().error("{}error {}", prefix, text); }
void log_warning(const std::string& text) {
  if (current >= LogLevel::warnings) logger().warn("{}warning {}", prefix, text);
}
void log_info(LogLevel level, const std::string& text) {
  if (current >= level) logger().info("{}{}", prefix, text);
}

}  // namespace xpuq
