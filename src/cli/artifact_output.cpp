#include "cli/artifact_output.h"

#include "cli/text_table.h"
#include "cli/usage_error.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

bool is_scalar(const Json& value) { return !value.is_object() && !value.is_array(); }

bool fits_on_a_line(const Json& value) {
  if (is_scalar(value)) return true;
  for (const Json& item : value)
    if (!is_scalar(item) && !(item.is_array() && fits_on_a_line(item))) return false;
  return value.dump().size() <= 100;
}

std::string line_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (is_scalar(value)) return value.dump();
  std::vector<std::string> parts;
  if (value.is_array()) {
    bool numbers = !value.empty();
    for (const Json& item : value) {
      parts.push_back(line_of(item));
      numbers = numbers && item.is_number_integer();
    }
    return parts.empty() ? "none" : join(parts, numbers ? "x" : ", ");
  }
  for (const auto& [key, item] : value.items()) parts.push_back(key + " " + line_of(item));
  return join(parts, ", ");
}

/// The document for people: a key and its value a line, indented where they nest.
void print_document(const Json& document, std::size_t indent, std::string& out) {
  constexpr std::size_t kColumn = 22;
  for (const auto& [key, value] : document.items()) {
    const std::string name = std::string(indent, ' ') + (document.is_array() ? "-" : key);
    if (fits_on_a_line(value)) {
      const std::string space(name.size() + 2 < kColumn && document.is_object() ? kColumn - name.size() : 2, ' ');
      out += name + (document.is_array() ? " " : space) + line_of(value) + "\n";
    } else {
      out += name + "\n";
      print_document(value, indent + 2, out);
    }
  }
}

/// Steps of a GPU beside the interpreter: one line, and with -v one for each that is not equal.
void show_steps(Invocation& invocation, const StepReport& report) {
  if (report.steps.empty()) return;
  std::size_t equal = 0;
  std::uint64_t elements = 0, different = 0;
  Json& list = invocation.result()["self_test"]["steps"] = Json::array();
  for (const StepDifference& d : report.steps) {
    equal += d.different == 0;
    elements += d.elements;
    different += d.different;
    list.push_back({{"index", d.step}, {"op", d.op}, {"impl", d.implementation}, {"nodes", d.nodes}, {"elements", d.elements}, {"different", d.different}, {"largest", d.largest}});
    if (d.step < report.work.size()) {
      const StepWork& w = report.work[d.step];
      list.back()["work"] = {{"instructions", w.instructions}, {"dpas", w.systolic}, {"bytes_read", w.bytes_read}, {"bytes_written", w.bytes_written}};
    }
    if (d.different > 0)
      log_info(LogLevel::decisions, "step " + std::to_string(d.step) + " " + d.op + " (" + d.implementation + "): " + std::to_string(d.different) + " of " + std::to_string(d.elements) + " differ, by at most " +
                                        format_f64(d.largest) + "; first " + format_f64(d.got) + " for " + format_f64(d.expected));
  }
  invocation.print("steps      " + std::to_string(equal) + " of " + std::to_string(report.steps.size()) + " equal to the interpreter, " + std::to_string(different) + " of " + std::to_string(elements) + " elements differ");
}

}  // namespace

Result<void> show_info(Invocation& invocation, const RunRequest& request) {
  XPUQ_ASSIGN(const Json info, artifact_info(request.options.artifact, {.verify_all = request.verify, .public_key = request.options.public_key}));
  invocation.result()["artifact"] = info;
  std::string text;
  print_document(info, 0, text);
  invocation.print(text);
  return {};
}

Result<void> show_self_test(Invocation& invocation, const RunRequest& request) {
  XPUQ_ASSIGN(const SelfTestReport report, self_test(request.options, invocation.reporter()));
  invocation.result()["self_test"] = {{"tests", report.tests}, {"passed", report.passed}};
  invocation.print("self-test  " + std::to_string(report.passed) + " of " + std::to_string(report.tests) + " passed");
  show_steps(invocation, report.steps);
  if (report.failure) invocation.miss(*report.failure);
  // Nothing compared is nothing proved.
  if (report.tests == 0)
    invocation.miss(
        make_error("E605", request.options.artifact, "has no self-test to run", {}, {}, "xpuq-compile --self-test 1"));
  return {};
}

Result<void> show_compatibility(Invocation& invocation, const RunRequest& request) {
  Json& out = invocation.result();
  out["compatible"] = false;
  const auto no = [&](const Error& error) {
    invocation.print("no   " + error.what);
    return error;
  };
  const auto info = artifact_info(request.options.artifact, {.public_key = request.options.public_key});
  if (!info.ok()) return no(info.error());
  out["format"] = info->value("format", "");
  const RunOptions& o = request.options;
  auto opened = Session::open(o.artifact, o.device, o.batch, {.threads = o.threads}, o.cache, {.public_key = o.public_key});
  if (!opened.ok()) return no(opened.error());
  out["compatible"] = true;
  out["device"] = {{"name", opened->placement().device_name()}, {"onednn", opened->placement().library()}};
  invocation.print("yes  format " + out["format"].get<std::string>() + ", device " + opened->placement().device_name() +
                   ", " + opened->placement().library());
  const std::vector<SectionFit> sections = opened->placement().sections();
  Json& list = out["sections"] = Json::array();
  for (const SectionFit& s : sections) {
    list.push_back({{"key", s.key}, {"fits", to_string(s.fit)}});
    invocation.print("     " + s.key + ": " + std::string(to_string(s.fit)));
  }
  return {};
}

Result<void> show_layers(Invocation& invocation, const RunRequest& request) {
  const RunOptions& o = request.options;
  XPUQ_ASSIGN(Session session, Session::open(o.artifact, o.device, o.batch, {.threads = o.threads}, o.cache, {.public_key = o.public_key}));
  const Plan& plan = session.plan();
  const std::vector<StepInfo>& infos = session.executable().steps();
  Rows rows{{"#", "op", "shape", "type", "primitive", "implementation", "nodes"}};
  Json& list = invocation.result()["layers"] = Json::array();
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const Step& step = plan.steps[i];
    const TensorType type = step.outputs.empty() ? TensorType{} : plan.values[step.outputs[0]].type;
    const StepInfo info = i < infos.size() ? infos[i] : StepInfo{};
    rows.push_back({std::to_string(i), std::string(to_string(step.op)), to_string(type.shape),
                    std::string(to_string(type.dtype)), info.primitive, info.implementation, join(step.origin, " + ")});
    list.push_back({{"index", i},
                    {"op", to_string(step.op)},
                    {"nodes", step.origin},
                    {"shape", type.shape},
                    {"type", to_string(type.dtype)},
                    {"primitive", info.primitive},
                    {"impl", info.implementation}});
  }
  invocation.print(align(rows, {0}));
  return {};
}

Result<void> show_devices(Invocation& invocation) {
  XPUQ_ASSIGN(const std::vector<DeviceInfo> devices, list_devices());
  Rows rows;
  Json& list = invocation.result()["devices"] = Json::array();
  for (const DeviceInfo& d : devices) {
    rows.push_back({d.id, d.name, d.library});
    list.push_back({{"kind", d.id}, {"name", d.name}, {"onednn", d.library}});
  }
  invocation.print(align(rows));
  return {};
}

}  // namespace xpuq::cli
