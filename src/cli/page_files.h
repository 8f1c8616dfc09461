// The static parts of the HTML report: src/cli/report, compiled in.
#pragma once

#include <string_view>

namespace xpuq::cli {
extern const std::string_view kReportPage, kReportStyle, kReportScript;
}
