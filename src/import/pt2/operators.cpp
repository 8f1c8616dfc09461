#include "import/pt2/operators.h"

#include <unordered_map>

namespace xpuq::pt2 {
namespace {

constexpr Operator kOperators[] = {
#define PT2_OP(target, handler, kind, arguments) {target, import_op::handler, arguments, OpKind::kind, false},
#define PT2_ARRANGES(target, handler, kind, arguments) {target, import_op::handler, arguments, OpKind::kind, true},
#include "import/pt2/operators.def"
#undef PT2_OP
#undef PT2_ARRANGES
};

const Operator* exactly(std::string_view target) {
  static const auto index = [] {
    std::unordered_map<std::string_view, const Operator*> by_target;
    for (const Operator& op : kOperators) by_target.emplace(op.target, &op);
    return by_target;
  }();
  const auto it = index.find(target);
  return it == index.end() ? nullptr : it->second;
}

/// "aten.relu_.default" -> "aten.relu.default"; empty for ordinary names and for Python's "__and__".
std::string without_underscore(std::string_view target) {
  const std::size_t end = target.rfind('.');
  if (end == std::string_view::npos || end < 2 || target[end - 1] != '_' || target[end - 2] == '_') return {};
  std::string out(target);
  return out.erase(end - 1, 1);
}

}  // namespace

const Operator* find_operator(std::string_view target) {
  const Operator* op = exactly(target);
  return op ? op : exactly(without_underscore(target));
}

bool is_in_place(std::string_view target) { return !exactly(target) && !without_underscore(target).empty(); }

std::vector<std::string_view> supported_targets() {
  std::vector<std::string_view> out;
  for (const Operator& op : kOperators) out.push_back(op.target);
  return out;
}

}  // namespace xpuq::pt2
