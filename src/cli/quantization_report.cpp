#include "cli/quantization_report.h"

#include "support/file.h"

namespace xpuq::cli {

Result<void> write_report(Invocation& invocation, const std::string& path, const CompileOptions& options,
                          const CompileResult& result) {
  if (path == "-") {
    invocation.print("\n" + report_text(options, result));
    return {};
  }
  if (path.ends_with(".html")) return write_file(path, report_html(options, result));
  if (path.ends_with(".json"))
    return write_file(path, report_json(options, result).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  return write_file(path, path.ends_with(".csv") ? report_csv(result) : report_text(options, result));
}

}  // namespace xpuq::cli
