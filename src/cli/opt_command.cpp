#include "cli/opt_command.h"

#include <iostream>
#include <iterator>

#include "cli/golden.h"
#include "cli/pass_list.h"
#include "cli/pass_script.h"
#include "cli/usage_error.h"
#include "driver/importers.h"
#include "ir/text.h"

namespace xpuq::cli {
namespace {

void declare(OptionTable& table) {
  declare_script_options(table);
  table.flag("--list-passes", "names of all passes");
  table.group("Golden tests");
  table.flag("--golden", "run the RUN line of each FILE and compare");
  table.flag("--update", "with --golden: rewrite what differs");
}

std::string missing_operand(const Arguments& arguments) {
  return arguments.operands.empty() && !arguments.flag("--list-passes") ? "FILE" : "";
}

Result<Graph> read_graph(const std::string& path) {
  if (path == "-") {
    const std::string text{std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
    return parse_graph(text, "standard input");
  }
  XPUQ_ASSIGN(ImportedModel model, import_model(path, {}));
  return std::move(model.graph);
}

/// The graph that the RUN line makes of the part before the separator.
Result<std::string> actual_of(const GoldenFile& file, const std::string& path) {
  OptionTable table;
  declare_script_options(table);
  XPUQ_ASSIGN(const Arguments arguments, parse_arguments(table, file.words));
  XPUQ_ASSIGN(const PassScript script, read_script(arguments));
  XPUQ_ASSIGN(Graph graph, parse_graph(file.input, path));
  std::vector<std::string> notes;
  XPUQ_TRY(run_script(script, graph, notes));
  return tidy(to_text(graph));
}

Result<void> run_golden(Invocation& invocation) {
  const bool update = invocation.arguments().flag("--update");
  std::size_t passed = 0, updated = 0;
  for (const std::string& path : invocation.arguments().operands) {
    XPUQ_ASSIGN(const GoldenFile file, read_golden(path));
    auto actual = actual_of(file, path);
    if (!actual.ok()) {
      actual.error().who = actual.error().who == path ? path : path + ": " + actual.error().who;
      invocation.miss(actual.error());
      continue;
    }
    const std::string diff = line_diff(file.expected, *actual);
    if (diff.empty()) {
      ++passed;
    } else if (update) {
      XPUQ_TRY(update_golden(path, file, *actual));
      invocation.print(path + ": updated");
      ++updated;
    } else {
      invocation.print(path + ": differs (- expected, + actual)\n" + diff);
      invocation.miss(
          make_error("E104", path, "the graph that came out is another", {}, {}, "xpuq-opt --golden --update " + path));
    }
  }
  invocation.result() = {{"passed", passed}, {"updated", updated}, {"failed", invocation.missed().size()}};
  invocation.print(std::to_string(passed) + " of " + std::to_string(invocation.arguments().operands.size()) +
                   " golden tests passed");
  return {};
}

Result<void> execute(Invocation& invocation) {
  const Arguments& arguments = invocation.arguments();
  if (arguments.flag("--list-passes")) {
    list_passes(invocation);
    return {};
  }
  XPUQ_TRY(check_needs(arguments, "--update", {"--golden"}));
  if (arguments.flag("--golden")) {
    for (const char* option : {"--pass", "--stop-after", "--range"})
      XPUQ_TRY(check_exclusive(arguments, {"--golden", option}));
    return run_golden(invocation);
  }
  if (arguments.operands.size() > 1)
    return make_error(kContradiction, arguments.operands[1], "one operand too many: xpuq-opt takes one FILE", {}, {},
                      "--golden FILE...");
  XPUQ_ASSIGN(const PassScript script, read_script(arguments));
  XPUQ_ASSIGN(Graph graph, read_graph(arguments.operands[0]));
  std::vector<std::string> notes;
  XPUQ_TRY(run_script(script, graph, notes));
  for (const std::string& note : notes) log_info(LogLevel::decisions, note);
  const std::string text = to_text(graph);
  invocation.result()["graph"] = text;
  invocation.print(text);
  return {};
}

}  // namespace

Command opt_command() {
  return {.name = "xpuq-opt",
          .examples = {"xpuq-opt --pass fold-batchnorm --pass eliminate-dead-nodes graph.xir",
                       "xpuq-opt --golden tests/golden/pass/*.xir"},
          .synopsis = {"xpuq-opt [--pass NAME]... [--stop-after PHASE] FILE.xir|MODEL|-",
                       "xpuq-opt --golden [--update] FILE.xir...", "xpuq-opt --list-passes"},
          .declare = declare,
          .missing_operand = missing_operand,
          .versions = [] { return std::vector<std::pair<std::string, std::string>>{}; },
          .execute = execute};
}

}  // namespace xpuq::cli
