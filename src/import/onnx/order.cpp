#include "import/onnx/order.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <unordered_map>
#include <unordered_set>

#include "import/onnx/reader.h"

namespace xpuq::onnx_import {
namespace {

/// Names that the branches of a node read, wherever they come from; those made inside do no harm, because SSA keeps
/// them apart from the names outside.
void collect_captures(const onnx::GraphProto& graph, std::vector<std::string>& names) {
  for (const auto& output : graph.output()) names.push_back(output.name());
  for (const auto& node : graph.node()) {
    names.insert(names.end(), node.input().begin(), node.input().end());
    for (const auto& a : node.attribute())
      if (a.has_g()) collect_captures(a.g(), names);
  }
}

class Order {
 public:
  Order(const std::string& file, std::span<const FlatNode> nodes,
        const std::function<bool(const std::string&)>& defined)
      : file_(file), nodes_(nodes), defined_(defined), reads_(nodes.size()), readers_(nodes.size()) {}

  Result<NodeOrder> run(const std::vector<std::string>& wanted) {
    XPUQ_TRY(find_producers());
    XPUQ_TRY(link());
    XPUQ_ASSIGN(const std::vector<std::size_t> sorted, sort());
    XPUQ_ASSIGN(const std::vector<bool> needed, reach(wanted));
    NodeOrder out;
    std::copy_if(sorted.begin(), sorted.end(), std::back_inserter(out.nodes), [&](std::size_t i) { return needed[i]; });
    out.unused = nodes_.size() - out.nodes.size();
    return out;
  }

 private:
  Error problem(std::size_t i, std::string what, std::string got = {}) const {
    Error e = file_error(file_, "E306", std::move(what), std::move(got), {},
                         "run onnx.checker on the file, or export it again");
    e.node = origin_of(*nodes_[i].proto);
    return e;
  }

  Result<void> find_producers() {
    for (std::size_t i = 0; i < nodes_.size(); ++i)
      for (const std::string& name : nodes_[i].proto->output()) {
        if (name.empty()) continue;
        const auto [it, fresh] = producer_.emplace(name, i);
        if (!fresh)
          return problem(i, "'" + name + "' is defined twice",
                         "also made by node '" + origin_of(*nodes_[it->second].proto) + "'");
        if (defined_(name)) return problem(i, "'" + name + "' is defined twice", "also an input or initializer");
      }
    return {};
  }

  Result<void> link() {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const onnx::NodeProto& node = *nodes_[i].proto;
      for (const std::string& name : node.input()) {
        if (name.empty() || defined_(name)) continue;
        if (!producer_.contains(name)) return problem(i, "reads '" + name + "', which nothing defines");
        add(i, name);
      }
      std::vector<std::string> captures;
      for (const auto& a : node.attribute())
        if (a.has_g()) collect_captures(a.g(), captures);
      for (const std::string& name : captures)
        if (producer_.contains(name)) add(i, name);
    }
    return {};
  }

  void add(std::size_t reader, const std::string& name) {
    const std::size_t from = producer_.at(name);
    reads_[reader].push_back(from);
    readers_[from].push_back(reader);
  }

  /// Always the first node in the file whose inputs are there: an ordered file keeps its order.
  Result<std::vector<std::size_t>> sort() const {
    std::vector<std::size_t> missing(nodes_.size());
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      missing[i] = reads_[i].size();
      if (missing[i] == 0) ready.push(i);
    }
    std::vector<std::size_t> out;
    while (!ready.empty()) {
      const std::size_t i = ready.top();
      ready.pop();
      out.push_back(i);
      for (std::size_t r : readers_[i])
        if (--missing[r] == 0) ready.push(r);
    }
    if (out.size() == nodes_.size()) return out;
    return cycle(missing);
  }

  /// Every node left waits for another one left; following them comes back to where it has been.
  Error cycle(const std::vector<std::size_t>& missing) const {
    const auto first = std::find_if(missing.begin(), missing.end(), [](std::size_t m) { return m > 0; });
    auto at = static_cast<std::size_t>(first - missing.begin());
    std::unordered_map<std::size_t, std::size_t> place;
    std::vector<std::size_t> path;
    while (place.emplace(at, path.size()).second) {
      path.push_back(at);
      at = *std::find_if(reads_[at].begin(), reads_[at].end(), [&](std::size_t p) { return missing[p] > 0; });
    }
    std::string loop;
    for (std::size_t i = place[at]; i < path.size() && i < place[at] + 8; ++i)
      loop += (loop.empty() ? "'" : " <- '") + origin_of(*nodes_[path[i]].proto) + "'";
    return problem(at, "is part of a cycle", loop + " <- '" + origin_of(*nodes_[at].proto) + "'");
  }

  Result<std::vector<bool>> reach(const std::vector<std::string>& wanted) const {
    std::vector<bool> needed(nodes_.size());
    std::vector<std::size_t> open;
    for (const std::string& name : wanted) {
      if (const auto it = producer_.find(name); it != producer_.end()) open.push_back(it->second);
      else if (!defined_(name))
        return file_error(file_, "E306", "output '" + name + "' is made by no node", {}, {},
                          "run onnx.checker on the file, or export it again");
    }
    while (!open.empty()) {
      const std::size_t i = open.back();
      open.pop_back();
      if (needed[i]) continue;
      needed[i] = true;
      open.insert(open.end(), reads_[i].begin(), reads_[i].end());
    }
    return needed;
  }

  const std::string& file_;
  std::span<const FlatNode> nodes_;
  const std::function<bool(const std::string&)>& defined_;
  std::unordered_map<std::string, std::size_t> producer_;
  std::vector<std::vector<std::size_t>> reads_, readers_;
};

}  // namespace

std::string origin_of(const onnx::NodeProto& node) {
  if (!node.name().empty()) return node.name();
  return node.output_size() > 0 ? node.output(0) : node.op_type();
}

Result<NodeOrder> order_nodes(const std::string& file, std::span<const FlatNode> nodes,
                              const std::function<bool(const std::string&)>& defined,
                              const std::vector<std::string>& wanted) {
  return Order(file, nodes, defined).run(wanted);
}

}  // namespace xpuq::onnx_import
