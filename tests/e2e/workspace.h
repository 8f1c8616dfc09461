// A temporary folder and the driver calls that end-to-end tests share.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "catch.h"
#include "driver/calibrate.h"
#include "driver/compile.h"
#include "driver/run.h"

namespace xpuq::test {

class Workspace {
 public:
  Workspace() {
    std::string pattern = (std::filesystem::temp_directory_path() / "xpuq-test-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Workspace() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

inline std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The value of a result, or a failed test with the error's text.
template <class T>
T value(Result<T> r) {
  INFO((r.ok() ? std::string() : r.error().text()));
  REQUIRE(r.ok());
  return std::move(*r);
}

inline CalibrateOptions calibration(const std::string& model, const std::string& pictures, const std::string& preset, const std::string& output) {
  CalibrateOptions o;
  o.model = model;
  o.operands = {pictures};
  o.output = output;
  o.images.reset();
  o.import.batch = std::nullopt;
  o.preprocessing[""].preset = preset;
  return o;
}

inline CompileOptions compilation(const std::string& model, const std::string& profile, Precision precision, const std::string& output) {
  CompileOptions o;
  o.model = model;
  o.profile = profile;
  o.precision = precision;
  o.output = output;
  return o;
}

inline RunResult evaluate_on(const std::string& artifact, const std::string& pictures, const std::string& reference = {}, int threads = 0) {
  RunOptions o;
  o.artifact = artifact;
  o.operands = {pictures};
  o.accuracy = true;
  o.reference = reference;
  o.threads = threads;
  return value(run(o, {}, {}));
}

inline const std::string kDigits = std::string(XPUQ_MODELS) + "/digits/";

}  // namespace xpuq::test
