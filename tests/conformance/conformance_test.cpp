// The operator cases of the ONNX project (Debian package libonnx-testdata). Every case that passing.txt lists must give
// the stored results, through the interpreter and through a compiled plan on the CPU engine; every other one must be
// refused. A wrong number is an error wherever it comes from. README.md says how to renew the list.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "catch.h"
#include "import/onnx/import.h"
#include "import/onnx/proto.h"
#include "import/onnx/tensor.h"
#include "ir/verify.h"
#include "pipeline/pipeline.h"
#include "run_graph.h"
#include "runtime/engine.h"

using namespace xpuq;
namespace fs = std::filesystem;

namespace {

constexpr const char* kSets[] = {"node", "pytorch-converted", "pytorch-operator", "simple"};
const fs::path kList = fs::path(XPUQ_TESTS) / "conformance" / "passing.txt";

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

struct Case {
  onnx::ModelProto model;
  std::vector<onnx::TensorProto> inputs, outputs;
  bool readable = true;
};

/// Files of ONNX 1.12 store bf16 numbers as UINT16.
void restore_type(const onnx::ValueInfoProto& declared, onnx::TensorProto& t) {
  const bool bf16 = declared.type().tensor_type().elem_type() == onnx::TensorProto::BFLOAT16;
  if (bf16 && t.data_type() == onnx::TensorProto::UINT16) t.set_data_type(onnx::TensorProto::BFLOAT16);
}

Case load(const fs::path& folder) {
  Case c;
  c.readable = c.model.ParseFromString(read(folder / "model.onnx"));
  const auto& graph = c.model.graph();
  for (const char* what : {"input", "output"}) {
    const auto& declared = what[0] == 'i' ? graph.input() : graph.output();
    for (int i = 0;; ++i) {
      const fs::path file = folder / "test_data_set_0" / (std::string(what) + "_" + std::to_string(i) + ".pb");
      if (!fs::exists(file)) break;
      onnx::TensorProto t;
      // Sequences and optionals are other messages; they parse as nonsense or not at all.
      c.readable = c.readable && t.ParseFromString(read(file)) && t.data_type() != 0;
      if (i < declared.size()) restore_type(declared[i], t);
      (what[0] == 'i' ? c.inputs : c.outputs).push_back(t);
    }
  }
  return c;
}

float narrow(std::uint16_t bits, bool half) {
  onnx::TensorProto t;
  t.set_data_type(half ? onnx::TensorProto::FLOAT16 : onnx::TensorProto::BFLOAT16);
  t.add_int32_data(bits);
  return onnx_import::read_tensor("output", "output", t, nullptr)->data<float>()[0];
}

double at(const Tensor& t, std::int64_t i) {
  switch (t.dtype()) {
    case DataType::f32: return t.data<float>()[i];
    case DataType::f64: return t.data<double>()[i];
    case DataType::f16: return narrow(t.data<std::uint16_t>()[i], true);
    case DataType::bf16: return narrow(t.data<std::uint16_t>()[i], false);
    case DataType::s8: return t.data<std::int8_t>()[i];
    case DataType::u8:
    case DataType::boolean: return t.data<std::uint8_t>()[i];
    case DataType::s16: return t.data<std::int16_t>()[i];
    case DataType::s32: return t.data<std::int32_t>()[i];
    case DataType::s64: return static_cast<double>(t.data<std::int64_t>()[i]);
  }
  return std::nan("");
}

/// What an output differs in; `type` is that of the stored file, whose 16-bit floats were widened when it was read.
std::string difference(const Tensor& got, const Tensor& want, std::int32_t type) {
  const bool narrowed = type == onnx::TensorProto::FLOAT16 || type == onnx::TensorProto::BFLOAT16;
  const DataType expected = type == onnx::TensorProto::FLOAT16 ? DataType::f16
                            : narrowed                         ? DataType::bf16
                                                               : want.dtype();
  if (got.dtype() != expected)
    return "type " + std::string(to_string(got.dtype())) + ", expected " + std::string(to_string(expected));
  if (got.shape() != want.shape()) return "shape " + to_string(got.shape()) + ", expected " + to_string(want.shape());
  for (std::int64_t i = 0; i < got.elements(); ++i) {
    const double a = at(got, i);
    const double b = at(want, i);
    if (a == b || (std::isnan(a) && std::isnan(b))) continue;
    // The tolerance of ONNX's own runner for floats; integers are exact.
    const bool exact = !narrowed && want.dtype() != DataType::f32 && want.dtype() != DataType::f64;
    if (exact || !(std::abs(a - b) <= 1e-6 + (narrowed ? 1e-2 : 1e-3) * std::abs(b)))
      return "element " + std::to_string(i) + " is " + std::to_string(a) + ", expected " + std::to_string(b);
  }
  return {};
}

enum class Outcome { pass, refused, wrong };

/// The values of the outputs by the interpreter, straight after import.
std::vector<Tensor> interpret(const Graph& graph, const std::vector<Tensor>& inputs) {
  return test::outputs_of(graph, inputs);
}

/// The same by a compiled plan on the CPU engine.
Result<std::vector<Tensor>> execute(const Graph& imported, const std::vector<Tensor>& inputs) {
  static const auto engine = load_engine("cpu");
  XPUQ_TRY(engine);
  Graph graph = imported.clone();
  PipelineRecord record;
  XPUQ_TRY(run_phases(graph, Phase::normalize, Phase::normalize, {}, record));
  XPUQ_ASSIGN(const Lowered lowered, build_plan(graph, {}, false, record, nullptr));
  EngineOptions options;
  options.threads = 1;
  XPUQ_ASSIGN(const auto executable, (*engine)->load(lowered.plan, options));
  std::vector<Tensor> outputs;
  std::vector<const void*> in;
  std::vector<void*> out;
  for (const Tensor& t : inputs) in.push_back(t.raw());
  for (std::uint32_t v : lowered.plan.outputs)
    outputs.emplace_back(lowered.plan.values[v].type.dtype, lowered.plan.values[v].type.shape);
  for (Tensor& t : outputs) out.push_back(t.raw());
  XPUQ_TRY(executable->run(in, out));
  return outputs;
}

std::string compare(const Case& c, const std::vector<Tensor>& outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto want = onnx_import::read_tensor("output", "output", c.outputs.at(i), nullptr);
    if (!want) return want.error().text();
    if (std::string why = difference(outputs[i], *want, c.outputs[i].data_type()); !why.empty())
      return "output " + std::to_string(i) + ": " + why;
  }
  return {};
}

Result<ImportedModel> import(const onnx::ModelProto& model, const fs::path& folder) {
  const std::string bytes = model.SerializeAsString();
  return import_onnx((folder / "model.onnx").string(), std::as_bytes(std::span(bytes)), {});
}

/// The last `constants` inputs become initializers: axes, shapes and scales are graph inputs in these files.
Outcome attempt(const Case& c, const fs::path& folder, std::size_t constants, std::string& why) {
  onnx::ModelProto model = c.model;
  std::vector<Tensor> inputs;
  auto* graph = model.mutable_graph();
  const std::size_t count = c.inputs.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (i + constants >= count) {
      auto* t = graph->add_initializer();
      *t = c.inputs[i];
      t->set_name(graph->input(static_cast<int>(i)).name());
      continue;
    }
    auto value = onnx_import::read_tensor("input", "input", c.inputs[i], nullptr);
    if (!value) return why = value.error().text(), Outcome::refused;
    inputs.push_back(*value);
  }
  // The cases of opset 1 hold operators that have not changed since.
  for (auto& import : *model.mutable_opset_import())
    if (import.domain().empty() && import.version() < kOldestOpset) import.set_version(kOldestOpset);
  auto imported = import(model, folder);
  if (!imported && imported.error().text().find("an output of its node that is not supported") != std::string::npos) {
    graph->mutable_output()->DeleteSubrange(1, graph->output_size() - 1);  // statistics that only training needs
    imported = import(model, folder);
  }
  if (!imported) return why = imported.error().text(), Outcome::refused;
  if (why = verify(imported->graph); !why.empty()) return Outcome::wrong;
  if (why = compare(c, interpret(imported->graph, inputs)); !why.empty()) return Outcome::wrong;
  const auto outputs = execute(imported->graph, inputs);
  if (!outputs) return why = "not executed: " + outputs.error().text(), Outcome::wrong;
  if (why = compare(c, *outputs); !why.empty()) return why = "engine: " + why, Outcome::wrong;
  return Outcome::pass;
}

/// Passes when it is right with some of its inputs as constants and wrong with none.
Outcome judge(const Case& c, const fs::path& folder, std::string& why) {
  if (!c.readable) return why = "data are no tensors", Outcome::refused;
  for (const auto& input : c.model.graph().input())
    if (!input.type().has_tensor_type()) return why = "an input is no tensor", Outcome::refused;
  // Models with fewer graph inputs than data files do not exist; more would be a surprise.
  if (static_cast<std::size_t>(c.model.graph().input_size()) < c.inputs.size())
    return why = "more data than inputs", Outcome::refused;
  Outcome best = Outcome::refused;
  for (std::size_t constants = 0; constants <= c.inputs.size(); ++constants) {
    std::string reason;
    const Outcome now = attempt(c, folder, constants, reason);
    if (now == Outcome::wrong) return why = reason + " (with " + std::to_string(constants) + " constant inputs)", now;
    if (now == Outcome::pass) best = now;
    if (now == Outcome::refused && (why.empty() || constants == c.inputs.size())) why = reason;
  }
  return best;
}

/// "node/test_abs", sorted; lines with # are comments.
std::set<std::string> listed() {
  std::set<std::string> out;
  std::ifstream in(kList);
  for (std::string line; std::getline(in, line);)
    if (!line.empty() && line[0] != '#') out.insert(line);
  return out;
}

void write_list(const std::set<std::string>& passing) {
  std::ofstream out(kList);
  out << "# Cases of libonnx-testdata 1.12 that xpuq gets right; see README.md.\n";
  for (const std::string& name : passing) out << name << "\n";
}

}  // namespace

TEST_CASE("the operator cases of ONNX give the stored results or are refused", "[conformance]") {
  const char* other = std::getenv("XPUQ_ONNX_CASES");  // cases of another ONNX release, in the same folders
  const fs::path root = other ? other : "/usr/share/libonnx-testdata/data";
  if (!fs::exists(root / "node")) {
    std::cout << "conformance: skipped: " << root.string() << " is missing; try: apt-get install libonnx-testdata\n";
    return;
  }
  std::ofstream log;
  if (const char* to = std::getenv("XPUQ_CONFORMANCE_LOG")) log.open(to);
  std::set<std::string> passing, present;
  for (const char* set : kSets) {
    if (!fs::exists(root / set)) continue;
    std::set<fs::path> folders;
    for (const auto& entry : fs::directory_iterator(root / set)) folders.insert(entry.path());
    int passed = 0;
    for (const fs::path& folder : folders) {
      const std::string name = std::string(set) + "/" + folder.filename().string();
      std::string why;
      INFO(name);
      const Outcome outcome = judge(load(folder), folder, why);
      if (outcome == Outcome::wrong) FAIL_CHECK(name << ": " << why);
      if (outcome == Outcome::pass) passing.insert(name);
      passed += outcome == Outcome::pass;
      present.insert(name);
      log << (outcome == Outcome::pass ? "pass " : outcome == Outcome::wrong ? "WRONG " : "refused ") << name << ": "
          << (outcome == Outcome::pass ? "" : why) << std::endl;
    }
    std::cout << set << ": " << passed << " of " << folders.size() << " passed\n";
  }
  REQUIRE_FALSE(present.empty());
  if (std::getenv("XPUQ_CONFORMANCE_UPDATE")) return write_list(passing);
  if (other) return;  // the list is about the cases of Debian
  const std::set<std::string> wanted = listed();
  CHECK_FALSE(wanted.empty());
  // Another release of Debian has other cases: what is listed and there must pass, what is new is only reported.
  const bool same_release = std::includes(present.begin(), present.end(), wanted.begin(), wanted.end());
  for (const std::string& name : wanted)
    if (present.contains(name) && !passing.contains(name)) FAIL_CHECK(name << " no longer passes");
  for (const std::string& name : passing) {
    if (wanted.contains(name)) continue;
    if (same_release) FAIL_CHECK(name << " passes: add it to " << kList.string());
    else std::cout << name << " passes and is not listed\n";
  }
}
