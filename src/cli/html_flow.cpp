// The graph of the report: steps stand below each other in execution order, so that 400 are as readable as 20; what is
// read by a later step than the next runs down a lane at the right.
#include <algorithm>
#include <cstdint>
#include <set>
#include <string_view>

#include "cli/html_parts.h"
#include "cli/html_text.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

constexpr int kRow = 30, kBox = 22, kWidth = 480, kLane = 9, kStem = 30;
constexpr std::size_t kTitle = 42, kShape = 20;  // characters that fit: the operation and the title; the shape
constexpr std::size_t kMostRows = 4000;  // a drawing that a browser still scrolls

struct Kind {
  std::string_view name, css;
};
Kind kind_of(Arithmetic a) {
  switch (a) {
    case Arithmetic::int8: return {"int8", "int8"};
    case Arithmetic::conversion: return {"conversion", "conversion"};
    default: return {"float", "float"};
  }
}

/// A row of the drawing: a step, an input or an output of the model.
struct Row {
  std::string_view css;
  std::string badge, op, title, shape, hint;
  std::string link;                       ///< id of the table's row; empty: none
  std::vector<std::size_t> sources;       ///< rows
  bool integers = false;                  ///< what it makes is quantized
};

std::string type_badge(const FlowStep& s) {
  return s.arithmetic == Arithmetic::conversion ? s.source_type + "→" + s.type : s.type;
}

std::vector<Row> rows_of(const CompileResult& result) {
  const FlowReport& flow = result.flow;
  const auto row_of = [&](std::int64_t source) {
    return source < 0 ? static_cast<std::size_t>(-1 - source) : flow.inputs.size() + static_cast<std::size_t>(source);
  };
  std::set<std::size_t> layers;
  for (const LayerReport& l : result.layers) layers.insert(l.index);
  std::vector<Row> rows;
  for (const EndReport& e : flow.inputs) rows.push_back({.css = "end", .badge = e.type, .op = "input", .title = e.name, .shape = e.shape, .hint = "input " + e.name, .link = {}, .sources = {}});
  for (const FlowStep& s : flow.steps) {
    const Kind kind = kind_of(s.arithmetic);
    Row row{.css = kind.css, .badge = type_badge(s), .op = s.op, .title = s.title(), .shape = s.shape, .hint = {}, .link = {}, .sources = {}, .integers = s.type == "s8" || s.type == "u8"};
    row.hint = std::to_string(s.index) + " " + s.op + ", " + std::string(kind.name) + ", " + s.shape + ": " + join(s.nodes, " + ");
    if (layers.contains(s.index)) row.link = "layer-" + std::to_string(s.index);
    for (std::int64_t source : s.sources) row.sources.push_back(row_of(source));
    rows.push_back(std::move(row));
  }
  for (const EndReport& e : flow.outputs) rows.push_back({.css = "end", .badge = e.type, .op = "output", .title = e.name, .shape = e.shape, .hint = "output " + e.name, .link = {}, .sources = {row_of(e.step)}});
  if (rows.size() > kMostRows) rows.resize(kMostRows);
  return rows;
}

/// The lane of each row that a row beyond the next reads: the first one that is free from there to its last reader.
struct Trunk {
  std::size_t source, last, lane;
};
std::vector<Trunk> trunks_of(const std::vector<Row>& rows, std::size_t& lanes) {
  std::vector<std::size_t> last(rows.size(), 0);
  for (std::size_t r = 0; r < rows.size(); ++r)
    for (std::size_t s : rows[r].sources)
      if (r > s + 1) last[s] = r;
  std::vector<Trunk> trunks;
  std::vector<std::size_t> busy_until;
  for (std::size_t s = 0; s < rows.size(); ++s) {
    if (last[s] == 0) continue;
    std::size_t lane = 0;
    while (lane < busy_until.size() && busy_until[lane] >= s) ++lane;
    if (lane == busy_until.size()) busy_until.push_back(0);
    busy_until[lane] = last[s];
    trunks.push_back({s, last[s], lane});
  }
  lanes = busy_until.size();
  return trunks;
}

std::size_t middle(std::size_t row) { return row * kRow + kRow / 2; }

std::string edge(const char* shape, bool integers, const std::string& path) {
  return std::string("<path class=\"") + shape + (integers ? " int8" : " float") + "\" d=\"" + path + "\"/>";
}

std::string edges(const std::vector<Row>& rows, const std::vector<Trunk>& trunks) {
  std::string out;
  for (std::size_t r = 1; r < rows.size(); ++r)
    if (std::find(rows[r].sources.begin(), rows[r].sources.end(), r - 1) != rows[r].sources.end())
      out += edge("edge", rows[r - 1].integers, "M" + std::to_string(kStem) + " " + std::to_string(middle(r - 1) + kBox / 2) + "V" + std::to_string(middle(r) - kBox / 2));
  for (const Trunk& t : trunks) {
    const std::string x = std::to_string(kWidth + 14 + t.lane * kLane);
    out += edge("edge", rows[t.source].integers, "M" + std::to_string(kWidth) + " " + std::to_string(middle(t.source) + 5) + "H" + x + "V" + std::to_string(middle(t.last) - 5));
    for (std::size_t r = t.source + 2; r <= t.last; ++r)
      if (std::find(rows[r].sources.begin(), rows[r].sources.end(), t.source) != rows[r].sources.end())
        out += edge("edge into", rows[t.source].integers, "M" + x + " " + std::to_string(middle(r) - 5) + "H" + std::to_string(kWidth + 5));
  }
  return out;
}

std::string box(std::size_t r, const Row& row) {
  const std::string out = "<g class=\"step " + std::string(row.css) + "\" transform=\"translate(0 " + std::to_string(r * kRow) + ")\"><title>" + escape_html(row.hint) + "</title>" +
                    "<rect class=\"box\" x=\"1\" y=\"" + std::to_string((kRow - kBox) / 2) + "\" width=\"" + std::to_string(kWidth - 2) + "\" height=\"" + std::to_string(kBox) + "\" rx=\"4\"/>" +
                    "<text class=\"type\" x=\"" + std::to_string(kStem) + "\" y=\"19\">" + escape_html(row.badge) + "</text>" +
                    "<text x=\"66\" y=\"19\" clip-path=\"url(#title)\"><tspan class=\"op\">" + escape_html(row.op) + "</tspan> <tspan class=\"name\">" + shorten_front_html(row.title, kTitle - std::min(row.op.size(), kTitle / 2)) + "</tspan></text>" +
                    "<text class=\"shape\" x=\"" + std::to_string(kWidth - 8) + "\" y=\"19\">" + shorten_html(row.shape, kShape) + "</text></g>";
  return row.link.empty() ? out : "<a href=\"#" + row.link + "\">" + out + "</a>";
}

}  // namespace

std::string badge(Arithmetic arithmetic) {
  const Kind kind = kind_of(arithmetic);
  return "<span class=\"badge " + std::string(kind.css) + "\">" + std::string(kind.name) + "</span>";
}

std::string flow_strip(const CompileResult& result) {
  const std::size_t count = result.flow.steps.size();
  std::string out = "<svg class=\"strip\" viewBox=\"0 0 " + std::to_string(std::max<std::size_t>(count, 1)) + " 3\" preserveAspectRatio=\"none\" aria-hidden=\"true\">";
  for (const Arithmetic a : {Arithmetic::int8, Arithmetic::floating, Arithmetic::conversion}) {
    std::string path;
    for (const FlowStep& s : result.flow.steps)
      if (s.arithmetic == a) path += "M" + std::to_string(s.index) + " " + std::to_string(static_cast<std::size_t>(a)) + "h1v1h-1z";
    out += "<path class=\"" + std::string(kind_of(a).css) + "\" d=\"" + path + "\"/>";
  }
  return out + "</svg>";
}

std::string flow_graph(const CompileResult& result) {
  const std::vector<Row> rows = rows_of(result);
  std::size_t lanes = 0;
  const std::vector<Trunk> trunks = trunks_of(rows, lanes);
  const std::string width = std::to_string(kWidth + 20 + lanes * kLane), height = std::to_string(rows.size() * kRow);
  std::string out = "<svg class=\"flow\" width=\"" + width + "\" height=\"" + height + "\" viewBox=\"0 0 " + width + " " + height + "\">" +
                    "<defs><clipPath id=\"title\"><rect x=\"66\" y=\"0\" width=\"276\" height=\"30\"/></clipPath></defs>" + edges(rows, trunks);
  for (std::size_t r = 0; r < rows.size(); ++r) out += box(r, rows[r]);
  out += "</svg>";
  const std::size_t all = result.flow.inputs.size() + result.flow.steps.size() + result.flow.outputs.size();
  return rows.size() == all ? out : out + "<p>Drawn: the first " + std::to_string(rows.size()) + " of " + std::to_string(all) + " rows.</p>";
}

}  // namespace xpuq::cli
