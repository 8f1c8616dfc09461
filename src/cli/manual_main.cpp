// xpuq-manual TEXT... OUT: writes the pages of docs/man; TEXT is NAME.SECTION.txt, the page OUT/manSECTION/NAME.SECTION.
// A tool of the build, not installed.
#include <cstdio>
#include <filesystem>

#include "cli/calibrate_command.h"
#include "cli/compile_command.h"
#include "cli/manual.h"
#include "cli/run_command.h"
#include "support/file.h"

namespace {

using namespace xpuq;
namespace fs = std::filesystem;

Result<void> write_page(const fs::path& text_file, const fs::path& out) {
  static const cli::Command commands[] = {cli::calibrate_command(), cli::compile_command(), cli::run_artifact_command()};
  const std::string page_file = text_file.stem().string();  // "xpuq-run.1"
  const auto dot = page_file.rfind('.');
  if (dot == std::string::npos) return make_error("E203", text_file.string(), "is not named NAME.SECTION.txt");
  const std::string name = page_file.substr(0, dot), section = page_file.substr(dot + 1);
  const cli::Command* command = nullptr;
  for (const cli::Command& c : commands)
    if (c.name == name) command = &c;
  XPUQ_ASSIGN(const std::string text, read_file(text_file.string(), "E204"));
  auto page = cli::manual_page(name, section, text, command);
  if (!page.ok()) {
    page.error().who = text_file.string() + ": " + page.error().who;
    return page.error();
  }
  const fs::path folder = out / ("man" + section);
  std::error_code ec;
  fs::create_directories(folder, ec);
  return write_file((folder / page_file).string(), *page);
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i + 1 < argc; ++i)
    if (const auto written = write_page(argv[i], argv[argc - 1]); !written.ok()) {
      std::fprintf(stderr, "xpuq-manual: error %s\n", written.error().text().c_str());
      return written.error().exit_code();
    }
  return argc > 2 ? 0 : 2;
}
