// What the quantization report tells (cli.md 4.1): one structure behind its text, CSV, JSON and HTML forms.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace xpuq {

/// A closed interval of reals.
struct Interval {
  float lo = 0, hi = 0;
};

/// One activation at a layer: what calibration observed of it against what its codes can express.
struct ActivationReport {
  std::string name;                        ///< the user's name of the value
  std::string type;                        ///< "s8"
  std::string shape;
  std::optional<float> scale;              ///< empty: not quantized
  std::int32_t zero_point = 0;
  std::optional<Interval> chosen;          ///< what the lowest and the highest code stand for
  std::optional<Interval> observed;        ///< smallest and largest element; empty: not observed
  std::vector<float> histogram;            ///< counts over equal parts of `observed`, at most kHistogramBars
  std::optional<double> clipped_percent;   ///< of the observed elements, in bins wholly beyond `chosen` by half a step
};
inline constexpr std::size_t kHistogramBars = 64;

struct WeightReport {
  std::string shape;
  std::uint64_t f32_bytes = 0;             ///< of the constant weight; 0 when it is an activation
  std::optional<Interval> scale;           ///< smallest and largest scale; empty: not quantized
  std::size_t scales = 0;                  ///< one, or one a channel
};

/// One executed conv, linear or other layer of the quantization report.
struct LayerReport {
  std::size_t index = 0;            ///< of its step
  std::string name;                 ///< value it makes
  std::string op;
  std::vector<std::string> nodes;   ///< the user's nodes
  std::string shape;
  std::uint64_t macs = 0;
  bool int8 = false;
  bool wanted = false;              ///< the recipe wanted it in int8
  std::string types;                ///< "s8 x s8 -> s8"
  std::vector<std::string> post_ops;
  ActivationReport source, destination;
  WeightReport weights;
  std::optional<float> weight_sqnr_db;  ///< of the quantized weights; infinite when they lose nothing
  std::optional<float> source_sqnr_db;  ///< of the model's output when the layer's source alone is quantized; measured
  std::optional<float> sqnr_db, output_sqnr_db;  ///< of the layer's and of the model's output when it alone is int8; measured
  std::string reason;               ///< closed list of cli.md 4.1 when float
  std::string detail;

  const std::string& title() const { return nodes.empty() ? name : nodes[0]; }
};

enum class Arithmetic : std::uint8_t { int8, floating, conversion };

/// One executed step, whether it has weights or not.
struct FlowStep {
  std::size_t index = 0;
  std::string name;                 ///< value it makes
  std::string op;
  std::vector<std::string> nodes;
  std::string shape;
  std::string source_type, type;    ///< of its first input and of what it makes
  Arithmetic arithmetic = Arithmetic::floating;
  std::uint64_t bytes = 0;          ///< activations that it reads and writes in one inference
  /// Where its activations come from: the number of a step, or -1 - i for input i of the model.
  std::vector<std::int64_t> sources;

  const std::string& title() const { return nodes.empty() ? name : nodes[0]; }
};

struct EndReport {
  std::string name, type, shape;
  std::int64_t step = 0;            ///< an output's maker, as in `sources`
};

/// Everything that is executed, in order, and what flows between.
struct FlowReport {
  std::vector<EndReport> inputs, outputs;
  std::vector<FlowStep> steps;
};

struct Coverage {
  std::size_t layers_int8 = 0, layers_total = 0;
  std::uint64_t macs_int8 = 0, macs_total = 0;
  std::uint64_t weight_bytes_int8 = 0, weight_bytes_total = 0;  ///< of the f32 weights
  std::size_t conversions = 0;          ///< quantize and dequantize steps left in the plan
  std::uint64_t conversion_bytes = 0;   ///< bytes they read and write per inference
  double percent() const { return macs_total ? 100.0 * static_cast<double>(macs_int8) / static_cast<double>(macs_total) : 100.0; }
};

/// What the artifact was made from. Hashes are 64 hexadecimal digits; the profile's are empty without one.
struct Provenance {
  std::string model_format, model_version;
  std::string graph_sha256, weights_sha256;
  std::string profile;              ///< file name
  std::string profile_sha256;       ///< of the file
  std::uint64_t samples = 0;        ///< pictures it was made from
  std::string method;               ///< range rule
};

}  // namespace xpuq
