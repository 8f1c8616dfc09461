#include "quantize/recipe_file.h"

#include <algorithm>
#include <set>

#include "qmath/range_rules.h"
#include "support/text.h"

namespace xpuq {
namespace {

constexpr std::string_view kSchema = "xpuq.recipe/";
constexpr std::size_t kMostEntries = 100'000;

/// Collects what is wrong, so that a person mends a file in one go.
class Findings {
 public:
  void add(std::string text) { list_.push_back(std::move(text)); }
  bool empty() const { return list_.empty(); }
  Error error(const std::string& code, const std::string& who, const std::string& remedy) const {
    return {.code = code, .who = who, .what = list_.size() == 1 ? list_[0] : std::to_string(list_.size()) + " defects: " + join(list_, "; "),
            .got = {}, .expected = {}, .remedy = remedy, .node = {}};
  }

 private:
  std::vector<std::string> list_;
};

std::string quoted(const std::string& s) { return "'" + s + "'"; }

std::string near_words(const std::string& word, const std::vector<std::string>& words) {
  const auto near = nearest(word, words);
  return near.empty() ? "one of " + join(words, ", ") : "near: " + join(near, ", ");
}

class Reader {
 public:
  explicit Reader(Findings& findings) : findings_(findings) {}

  Recipe read(const Json& file) {
    Recipe r;
    for (const auto& [key, value] : file.items()) {
      if (key == "schema") continue;
      if (key == "family") word(key, value, {"xpu", "x86"}, [&](const std::string& w) { r.family = w == "x86" ? RecipeFamily::x86 : RecipeFamily::xpu; });
      else if (key == "global") config(key, value, r.global);
      else if (key == "modules") entries(key, value, "name", [&](const std::string& name, ActivationConfig c) { module(r, name, c); });
      else if (key == "operators") entries(key, value, "type", [&](const std::string& type, ActivationConfig c) { op(r, type, c); });
      else if (key == "exclude") strings(key, value, r.exclude);
      else if (key == "exclude_types") strings(key, value, r.exclude_types);
      else if (key == "only") strings(key, value, r.only);
      else if (key == "quantize_matmul") flag(key, value, r.quantize_matmul);
      else if (key == "weight_granularity") word(key, value, {"channel", "tensor"}, [&](const std::string& w) { r.per_channel_weights = w == "channel"; });
      else if (key == "weight_scale_floor") word(key, value, {"reference", "none"}, [&](const std::string& w) { r.weight_scale_floor = w == "reference"; });
      else if (key == "method") method(value, r.method);
      else findings_.add("unknown key " + quoted(key) + " (" + near_words(key, keys()) + ")");
    }
    for (const std::string& glob : r.only)
      if (std::find(r.exclude.begin(), r.exclude.end(), glob) != r.exclude.end()) findings_.add(quoted(glob) + " is in both 'only' and 'exclude'");
    return r;
  }

 private:
  static std::vector<std::string> keys() {
    return {"schema", "family", "global", "modules", "operators", "exclude", "exclude_types", "only",
            "quantize_matmul", "weight_granularity", "weight_scale_floor", "method"};
  }

  void wrong(const std::string& key, const Json& value, const std::string& expected) {
    std::string got = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (got.size() > 40) got = got.substr(0, 37) + "...";
    findings_.add(quoted(key) + " is " + got + ", expected " + expected);
  }
  template <class Use>
  void word(const std::string& key, const Json& value, const std::vector<std::string>& words, const Use& use) {
    const bool known = value.is_string() && std::find(words.begin(), words.end(), value.get<std::string>()) != words.end();
    known ? use(value.get<std::string>()) : wrong(key, value, join(words, ", "));
  }
  void config(const std::string& key, const Json& value, ActivationConfig& to) {
    word(key, value, {"asymmetric", "symmetric", "float"}, [&](const std::string& w) { to = *parse_activation_config(w); });
  }
  void flag(const std::string& key, const Json& value, bool& to) { value.is_boolean() ? void(to = value.get<bool>()) : wrong(key, value, "true or false"); }
  void strings(const std::string& key, const Json& value, std::vector<std::string>& to) {
    const bool fits = value.is_array() && value.size() <= kMostEntries && std::all_of(value.begin(), value.end(), [](const Json& e) { return e.is_string(); });
    if (!fits) return wrong(key, value, "a list of strings");
    for (const Json& e : value) to.push_back(e.get<std::string>());
  }
  void method(const Json& value, std::string& to) {
    if (!value.is_string()) return wrong("method", value, "a string");
    to = value.get<std::string>();
    if (const auto rule = qmath::parse_range_rule(to); !rule.ok()) findings_.add("'method': " + rule.error().what + " " + rule.error().expected);
  }

  template <class Add>
  void entries(const std::string& key, const Json& value, const std::string& name_key, const Add& add) {
    if (!value.is_array() || value.size() > kMostEntries) return wrong(key, value, "a list of entries");
    for (std::size_t i = 0; i < value.size(); ++i) {
      const std::string where = key + "[" + std::to_string(i) + "]";
      const Json& e = value[i];
      const bool shaped = e.is_object() && e.size() == 2 && e.contains(name_key) && e.contains("config") && e[name_key].is_string();
      if (!shaped) {
        wrong(where, e, "{\"" + name_key + "\": \"...\", \"config\": \"float\"}");
        continue;
      }
      ActivationConfig c;
      config(where + ".config", e["config"], c);
      add(e[name_key].get<std::string>(), c);
    }
  }
  void module(Recipe& r, const std::string& name, ActivationConfig c) {
    if (name.empty()) return findings_.add("a module has an empty name");
    for (const ModuleEntry& e : r.modules)
      if (e.name == name) return findings_.add("module " + quoted(name) + " is listed twice, as " + std::string(to_string(e.config)) + " and " + std::string(to_string(c)));
    r.modules.push_back({name, c});
  }
  void op(Recipe& r, const std::string& type, ActivationConfig c) {
    const auto parsed = parse_operator_type(type);
    if (!parsed) return findings_.add("operator " + quoted(type) + " cannot be configured (" + near_words(type, operator_type_names()) + ")");
    for (const OperatorEntry& e : r.operators)
      if (e.type == *parsed) return findings_.add("operator " + quoted(std::string(to_string(*parsed))) + " is listed twice, as " + std::string(to_string(e.config)) + " and " + std::string(to_string(c)));
    r.operators.push_back({*parsed, c});
  }

  Findings& findings_;
};

}  // namespace

Result<Recipe> read_recipe(std::string_view text, const std::string& who) {
  XPUQ_ASSIGN(const Json file, parse_json(text, "E210", who));
  Findings findings;
  if (!file.is_object()) {
    findings.add("is no JSON object");
    return findings.error("E210", who, "`xpuq-compile --help recipe` shows one");
  }
  const auto schema = file.find("schema");
  const std::string expected = std::string(kSchema) + std::to_string(kRecipeMajor);
  if (schema == file.end() || !schema->is_string() || schema->get<std::string>() != expected)
    findings.add("'schema' is " + (schema == file.end() ? std::string("missing") : schema->dump(-1, ' ', false, Json::error_handler_t::replace)) + ", expected \"" + expected + "\"");
  Recipe recipe = Reader(findings).read(file);
  if (!findings.empty()) return findings.error("E210", who, "`xpuq-compile --help recipe` shows the form");
  return recipe;
}

Json recipe_json(const Recipe& r) {
  Json out;
  out["schema"] = std::string(kSchema) + std::to_string(kRecipeMajor);
  out["family"] = r.family == RecipeFamily::xpu ? "xpu" : "x86";
  out["global"] = to_string(r.global);
  out["modules"] = Json::array();
  for (const ModuleEntry& e : r.modules) out["modules"].push_back({{"name", e.name}, {"config", to_string(e.config)}});
  out["operators"] = Json::array();
  for (const OperatorEntry& e : r.operators) out["operators"].push_back({{"type", to_string(e.type)}, {"config", to_string(e.config)}});
  out["exclude"] = r.exclude;
  out["exclude_types"] = r.exclude_types;
  out["only"] = r.only;
  out["quantize_matmul"] = r.quantize_matmul;
  out["weight_granularity"] = r.per_channel_weights ? "channel" : "tensor";
  out["weight_scale_floor"] = r.weight_scale_floor ? "reference" : "none";
  if (!r.method.empty()) out["method"] = r.method;
  return out;
}

Result<void> check_recipe(const Recipe& recipe, const Graph& graph) {
  std::set<std::string> unique;
  for (NodeId n : graph.order()) {
    const Node& node = graph.node(n);
    unique.insert(node.origin.begin(), node.origin.end());
    if (!node.outputs.empty()) unique.insert(graph.output_of(n).name);
  }
  const std::vector<std::string> names(unique.begin(), unique.end());
  Findings findings;
  const auto globs = [&](const std::vector<std::string>& list, const std::string& option) {
    for (const std::string& glob : list) {
      if (std::any_of(names.begin(), names.end(), [&](const std::string& n) { return glob_match(glob, n); })) continue;
      const auto near = nearest(glob, names);
      findings.add(option + " " + quoted(glob) + " matches no node" + (near.empty() ? "" : " (near: " + join(near, ", ") + ")"));
    }
  };
  globs(recipe.exclude, "--exclude");
  globs(recipe.only, "--only");
  for (const std::string& type : recipe.exclude_types) {
    if (parse_op(type)) continue;
    std::vector<std::string> ops;
    for (const OpSchema& s : all_ops()) ops.emplace_back(s.name);
    const auto near = nearest(type, ops);
    findings.add("--exclude-type " + quoted(type) + " is no operation" + (near.empty() ? "" : " (near: " + join(near, ", ") + ")"));
  }
  for (const ModuleEntry& e : recipe.modules) {
    if (std::any_of(graph.order().begin(), graph.order().end(), [&](NodeId n) { return in_module(graph, n, e.name); })) continue;
    const auto near = nearest(e.name, names);
    findings.add("module " + quoted(e.name) + " holds no node" + (near.empty() ? "" : " (near: " + join(near, ", ") + ")"));
  }
  for (const OperatorEntry& e : recipe.operators) {
    if (std::any_of(graph.order().begin(), graph.order().end(), [&](NodeId n) { return operator_type(graph, n) == e.type; })) continue;
    findings.add("operator " + quoted(std::string(to_string(e.type))) + " does not occur in the model");
  }
  if (findings.empty()) return {};
  return findings.error("E207", "recipe", "--dump-graph - shows the names");
}

}  // namespace xpuq
