// xpuq-record ARTIFACT OUT [CHOICES]: compiles every plan of an artifact for the one GPU of this process and writes the programs,
// or the error. Started by xpuq-compile (against a simulated device) and xpuq-run (on a real one), in a process of its own,
// because a driver that gives up takes its process with it.
#include <cstdio>
#include <string>

#include "artifact/artifact.h"
#include "gpu/exchange.h"
#include "record/compile_plan.h"
#include "support/file.h"

namespace {

using namespace xpuq;

Result<std::vector<gpu::Program>> compile(const std::string& path, const char* choices_text) {
  XPUQ_ASSIGN(const std::unique_ptr<record::Tracer> tracer, record::Tracer::start());
  XPUQ_ASSIGN(const Artifact artifact, open_artifact(path));
  XPUQ_ASSIGN(record::KernelChoices choices, record::parse_kernel_choices(choices_text));
  choices.resize(artifact.plans.size());
  std::vector<gpu::Program> programs;
  for (std::size_t i = 0; i < artifact.plans.size(); ++i) {
    XPUQ_ASSIGN(gpu::Program program, record::compile_plan(artifact.plans[i], static_cast<std::uint32_t>(i), *tracer, choices[i]));
    programs.push_back(std::move(program));
  }
  return programs;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    std::fprintf(stderr, "usage: xpuq-record ARTIFACT OUT [CHOICES]\nstarted by xpuq-compile and xpuq-run; see docs/gpu.md\n");
    return 2;
  }
  const Result<void> written = write_file(argv[2], gpu::encode_answer(compile(argv[1], argc == 4 ? argv[3] : "")));
  if (!written.ok()) std::fprintf(stderr, "xpuq-record: %s\n", written.error().text().c_str());
  return written.ok() ? 0 : written.error().exit_code();
}
