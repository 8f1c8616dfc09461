// Messages for people, on standard error. Results never go through here.
#pragma once

#include <string>

namespace xpuq {

enum class LogLevel { errors = -1, warnings = 0, decisions = 1, passes = 2, primitives = 3 };

/// Names the command in front of every message and sets what is shown.
void set_log(const std::string& command, LogLevel level, bool color);
LogLevel log_level();
void log_error(const std::string& text);
void log_warning(const std::string& text);
/// Shown from -v (1) on, passes from -vv, primitives from -vvv.
void log_info(LogLevel level, const std::string& text);

}  // namespace xpuq
