// The operator cases of the ONNX project (Debian package libonnx-testdata): every model that is taken must give the
// stored results. A refusal is fine, a wrong number never.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "catch.h"
#include "import/onnx/tensor.h"
#include "ir/verify.h"
#include "model.h"

using namespace xpuq;
using namespace xpuq::onnx_test;
namespace fs = std::filesystem;

namespace {

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

struct Case {
  fs::path folder;
  onnx::ModelProto model;
  std::vector<onnx::TensorProto> inputs, outputs;
  bool readable = true;
};

Case load(const fs::path& folder) {
  Case c{folder, {}, {}, {}};
  c.readable = c.model.ParseFromString(read(folder / "model.onnx"));
  for (const char* what : {"input", "output"})
    for (int i = 0;; ++i) {
      const fs::path file = folder / "test_data_set_0" / (std::string(what) + "_" + std::to_string(i) + ".pb");
      if (!fs::exists(file)) break;
      onnx::TensorProto t;
      // Sequences and optionals are other messages; they parse as nonsense or not at all.
      c.readable = c.readable && t.ParseFromString(read(file)) && t.data_type() != 0;
      (what[0] == 'i' ? c.inputs : c.outputs).push_back(t);
    }
  return c;
}

double at(const Tensor& t, std::int64_t i) {
  switch (t.dtype()) {
    case DataType::f32: return t.data<float>()[i];
    case DataType::f64: return t.data<double>()[i];
    case DataType::s8: return t.data<std::int8_t>()[i];
    case DataType::u8:
    case DataType::boolean: return t.data<std::uint8_t>()[i];
    case DataType::s16: return t.data<std::int16_t>()[i];
    case DataType::s32: return t.data<std::int32_t>()[i];
    case DataType::s64: return static_cast<double>(t.data<std::int64_t>()[i]);
    default: return std::nan("");
  }
}

std::string difference(const Tensor& got, const Tensor& want) {
  if (got.dtype() != want.dtype())
    return "type " + std::string(to_string(got.dtype())) + ", expected " + std::string(to_string(want.dtype()));
  if (got.shape() != want.shape()) return "shape " + to_string(got.shape()) + ", expected " + to_string(want.shape());
  for (std::int64_t i = 0; i < got.elements(); ++i) {
    const double a = at(got, i);
    const double b = at(want, i);
    if (a == b || (std::isnan(a) && std::isnan(b))) continue;
    if (!(std::abs(a - b) <= 1e-6 + 1e-3 * std::abs(b)))  // the tolerance of ONNX's own runner
      return "element " + std::to_string(i) + " is " + std::to_string(a) + ", expected " + std::to_string(b);
  }
  return {};
}

enum class Outcome { pass, refused, wrong };

/// The last `constants` inputs become initializers: axes, shapes and scales are graph inputs in these files.
Outcome attempt(const Case& c, std::size_t constants, std::string& why) {
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
  // Files from before opset 9 hold operators that have not changed since, or that have attributes nobody knows now.
  for (auto& import : *model.mutable_opset_import())
    if (import.domain().empty() && import.version() < 9) import.set_version(9);
  auto imported = import_bytes(model.SerializeAsString(), c.folder.string() + "/model.onnx");
  if (!imported && imported.error().text().find("an output of its node that is not supported") != std::string::npos) {
    graph->mutable_output()->DeleteSubrange(1, graph->output_size() - 1);  // statistics that only training needs
    imported = import_bytes(model.SerializeAsString(), c.folder.string() + "/model.onnx");
  }
  if (!imported) return why = imported.error().text(), Outcome::refused;
  if (why = verify(imported->graph); !why.empty()) return Outcome::wrong;
  const auto outputs = run(imported->graph, inputs);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto want = onnx_import::read_tensor("output", "output", c.outputs.at(i), nullptr);
    if (!want) return why = want.error().text(), Outcome::wrong;
    if (why = difference(outputs[i], *want); !why.empty()) return Outcome::wrong;
  }
  return Outcome::pass;
}

Outcome judge(const Case& c, std::string& why) {
  if (!c.readable) return why = "data are no tensors", Outcome::refused;
  for (const auto& input : c.model.graph().input())
    if (!input.type().has_tensor_type()) return why = "an input is no tensor", Outcome::refused;
  // Models with fewer graph inputs than data files do not exist; more would be a surprise.
  if (static_cast<std::size_t>(c.model.graph().input_size()) < c.inputs.size())
    return why = "more data than inputs", Outcome::refused;
  Outcome best = Outcome::refused;
  for (std::size_t constants = 0; constants <= c.inputs.size(); ++constants) {
    std::string reason;
    const Outcome now = attempt(c, constants, reason);
    if (now == Outcome::wrong) return why = reason + " (with " + std::to_string(constants) + " constant inputs)", now;
    if (now == Outcome::pass) best = now;
    if (now == Outcome::refused && (why.empty() || constants == c.inputs.size())) why = reason;
  }
  return best;
}

}  // namespace

TEST_CASE("the operator cases of ONNX give the stored results or are refused", "[conformance]") {
  const char* set = GENERATE("node", "pytorch-operator", "pytorch-converted", "simple");
  const char* other = std::getenv("XPUQ_ONNX_CASES");  // cases of another ONNX release, in the same folders
  const fs::path root = fs::path(other ? other : "/usr/share/libonnx-testdata/data") / set;
  if (!fs::exists(root)) {
    WARN(root.string() + " is missing; libonnx-testdata has it");
    return;
  }
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(root)) folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  int passed = 0, refusals = 0;
  std::map<std::string, int> reasons;
  std::ofstream log;
  if (const char* to = std::getenv("XPUQ_CONFORMANCE_LOG")) log.open(to, std::ios::app);
  for (const fs::path& folder : folders) {
    std::string why;
    INFO(folder.filename().string());
    const Outcome outcome = judge(load(folder), why);
    if (outcome == Outcome::wrong) FAIL_CHECK(folder.filename().string() << ": " << why);
    passed += outcome == Outcome::pass;
    refusals += outcome == Outcome::refused;
    log << (outcome == Outcome::pass    ? "pass "
            : outcome == Outcome::wrong ? "WRONG "
                                        : "refused ")
        << folder.filename().string() << ": " << (outcome == Outcome::pass ? "" : why) << "\n";
  }
  std::cout << set << ": " << passed << " passed, " << refusals << " refused of " << folders.size() << "\n";
  CHECK(passed + refusals == static_cast<int>(folders.size()));
  // What is supported must not quietly become less (ONNX 1.12, as Debian 12 ships it; later ones have more cases).
  const std::map<std::string, int> least{
      {"node", 576}, {"pytorch-operator", 28}, {"pytorch-converted", 72}, {"simple", 6}};
  CHECK(passed >= least.at(set));
}
