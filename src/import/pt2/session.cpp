#include "import/pt2/session.h"

#include <algorithm>

#include "import/pt2/call.h"
#include "import/pt2/operators.h"
#include "import/pt2/origin.h"

namespace xpuq::pt2 {
namespace {

/// The tensor that an in-place node writes: its first argument.
std::string written_by(const ProgramNode& n, const Operator& op) {
  const std::string first(op.arguments.substr(0, op.arguments.find_first_of(" =")));
  const auto it = n.arguments.find(first);
  const auto names = it == n.arguments.end() ? std::vector<std::string>{} : tensor_names(it->second);
  return names.size() == 1 ? names[0] : "";
}

}  // namespace

Session::Session(const std::string& file, const Archive& archive, const Program& program, const ImportOptions& options)
    : file_(file), archive_(archive), program_(program), options_(options), builder_(file) {
  for (const InputSpec& spec : program.inputs)
    if (!spec.fqn.empty()) stored_.emplace(spec.name, &spec);
}

Result<ImportedModel> Session::run() {
  XPUQ_TRY(check_options());
  XPUQ_TRY(add_inputs());
  evaluate_numbers();
  find_live_nodes();
  origins_ = origins(program_, live_);
  XPUQ_TRY(check_operators());
  for (std::size_t i = 0; i < program_.nodes.size(); ++i)
    if (live_[i]) XPUQ_TRY(run_node(i));
  XPUQ_ASSIGN(const std::vector<ValueId> results, outputs());
  ImportedModel model{
      .graph = builder_.finish(results), .format = "pt2", .version = {}, .producer = {}, .notes = notes()};
  model.version = "schema " + std::to_string(program_.major) + "." + std::to_string(program_.minor);
  if (!program_.torch_version.empty() && program_.torch_version[0] != '<')
    model.producer = "pytorch " + program_.torch_version.substr(0, program_.torch_version.find('+'));
  return model;
}

void Session::find_live_nodes() {
  const std::vector<ProgramNode>& nodes = program_.nodes;
  for (std::size_t i = 0; i < nodes.size(); ++i)
    for (const auto& [argument, value] : nodes[i].arguments)
      for (const std::string& name : tensor_names(value)) last_read_[name] = std::max(last_read_[name], i);
  live_.assign(nodes.size(), false);
  std::unordered_map<std::string, bool> needed;
  for (const OutputSpec& out : program_.outputs) {
    if (out.kind == OutputSpec::Kind::mutation) {
      if (!out.name.empty())
        note("updates of buffers and inputs are dropped; every run starts from the exported values", out.name);
      continue;
    }
    last_read_[out.name] = nodes.size();
    needed[out.name] = true;
  }
  for (std::size_t i = nodes.size(); i-- > 0;) {
    bool live = is_in_place(nodes[i].target) && !is_dropped_update(i);
    for (const std::string& name : nodes[i].outputs) live = live || needed.contains(name);
    // Nodes that make numbers only have nothing to do: the numbers follow from the shapes of the inputs. sym_size
    // stays, because it can stand in for an expression that cannot be evaluated.
    live =
        live || (nodes[i].target == "aten.sym_size.int" && !nodes[i].scalars.empty() && !number(nodes[i].scalars[0]));
    live_[i] = live;
    if (!live) continue;
    for (const auto& [argument, value] : nodes[i].arguments)
      for (const std::string& name : tensor_names(value)) needed[name] = true;
  }
}

/// A buffer that is updated in place and not read again in this run: BatchNorm's count of batches.
bool Session::is_dropped_update(std::size_t node) const {
  const ProgramNode& n = program_.nodes[node];
  const Operator* op = find_operator(n.target);
  if (!op || !is_in_place(n.target)) return false;
  const std::string target = written_by(n, *op);
  const auto last = last_read_.find(target);
  if (!stored_.contains(target) || last == last_read_.end() || last->second != node) return false;
  return std::none_of(n.outputs.begin(), n.outputs.end(),
                      [&](const std::string& name) { return last_read_.contains(name); });
}

Result<void> Session::check_operators() const {
  UnsupportedOps missing;
  for (std::size_t i = 0; i < program_.nodes.size(); ++i) {
    const ProgramNode& n = program_.nodes[i];
    if (live_[i] && !n.outputs.empty() && !find_operator(n.target)) missing.add(n.target, origins_[i]);
  }
  if (missing.empty()) return {};
  return missing.error(file_, program_.nodes.size());
}

Result<void> Session::run_node(std::size_t index) {
  const ProgramNode& n = program_.nodes[index];
  const std::string& origin = origins_[index];
  const std::size_t outer = std::exchange(current_, index);
  if (n.outputs.empty()) {
    if (n.target == "aten.sym_size.int") {
      static constexpr Operator op{"aten.sym_size.int", nullptr, "self dim", OpKind::relu, true};
      Call c(*this, n, origin, op);
      XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
      XPUQ_ASSIGN(const std::size_t axis, c.axis("dim", c.rank(v)));
      set_number(n.scalars[0], static_cast<double>(c.shape(v)[axis]));
    }
    current_ = outer;
    return {};
  }
  const Operator* op = find_operator(n.target);
  Call c(*this, n, origin, *op);
  XPUQ_TRY(op->handler(c));
  if (is_in_place(n.target)) {
    const std::string target = written_by(n, *op);
    const auto made = names_.find(n.outputs[0]);
    if (target.empty() || made == names_.end())
      return builder_.problem(origin, "in-place operator " + n.target + " has no target");
    XPUQ_TRY(mutate(target, made->second.value, n.outputs[0]));
  }
  current_ = outer;
  return {};
}

Result<std::vector<ValueId>> Session::outputs() {
  std::vector<ValueId> out;
  for (std::size_t i = 0; i < program_.outputs.size(); ++i) {
    const OutputSpec& spec = program_.outputs[i];
    if (spec.kind == OutputSpec::Kind::mutation) continue;
    const std::string which = "output " + std::to_string(i);
    if (spec.kind == OutputSpec::Kind::user && spec.label == "as_tensor") {
      XPUQ_ASSIGN(ValueId v, value(spec.name, which));
      if (builder_.type(v).quant) {
        XPUQ_ASSIGN(v, plain_codes(v, spec.name, which));
      }
      out.push_back(v);
    } else if (spec.kind == OutputSpec::Kind::user && !spec.label.starts_with("as_sym_") &&
               spec.label != "as_custom_obj") {
      note("outputs that are no tensors but constants are dropped", which);
    } else {
      return Error{.code = "E301",
                   .who = file_,
                   .what = which + " is not a tensor",
                   .got = spec.label,
                   .expected = "tensors only",
                   .remedy = "return tensors from forward(), not sizes or objects",
                   .node = {}};
    }
  }
  if (out.empty())
    return Error{.code = "E302",
                 .who = file_,
                 .what = "the program has no tensor output",
                 .got = {},
                 .expected = {},
                 .remedy = {},
                 .node = {}};
  return out;
}

/// Codes that leave the model, as the integers that the program means.
Result<ValueId> Session::plain_codes(ValueId codes, const std::string& name, const std::string& which) {
  const bool u8 = u8_codes_.contains(codes);
  if (!u8 && !u8_codes_.empty())
    return unsupported(which, "hands out codes that were moved after they were made");
  XPUQ_ASSIGN(const ValueId out, builder_.emit(OpKind::to_codes, {codes}, {{"to", u8 ? "u8" : "s8"}}, name, which));
  builder_.rename(out, codes);
  return out;
}

void Session::note(const std::string& text, const std::string& item) {
  auto it = std::find_if(notes_.begin(), notes_.end(), [&](const auto& n) { return n.first == text; });
  if (it == notes_.end()) it = notes_.insert(notes_.end(), {text, {}});
  if (std::find(it->second.begin(), it->second.end(), item) == it->second.end()) it->second.push_back(item);
}

std::vector<std::string> Session::notes() const {
  std::vector<std::string> out;
  for (const auto& [text, items] : notes_) {
    std::string line = text + ": ";
    for (std::size_t i = 0; i < std::min<std::size_t>(3, items.size()); ++i) line += (i ? ", " : "") + items[i];
    if (items.size() > 3) line += ", ... (" + std::to_string(items.size()) + " in all)";
    out.push_back(std::move(line));
  }
  return out;
}

Error Session::unsupported(const std::string& origin, std::string what) const {
  return {.code = "E301",
          .who = file_,
          .what = std::move(what),
          .got = {},
          .expected = {},
          .remedy = "cut the model before '" + origin + "', or `xpuq-compile --help operators`",
          .node = origin};
}

ValueId Session::transposed(ValueId value) const {
  const auto it = transposed_.find(value);
  return it == transposed_.end() ? ValueId::none : it->second;
}

}  // namespace xpuq::pt2
