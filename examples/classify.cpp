// classify ARTIFACT FILE: the same as classify.c in C++.
#include <xpuq/executor.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

namespace {

xpuq::Result<void> classify(const char* artifact, const char* file) {
  auto executor = xpuq::Executor::open(artifact, {.device = "cpu"});
  if (!executor.ok()) return executor.error();
  const xpuq::TensorType& type = executor->inputs()[0].type;

  xpuq::Tensor pixels(type.dtype, type.shape);
  std::ifstream in(file, std::ios::binary);
  if (!in.read(reinterpret_cast<char*>(pixels.raw()), static_cast<std::streamsize>(pixels.bytes())))
    return xpuq::make_error("E101", file, "cannot be read");

  auto outputs = executor->run({pixels});
  if (!outputs.ok()) return outputs.error();
  const auto scores = (*outputs)[0].span<float>();
  const auto best = std::max_element(scores.begin(), scores.end());
  std::printf("%td %.4f\n", best - scores.begin(), *best);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::fputs("usage: classify ARTIFACT FILE\n", stderr), 1;
  const auto done = classify(argv[1], argv[2]);
  if (!done.ok()) std::fprintf(stderr, "%s\n", done.error().text().c_str());
  return done.ok() ? 0 : done.error().exit_code();
}
