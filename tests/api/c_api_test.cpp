// The C API as a program of somebody else's sees it: through libxpuq.so alone.
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "catch.h"
#include "xpuq/xpuq.h"

namespace {

const std::string kArtifact = std::string(XPUQ_FIXTURES) + "/gpu/digits.xpuq";

struct Opened {
  explicit Opened(const char* device = "cpu") {
    xpuq_options options = XPUQ_OPTIONS_INIT;
    options.device = device;
    options.threads = 1;
    INFO(xpuq_last_error());
    REQUIRE(xpuq_open(kArtifact.c_str(), &options, &executor) == XPUQ_OK);
  }
  ~Opened() { xpuq_close(executor); }
  xpuq_executor* executor = nullptr;
};

/// Scores of an input that is `level` everywhere.
std::vector<float> scores(xpuq_executor* executor, float level) {
  const std::vector<float> in(xpuq_input(executor, 0)->bytes / sizeof(float), level);
  std::vector<float> out(xpuq_output(executor, 0)->bytes / sizeof(float), -1);
  REQUIRE(xpuq_bind_input(executor, 0, in.data(), in.size() * sizeof(float)) == XPUQ_OK);
  REQUIRE(xpuq_bind_output(executor, 0, out.data(), out.size() * sizeof(float)) == XPUQ_OK);
  REQUIRE(xpuq_run(executor) == XPUQ_OK);
  return out;
}

bool says(const char* text) { return std::strstr(xpuq_last_error(), text) != nullptr; }

}  // namespace

TEST_CASE("ports have names, types, shapes and sizes") {
  const Opened e;
  CHECK(std::string(xpuq_device(e.executor)) == "cpu");
  REQUIRE(xpuq_input_count(e.executor) == 1);
  REQUIRE(xpuq_output_count(e.executor) == 1);
  const xpuq_port* in = xpuq_input(e.executor, 0);
  CHECK(std::strlen(in->name) > 0);
  CHECK(in->type == XPUQ_F32);
  CHECK(std::vector<int64_t>(in->shape, in->shape + in->rank) == std::vector<int64_t>{1, 1, 32, 32});
  CHECK(in->bytes == 32 * 32 * sizeof(float));
  CHECK(xpuq_output(e.executor, 0)->bytes == 10 * sizeof(float));
  CHECK(xpuq_input(e.executor, 1) == nullptr);
}

TEST_CASE("a run reads and writes the bound arrays, and a binding stays") {
  const Opened e;
  std::vector<float> in(32 * 32, 0.0f), out(10, 0.0f);
  REQUIRE(xpuq_bind_input(e.executor, 0, in.data(), in.size() * 4) == XPUQ_OK);
  REQUIRE(xpuq_bind_output(e.executor, 0, out.data(), out.size() * 4) == XPUQ_OK);
  REQUIRE(xpuq_run(e.executor) == XPUQ_OK);
  const std::vector<float> black = out;
  in.assign(in.size(), 1.0f);
  REQUIRE(xpuq_run(e.executor) == XPUQ_OK);
  CHECK(out != black);
  CHECK(black == scores(e.executor, 0.0f));
}

TEST_CASE("wrong arguments are codes with words") {
  const Opened e;
  std::vector<float> in(32 * 32);
  CHECK(xpuq_run(e.executor) == XPUQ_WRONG_ARGUMENT);
  CHECK(says("has no array"));
  CHECK(xpuq_bind_input(e.executor, 0, in.data(), 12) == XPUQ_WRONG_ARGUMENT);
  CHECK(says("got: 12 bytes"));
  CHECK(says("expected: 4096 bytes"));
  CHECK(xpuq_bind_input(e.executor, 3, in.data(), 4096) == XPUQ_WRONG_ARGUMENT);
  CHECK(xpuq_bind_input(e.executor, 0, nullptr, 4096) == XPUQ_WRONG_ARGUMENT);
  CHECK(xpuq_bind_output(nullptr, 0, in.data(), 4096) == XPUQ_WRONG_ARGUMENT);
  CHECK(xpuq_run(nullptr) == XPUQ_WRONG_ARGUMENT);
  CHECK(xpuq_input_count(nullptr) == 0);
  xpuq_close(nullptr);
}

TEST_CASE("opening fails in words and leaves no handle") {
  xpuq_executor* executor = reinterpret_cast<xpuq_executor*>(1);
  CHECK(xpuq_open("nowhere.xpuq", nullptr, &executor) == XPUQ_NO_FILE);
  CHECK(executor == nullptr);
  CHECK(says("E204: nowhere.xpuq"));
  CHECK(xpuq_open(nullptr, nullptr, &executor) == XPUQ_WRONG_ARGUMENT);
  CHECK(xpuq_open(kArtifact.c_str(), nullptr, nullptr) == XPUQ_WRONG_ARGUMENT);
  CHECK(xpuq_open(XPUQ_FIXTURES "/../CMakeLists.txt", nullptr, &executor) == XPUQ_BAD_ARTIFACT);

  xpuq_options options = XPUQ_OPTIONS_INIT;
  options.device = "tpu";
  CHECK(xpuq_open(kArtifact.c_str(), &options, &executor) == XPUQ_NO_DEVICE);
  options = XPUQ_OPTIONS_INIT;
  options.batch = 77;
  CHECK(xpuq_open(kArtifact.c_str(), &options, &executor) == XPUQ_NO_PLAN);
  options = XPUQ_OPTIONS_INIT;
  options.threads = -1;
  CHECK(xpuq_open(kArtifact.c_str(), &options, &executor) == XPUQ_WRONG_ARGUMENT);
}

TEST_CASE("a struct of another version: shorter is refused, longer must not set what is unknown") {
  struct Longer {
    xpuq_options known;
    int64_t unknown;
  } longer{XPUQ_OPTIONS_INIT, 0};
  longer.known.size = sizeof longer;
  longer.known.device = "cpu";
  xpuq_executor* executor = nullptr;
  REQUIRE(xpuq_open(kArtifact.c_str(), &longer.known, &executor) == XPUQ_OK);
  xpuq_close(executor);
  longer.unknown = 1;
  CHECK(xpuq_open(kArtifact.c_str(), &longer.known, &executor) == XPUQ_WRONG_ARGUMENT);
  longer.known.size = 8;
  CHECK(xpuq_open(kArtifact.c_str(), &longer.known, &executor) == XPUQ_WRONG_ARGUMENT);
}

TEST_CASE("with a key only what was signed is opened, and what happens to the file later does not matter") {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / ("xpuq_c_api_" + std::to_string(::getpid()));
  fs::create_directory(folder);
  const std::string artifact = (folder / "m.xpuq").string(), key = (folder / "public.pem").string();
  fs::copy_file(kArtifact, artifact);
  const std::string commands = "cd '" + folder.string() + "' && openssl genpkey -algorithm ed25519 -out key.pem && openssl pkey -in key.pem -pubout -out public.pem";
  REQUIRE(std::system(commands.c_str()) == 0);

  xpuq_options options = XPUQ_OPTIONS_INIT;
  options.device = "cpu";
  options.threads = 1;
  options.public_key = key.c_str();
  xpuq_executor* executor = nullptr;
  CHECK(xpuq_open(artifact.c_str(), &options, &executor) == XPUQ_NOT_SIGNED);
  CHECK(says("is not signed"));
  REQUIRE(std::system(("cd '" + folder.string() + "' && openssl pkeyutl -sign -rawin -inkey key.pem -in m.xpuq -out m.xpuq.sig").c_str()) == 0);
  REQUIRE(xpuq_open(artifact.c_str(), &options, &executor) == XPUQ_OK);
  const std::vector<float> expected = scores(Opened().executor, 0.5f);
  std::fstream(artifact, std::ios::in | std::ios::out | std::ios::binary) << std::string(fs::file_size(artifact), '\0');
  CHECK(scores(executor, 0.5f) == expected);
  xpuq_close(executor);
  CHECK(xpuq_open(artifact.c_str(), &options, &executor) == XPUQ_NOT_SIGNED);
  CHECK(says("its signature is not valid"));
  options.public_key = kArtifact.c_str();
  CHECK(xpuq_open(kArtifact.c_str(), &options, &executor) == XPUQ_BAD_KEY);
  CHECK(executor == nullptr);
  fs::remove_all(folder);
}

TEST_CASE("clones run at the same time and outlive their origin") {
  xpuq_executor* clones[3] = {};
  std::vector<float> expected;
  {
    const Opened e;
    expected = scores(e.executor, 0.5f);
    for (xpuq_executor*& clone : clones) REQUIRE(xpuq_clone(e.executor, &clone) == XPUQ_OK);
  }
  std::vector<float> got[3];
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 3; ++i) threads.emplace_back([&, i] {
    const std::vector<float> in(32 * 32, 0.5f);
    got[i].resize(10);
    xpuq_bind_input(clones[i], 0, in.data(), 4096);
    xpuq_bind_output(clones[i], 0, got[i].data(), 40);
    for (int run = 0; run < 20; ++run) xpuq_run(clones[i]);
  });
  for (std::thread& t : threads) t.join();
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(got[i] == expected);
    xpuq_close(clones[i]);
  }
}

TEST_CASE("an emulated GPU through the same calls") {
  const Opened cpu, gpu("emulated:b580");
  CHECK(std::string(xpuq_device(gpu.executor)) == "emulated:b580");
  const std::vector<float> a = scores(cpu.executor, 0.25f), b = scores(gpu.executor, 0.25f);
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(b[i] == Approx(a[i]).margin(0.05));
}
