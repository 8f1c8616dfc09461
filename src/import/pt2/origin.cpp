#include "import/pt2/origin.h"

#include <set>
#include <unordered_map>

#include "import/pt2/operators.h"

namespace xpuq::pt2 {
namespace {

struct Module {
  std::string key;   ///< "L__self___conv1@1": one call of one module
  std::string path;  ///< "conv1"; empty for the whole model
};

/// The modules around a node, outermost first, from "key,path,Class;key,path,Class".
std::vector<Module> modules_of(std::string_view stack) {
  std::vector<Module> out;
  while (!stack.empty()) {
    const std::size_t end = stack.find(';');
    const std::string_view part = stack.substr(0, end);
    stack = end == std::string_view::npos ? std::string_view() : stack.substr(end + 1);
    const std::size_t first = part.find(',');
    const std::size_t second = first == std::string_view::npos ? first : part.find(',', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view path = part.substr(first + 1, second - first - 1);
    if (path.starts_with("_empty_nn_module_stack")) continue;  // torch's mark for nodes outside of every module
    out.push_back({std::string(part.substr(0, first)), std::string(path)});
  }
  return out;
}

/// Nodes that only arrange data do not make a module have two operations: a decomposed Linear is view, addmm, view.
bool computes(const ProgramNode& n) {
  if (n.outputs.empty()) return false;
  const Operator* op = find_operator(n.target);
  return !op || !op->arranges;
}

}  // namespace

std::vector<std::string> origins(const Program& program, const std::vector<bool>& live) {
  std::vector<Module> innermost;
  std::set<std::string> with_children;            // keys of modules that call modules
  std::unordered_map<std::string, int> computing;  // operations directly in a module, by key
  for (std::size_t i = 0; i < program.nodes.size(); ++i) {
    const ProgramNode& n = program.nodes[i];
    const std::vector<Module> modules = modules_of(n.module_stack);
    for (std::size_t m = 0; m + 1 < modules.size(); ++m) with_children.insert(modules[m].key);
    innermost.push_back(modules.empty() ? Module{} : modules.back());
    if (!modules.empty() && live[i] && computes(n)) ++computing[modules.back().key];
  }
  std::vector<std::string> out;
  for (std::size_t i = 0; i < program.nodes.size(); ++i) {
    const Module& m = innermost[i];
    const ProgramNode& n = program.nodes[i];
    if (m.path.empty()) out.push_back(n.name);
    else if (computes(n) && computing[m.key] == 1 && !with_children.contains(m.key)) out.push_back(m.path);
    else out.push_back(m.path + "/" + n.name);
  }
  return out;
}

}  // namespace xpuq::pt2
