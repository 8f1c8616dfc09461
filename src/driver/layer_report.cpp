#include "driver/layer_report.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "driver/sqnr.h"
#include "ops/multiply_adds.h"
#include "ops/post_ops.h"
#include "quantize/annotate.h"
#include "support/text.h"

namespace xpuq {
namespace {

bool is_layer(OpKind op) { return op == OpKind::conv || op == OpKind::conv_transpose || op == OpKind::linear || op == OpKind::matmul; }

/// What identifies a layer through all fusions: the first of the user's nodes it stands for, else its result's name.
std::string key(const Graph& g, NodeId n) {
  const Node& node = g.node(n);
  return node.origin.empty() ? g.output_of(n).name : node.origin[0];
}

std::set<std::string> weighted_keys(const Graph& g, const Recipe& recipe) {
  std::set<std::string> keys;
  for (NodeId n : annotate(g, recipe).weighted) keys.insert(key(g, n));
  return keys;
}

/// Why the recipe, filters aside, leaves a layer in float.
std::pair<std::string, std::string> recipe_reason(const Graph& g, NodeId n) {
  const Node& node = g.node(n);
  if (node.op == OpKind::conv_transpose) return {"not-quantizable-op", "transposed convolution stays float in this recipe"};
  if (node.op == OpKind::matmul) return {"recipe", "products of two activations need --quantize-matmul"};
  if (!g.input_of(n, 1).is_constant()) return {"dynamic-weight", "its weight is computed at run time"};
  if (node.op == OpKind::conv && g.input_of(n, 0).type.shape.size() != 4)
    return {"recipe", "1-D convolution without ReLU and 3-D convolution stay float unless a recipe file names them"};
  return {"recipe", "its source is not a float value that can be observed"};
}

std::string types_of(const Graph& g, NodeId n) {
  return std::string(to_string(g.input_of(n, 0).type.dtype)) + " x " + std::string(to_string(g.input_of(n, 1).type.dtype)) + " -> " +
         std::string(to_string(g.output_of(n).type.dtype));
}

/// Of the codes of a layer against the weights that they stand for.
std::optional<float> weight_sqnr(const Value& codes, const Value& wei) {
  if (!codes.constant || !wei.constant || codes.type.dtype != DataType::s8 || !codes.type.quant || codes.type.shape != wei.type.shape || wei.type.dtype != DataType::f32) return std::nullopt;
  const QuantParams& quant = *codes.type.quant;
  const std::span<const std::int8_t> q = codes.constant->span<std::int8_t>();
  const std::span<const float> w = wei.constant->span<float>();
  const std::size_t run = q.size() / std::max<std::size_t>(quant.scales.size(), 1);  // the axis is 0
  std::vector<float> back(q.size());
  for (std::size_t i = 0; i < q.size(); ++i) back[i] = static_cast<float>(q[i]) * quant.scales[run ? i / run : 0];
  Sqnr sqnr;
  sqnr.add(w, back);
  return static_cast<float>(sqnr.db());
}

void add_sqnr(LayerReport& row, const Graph& final_graph, NodeId n, const Graph& normalized, NodeId source, const Profile* profile) {
  if (row.int8) row.weight_sqnr_db = weight_sqnr(final_graph.input_of(n, 1), normalized.input_of(source, 1));
  if (!profile) return;
  if (const ProfileValue* value = profile->find(normalized.input_of(source, 0).name)) row.source_sqnr_db = value->sqnr_db;
  for (const ProfileLayer& layer : profile->layers) {
    if (layer.name != normalized.output_of(source).name) continue;
    row.sqnr_db = layer.sqnr_db;
    row.output_sqnr_db = layer.output_sqnr_db;
  }
}

}  // namespace

std::uint64_t multiply_adds(const Graph& g, NodeId n) {
  const Node& node = g.node(n);
  if (!is_layer(node.op)) return 0;
  return multiply_adds(node.op, g.input_of(n, 0).type.shape, g.input_of(n, 1).type.shape, g.output_of(n).type.shape);
}

std::vector<LayerReport> report_layers(const Graph& normalized, const Graph& final_graph, const Recipe* recipe, const Profile* profile) {
  std::set<std::string> wanted, admitted;
  std::map<std::string, std::pair<std::string, std::string>> reasons;
  std::map<std::string, std::vector<NodeId>> calls;  // a layer in the normalized graph: several where a module is reused
  if (recipe) {
    admitted = weighted_keys(normalized, *recipe);
    wanted = weighted_keys(normalized, without_exceptions(*recipe));
    for (NodeId n : normalized.order())
      if (is_layer(normalized.node(n).op)) {
        reasons[key(normalized, n)] = recipe_reason(normalized, n);
        calls[key(normalized, n)].push_back(n);
      }
  }
  std::vector<LayerReport> rows;
  std::map<std::string, std::size_t> called;
  for (std::size_t i = 0; i < final_graph.order().size(); ++i) {
    const NodeId n = final_graph.order()[i];
    const Node& node = final_graph.node(n);
    if (!is_layer(node.op)) continue;
    LayerReport row;
    row.index = i;
    row.name = final_graph.output_of(n).name;
    row.op = std::string(to_string(node.op));
    row.nodes = node.origin;
    row.shape = to_string(final_graph.output_of(n).type.shape);
    row.macs = multiply_adds(final_graph, n);
    row.int8 = final_graph.input_of(n, 0).type.dtype == DataType::s8;
    row.types = types_of(final_graph, n);
    for (const PostOp& op : post_ops(node.attributes)) row.post_ops.push_back(op.kind);
    const std::string k = key(final_graph, n);
    row.wanted = wanted.contains(k);
    NodeId source = NodeId::none;
    if (const auto it = calls.find(k); it != calls.end()) source = it->second[std::min(called[k]++, it->second.size() - 1)];
    if (source != NodeId::none) {
      add_sqnr(row, final_graph, n, normalized, source, profile);
      row.source.name = normalized.input_of(source, 0).name;
    }
    if (recipe && !row.int8) {
      if (row.wanted && source != NodeId::none && falls_back(*recipe, normalized, source)) {
        row.reason = "min-sqnr";
        row.detail = "measured to cost too much in int8" + (row.sqnr_db ? ": " + format_fixed(*row.sqnr_db, 1) + " dB of its own, " + format_fixed(*row.output_sqnr_db, 1) + " dB at the model's output" : std::string());
      } else if (row.wanted && !admitted.contains(k)) {
        row.reason = "excluded";
        row.detail = "kept in float by --exclude, --exclude-type, --only or the recipe file";
      } else if (row.wanted) {
        row.reason = "unsupported-shape";
        row.detail = "no int8 form of this operation takes its shapes and types";
      } else if (const auto it = reasons.find(k); it != reasons.end()) {
        std::tie(row.reason, row.detail) = it->second;
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::string> reuse_notes(const Graph& g) {
  std::map<std::string, std::size_t> calls;  // of one operation in one module
  for (NodeId n : g.order()) {
    const Node& node = g.node(n);
    // "layer1.relu" is a module of one operation; "layer1/add_" an operation in a module's forward.
    if (node.origin.empty() || node.origin[0].find('/') != std::string::npos || !(is_layer(node.op) || is_unary(node.op))) continue;
    ++calls[node.origin[0] + "' (" + std::string(to_string(node.op))];
  }
  std::vector<std::string> notes;
  for (const auto& [module, count] : calls)
    if (count > 1)
      notes.push_back("module '" + module + ") is called " + std::to_string(count) +
                      " times: every call is quantized by itself, where PyTorch's quantizer stops unless the export is strict");
  return notes;
}

Coverage coverage(const std::vector<LayerReport>& layers, const FlowReport& flow) {
  Coverage c;
  for (const LayerReport& row : layers) {
    ++c.layers_total;
    c.macs_total += row.macs;
    c.weight_bytes_total += row.weights.f32_bytes;
    if (!row.int8) continue;
    ++c.layers_int8;
    c.macs_int8 += row.macs;
    c.weight_bytes_int8 += row.weights.f32_bytes;
  }
  for (const FlowStep& step : flow.steps) {
    if (step.arithmetic != Arithmetic::conversion) continue;
    ++c.conversions;
    c.conversion_bytes += step.bytes;
  }
  return c;
}

}  // namespace xpuq
