// xpuq-compile: model and profile to artifact.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "driver/compile_targets.h"
#include "driver/cpu_tuning.h"
#include "driver/report.h"
#include "driver/reporter.h"
#include "driver/search.h"
#include "driver/verify_targets.h"
#include "import/model.h"
#include "passes/pass.h"
#include "pipeline/pipeline.h"
#include "quantize/recipe.h"
#include "support/json.h"
#include "xpuq/result.h"

namespace xpuq {

/// What convolution and linear compute in; `int8_bf16` lets what is not int8 compute and travel in bf16.
enum class Precision { int8, int8_bf16, f32, bf16 };
std::string_view to_string(Precision precision);
std::optional<Precision> parse_precision(std::string_view name);
inline bool quantizes(Precision p) { return p == Precision::int8 || p == Precision::int8_bf16; }
inline bool narrows(Precision p) { return p == Precision::int8_bf16 || p == Precision::bf16; }

struct CompileOptions {
  std::string model;
  std::string output;                    ///< empty: MODEL's name + .xpuq
  std::optional<std::string> profile;    ///< empty: MODEL's name + .xcal if present
  enum class ProfileCheck { strict, graph, off } profile_check = ProfileCheck::strict;
  Precision precision = Precision::int8;
  Recipe recipe;
  FittingOptions fitting;
  std::vector<std::string> calibration;  ///< operands: pictures that fitting works on
  SearchOptions search;
  ImportOptions import;
  std::vector<std::int64_t> batches;     ///< several: one plan each, sharing weights; empty: the model's
  std::optional<double> min_sqnr;        ///< dB: layers whose own output is noisier go back to float
  std::size_t fallback_worst = 0;        ///< so many layers, those that cost the model's output most, too
  bool strict = false;
  double min_int8_coverage = 0;          ///< percent of multiply-adds
  std::string labels_file;               ///< --embed-labels
  std::string name;
  int self_tests = 1;
  std::string private_key;               ///< --sign: PEM file; empty: no signature
  bool strip = false;
  bool dry_run = false;
  bool fuse = true;
  std::optional<Phase> stop_after;       ///< then `dump` holds the text and nothing is written
  std::string dump_graph;                ///< file for the final graph: .dot, .json or text; empty: none
  std::string export_qdq;                ///< ONNX file with the same quantization; empty: none
  std::string dump_after;                ///< pass name whose result is dumped instead
  int threads = 0;
  std::vector<gpu::Target> targets;      ///< GPUs to compile for, besides the portable plan
  bool cpu = false;                      ///< named as a target
  bool tune = false;                     ///< kernels chosen: for GPUs by predicted time, for the CPU by measurement
  bool verify = false;                   ///< their sections run on emulated devices before anything is written
};

struct CompileResult {
  std::string output;
  std::uint64_t bytes = 0;        ///< of the artifact
  std::uint64_t f32_bytes = 0;    ///< of the model's constants in f32
  Precision precision = Precision::int8;
  Provenance provenance;
  Coverage coverage;
  std::vector<LayerReport> layers;
  FlowReport flow;
  PipelineRecord record;
  std::vector<std::string> notes; ///< decisions worth telling, for the report
  std::string dump;               ///< text of --stop-after
  std::vector<TargetReport> targets;
  std::optional<CpuTuning> cpu_tuning;
  std::vector<TuningReport> tunings;
  std::vector<VerifiedTarget> verified;
  std::optional<SearchResult> search;
  double seconds = 0;
  std::vector<Error> missed;      ///< targets not met (E601 coverage, E602 strict, E610 search); the artifact was written all the same
};

Result<CompileResult> compile(const CompileOptions& options, const Reporter& reporter);

}  // namespace xpuq
