#include "xe/yaml.h"

namespace xpuq::xe {
namespace {

struct Line {
  int number = 0;
  int indent = 0;
  std::string_view text;
};

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && (s.back() == ' ' || s.back() == '\r' || s.back() == '\t')) s.remove_suffix(1);
  while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
  return s;
}

std::string unquoted(std::string_view s) {
  s = trimmed(s);
  if (s.size() >= 2 && (s.front() == '"' || s.front() == '\'') && s.back() == s.front()) s = s.substr(1, s.size() - 2);
  return std::string(s);
}

/// "key: value" or "key:"; where the colon is, npos if the text is a plain scalar.
std::size_t colon_of(std::string_view s) {
  if (!s.empty() && (s.front() == '"' || s.front() == '\'')) return std::string_view::npos;
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (s[i] == ':' && (i + 1 == s.size() || s[i + 1] == ' ')) return i;
  }
  return std::string_view::npos;
}

constexpr int kMostLines = 400000;
constexpr int kDeepest = 24;

class YamlReader {
 public:
  YamlReader(std::string_view text, const std::string& who) : who_(who) {
    int number = 0;
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      std::string_view line = text.substr(0, end);
      text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
      ++number;
      int indent = 0;
      while (indent < static_cast<int>(line.size()) && line[static_cast<std::size_t>(indent)] == ' ') ++indent;
      const std::string_view rest = trimmed(line);
      if (rest.empty() || rest.front() == '#' || rest == "---" || rest == "...") continue;
      lines_.push_back({number, indent, rest});
      if (lines_.size() > static_cast<std::size_t>(kMostLines)) break;
    }
  }

  Result<YamlNode> run() {
    if (lines_.size() > static_cast<std::size_t>(kMostLines)) return bad(lines_.back(), "too many lines");
    YamlNode root;
    if (lines_.empty()) return root;
    XPUQ_TRY(block(root, lines_[0].indent, 0));
    if (at_ < lines_.size()) return bad(lines_[at_], "indentation");
    return root;
  }

 private:
  Error bad(const Line& line, const std::string& what) {
    return make_error("E620", who_, ".ze_info is not readable: " + what, "line " + std::to_string(line.number));
  }

  bool is_item(const Line& line) const { return line.text == "-" || line.text.substr(0, 2) == "- "; }

  Result<void> block(YamlNode& node, int indent, int depth) {
    if (depth > kDeepest) return bad(lines_[at_], "nested too deeply");
    while (at_ < lines_.size() && lines_[at_].indent == indent) {
      Line& line = lines_[at_];
      if (is_item(line)) {
        if (!node.map.empty()) break;  // a list under the key of a map, not indented: the caller's
        XPUQ_TRY(item(node, indent, depth));
        continue;
      }
      if (!node.list.empty()) return bad(line, "a key inside a list");
      const std::size_t colon = colon_of(line.text);
      if (colon == std::string_view::npos) return bad(line, "no key");
      node.map.push_back({unquoted(line.text.substr(0, colon)), {}});
      YamlNode& child = node.map.back().value;
      child.scalar = unquoted(line.text.substr(colon + 1));
      ++at_;
      if (at_ >= lines_.size() || !child.scalar.empty()) continue;
      const Line& next = lines_[at_];
      if (next.indent > indent) XPUQ_TRY(block(child, next.indent, depth + 1));
      else if (next.indent == indent && is_item(next)) XPUQ_TRY(list_only(child, indent, depth + 1));
    }
    return {};
  }

  Result<void> list_only(YamlNode& node, int indent, int depth) {
    while (at_ < lines_.size() && lines_[at_].indent == indent && is_item(lines_[at_])) XPUQ_TRY(item(node, indent, depth));
    return {};
  }

  Result<void> item(YamlNode& node, int indent, int depth) {
    Line& line = lines_[at_];
    std::string_view rest = line.text.substr(1);
    int shift = 1;
    while (!rest.empty() && rest.front() == ' ') {
      rest.remove_prefix(1);
      ++shift;
    }
    node.list.emplace_back();
    YamlNode& child = node.list.back();
    if (rest.empty()) {
      ++at_;
      if (at_ < lines_.size() && lines_[at_].indent > indent) return block(child, lines_[at_].indent, depth + 1);
      return {};
    }
    if (rest.front() != '-' && colon_of(rest) == std::string_view::npos) {
      child.scalar = unquoted(rest);
      ++at_;
      return {};
    }
    // The rest of the line is the first line of a block of its own.
    line.indent = indent + shift;
    line.text = rest;
    return block(child, line.indent, depth + 1);
  }

  const std::string& who_;
  std::vector<Line> lines_;
  std::size_t at_ = 0;
};

}  // namespace

const YamlNode* YamlNode::get(std::string_view key) const {
  for (const auto& [name, node] : map) {
    if (name == key) return &node;
  }
  return nullptr;
}

std::string_view YamlNode::text(std::string_view key) const {
  const YamlNode* node = get(key);
  return node ? std::string_view(node->scalar) : std::string_view{};
}

Result<YamlNode> read_yaml(std::string_view text, const std::string& who) { return YamlReader(text, who).run(); }

}  // namespace xpuq::xe
