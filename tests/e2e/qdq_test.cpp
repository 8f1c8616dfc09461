// Models that came quantized (ONNX Runtime's QDQ and QOperator formats, NNCF, PyTorch's converted exports) run in int8
// with their own scales: no profile, all layers that their graphs quantize, and the answers of those who made them.
#include <cmath>

#include "support/json.h"
#include "workspace.h"

using namespace xpuq;
using namespace xpuq::test;

namespace {

/// Batch 1..4 of tools/oracle/exporting.py.
Tensor batch(std::size_t index, const Shape& shape) {
  static constexpr float kFactors[] = {1.0f, 1.5f, 0.75f, 1.25f};
  Tensor t(DataType::f32, shape);
  auto state = static_cast<std::uint32_t>(index);
  for (float& v : t.span<float>()) {
    state = state * 1664525u + 1013904223u;
    v = (static_cast<float>(state >> 8) * 0x1p-23f - 1.0f) * kFactors[index - 1];
  }
  return t;
}

std::size_t top(std::span<const float> values) {
  return static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

}  // namespace

TEST_CASE("e2e: quantized models made by others run in int8 and agree with their makers") {
  const std::string name = GENERATE(as<std::string>(), "ort_s8s8.onnx", "ort_u8s8.onnx", "ort_qlinear.onnx",
                                    "nncf.onnx", "pt2e_xpu.pt2", "pt2e_x86.pt2", "pt2e_onnx.onnx");
  INFO(name);
  const std::string folder = std::string(XPUQ_FIXTURES) + "/qdq/";
  const Json expected = Json::parse(contents(folder + name.substr(0, name.find('.')) + ".json"));
  const Workspace work;
  CompileOptions options;
  options.model = folder + name;
  options.output = work / "model.xpuq";
  const CompileResult compiled = value(compile(options, {}));
  CHECK(compiled.coverage.macs_int8 == expected["macs_int8"].get<std::uint64_t>());
  CHECK(compiled.coverage.macs_total == expected["macs_total"].get<std::uint64_t>());

  Session session = value(Session::open(options.output, "cpu", std::nullopt, {.threads = 1}));
  const Shape shape = expected["shape"].get<Shape>();
  double signal = 0, noise = 0;
  std::size_t rows = 0;
  for (const Json& row : expected["outputs"]) {
    const auto want = row.get<std::vector<float>>();
    const Tensor got = value(session.run({batch(++rows, shape)})).at(0);
    REQUIRE(static_cast<std::size_t>(got.elements()) == want.size());
    CHECK(top(got.span<float>()) == top(want));
    for (std::size_t i = 0; i < want.size(); ++i) {
      const double error = static_cast<double>(got.span<float>()[i]) - static_cast<double>(want[i]);
      signal += static_cast<double>(want[i]) * static_cast<double>(want[i]);
      noise += error * error;
    }
  }
  CHECK(rows == 4);
  CHECK(10 * std::log10(signal / noise) >= 40);
}
