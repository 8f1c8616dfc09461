// The quantization report of xpuq-compile --report (cli.md 4.1).
#pragma once

#include <string>

#include "cli/invocation.h"
#include "driver/compile.h"
#include "xpuq/result.h"

namespace xpuq::cli {

/// Writes it as .html, .json, .csv or text by the suffix of `path`; "-" prints the text. Error E101.
Result<void> write_report(Invocation& invocation, const std::string& path, const CompileOptions& options,
                          const CompileResult& result);

std::string report_text(const CompileOptions& options, const CompileResult& result);
std::string report_csv(const CompileResult& result);
/// Everything that the other forms show.
Json report_json(const CompileOptions& options, const CompileResult& result);
/// One page that needs nothing else: style, script and report_json inside.
std::string report_html(const CompileOptions& options, const CompileResult& result);

}  // namespace xpuq::cli
