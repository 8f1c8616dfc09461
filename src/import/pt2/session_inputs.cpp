// Graph inputs and symbolic sizes: what --batch and --shape leave open is refused, everything else becomes a number.
#include <algorithm>

#include "import/pt2/element_type.h"
#include "import/pt2/json_fields.h"
#include "import/pt2/session.h"

namespace xpuq::pt2 {
namespace {

std::string range_text(std::optional<std::int64_t> low, std::optional<std::int64_t> high) {
  // torch writes unbounded as null, as 2^63-1 or as a number near it.
  constexpr std::int64_t kUnbounded = std::int64_t{1} << 62;
  const std::int64_t most = high.value_or(kUnbounded);
  const std::int64_t least = low.value_or(0);
  if (most < kUnbounded) return std::to_string(least) + ".." + std::to_string(most);
  return least > 0 ? "at least " + std::to_string(least) : "";
}

Error usage(const std::string& file, std::string what, std::string got, std::string expected, std::string remedy) {
  return {.code = "E205",
          .who = file,
          .what = std::move(what),
          .got = std::move(got),
          .expected = std::move(expected),
          .remedy = std::move(remedy),
          .node = {}};
}

}  // namespace

Result<void> Session::check_options() const {
  std::string names;
  for (const InputSpec& spec : program_.inputs)
    if (spec.kind == InputSpec::Kind::user) names += (names.empty() ? "'" : ", '") + spec.name + "'";
  for (const auto& [wanted, shape] : options_.shapes) {
    const bool known =
        wanted.empty() || std::any_of(program_.inputs.begin(), program_.inputs.end(), [&](const InputSpec& s) {
          return s.kind == InputSpec::Kind::user && s.name == wanted;
        });
    if (!known)
      return usage(file_, "--shape names an input that the model has not", "'" + wanted + "'", names,
                   "--shape NAME:" + to_string(shape));
  }
  return {};
}

Result<void> Session::add_inputs() {
  std::vector<const InputSpec*> users;
  for (const InputSpec& spec : program_.inputs) {
    if (spec.kind == InputSpec::Kind::user) users.push_back(&spec);
    if (spec.kind == InputSpec::Kind::other)
      return Error{.code = "E301",
                   .who = file_,
                   .what = "input '" + spec.name + "' is not a tensor",
                   .got = spec.label,
                   .expected = "tensors only",
                   .remedy = "export the model with tensor inputs only",
                   .node = {}};
  }
  // Inputs with a --shape come first: they may fix the symbols of the others.
  std::vector<std::size_t> order(users.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_partition(order.begin(), order.end(),
                        [&](std::size_t i) { return options_.shapes.contains(users[i]->name); });
  std::vector<Shape> shapes(users.size());
  std::vector<DataType> types(users.size());
  for (std::size_t i : order) {
    const InputSpec& spec = *users[i];
    const auto meta = program_.tensor_meta(spec.name);
    if (!meta)
      return Error{.code = "E307",
                   .who = file_,
                   .what = "its program does not describe input '" + spec.name + "'",
                   .got = {},
                   .expected = "an entry of tensor_values",
                   .remedy = "save the model again with torch.export.save",
                   .node = {}};
    const auto type = element_type(meta->dtype);
    if (!type || *type == DataType::f64)
      return Error{.code = "E305",
                   .who = file_,
                   .what = "input '" + spec.name + "' has an element type that is not supported",
                   .got = element_type_name(meta->dtype),
                   .expected = "float32 or an integer type",
                   .remedy = "export model.float() with float32 inputs",
                   .node = {}};
    types[i] = *type;
    if (*type == DataType::f16 || *type == DataType::bf16) {
      types[i] = DataType::f32;
      note("inputs in half precision are taken as f32", spec.name);
    }
    XPUQ_TRY(resolve_input(spec, *meta, users.size(), shapes[i]));
  }
  for (std::size_t i = 0; i < users.size(); ++i)
    bind(users[i]->name,
         builder_.input(users[i]->name, {.dtype = types[i], .shape = shapes[i], .layout = Layout::plain, .quant = {}}));
  return {};
}

Result<void> Session::resolve_input(const InputSpec& spec, const TensorMeta& meta, std::size_t count, Shape& shape) {
  Shape dims;
  std::vector<std::string> symbols, ranges;
  for (const SymbolicInt& size : meta.sizes) {
    const auto* expression = std::get_if<SymbolicExpression>(&size);
    std::optional<std::int64_t> known = expression ? expression->evaluate(symbols_) : std::get<std::int64_t>(size);
    if (known && *known < 0)
      return Error{.code = "E307",
                   .who = file_,
                   .what = "its program gives input '" + spec.name + "' a negative size",
                   .got = std::to_string(*known),
                   .expected = {},
                   .remedy = {},
                   .node = {}};
    dims.push_back(known.value_or(-1));
    symbols.push_back(expression ? expression->text() : "");
    const auto range = program_.ranges.find(symbols.back());
    ranges.push_back(range == program_.ranges.end() ? "" : range_text(range->second.first, range->second.second));
  }
  XPUQ_ASSIGN(shape, resolve_input_shape(file_, spec.name, dims, symbols, ranges, options_, count));
  XPUQ_TRY(learn_symbols(spec.name, meta, shape));
  return check_ranges(spec.name);
}

Result<void> Session::learn_symbols(const std::string& input, const TensorMeta& meta, const Shape& shape) {
  // A size such as s0 + s1 can be solved once a later one has given s1.
  for (bool progress = true; progress;) {
    progress = false;
    for (std::size_t i = 0; i < meta.sizes.size(); ++i) {
      const auto* expression = std::get_if<SymbolicExpression>(&meta.sizes[i]);
      if (!expression || expression->evaluate(symbols_)) continue;
      if (const auto found = solve(*expression, shape[i], symbols_)) progress = symbols_.insert(*found).second;
    }
  }
  for (std::size_t i = 0; i < meta.sizes.size(); ++i) {
    const auto* expression = std::get_if<SymbolicExpression>(&meta.sizes[i]);
    const auto value = expression ? expression->evaluate(symbols_) : std::optional(shape[i]);
    if (value == shape[i]) continue;
    return usage(file_, "input '" + input + "' cannot have this shape",
                 "dimension " + std::to_string(i) + " is " + std::to_string(shape[i]),
                 expression->text() + (value ? " = " + std::to_string(*value) : ""),
                 "--shape with sizes that agree with each other");
  }
  return {};
}

Result<void> Session::check_ranges(const std::string& input) const {
  for (const auto& [text, range] : program_.ranges) {
    const auto expression = SymbolicExpression::parse(text);
    const auto value = expression ? expression->evaluate(symbols_) : std::nullopt;
    if (!value) continue;
    // A lower bound of 2 is how torch.export treats every size that was not 0 or 1 in the example; no wish of the user.
    const bool low = range.first && *range.first > 2 && *value < *range.first;
    if (low || (range.second && *value > *range.second))
      return usage(file_, "input '" + input + "' has a size outside the range it was exported with",
                   text + " = " + std::to_string(*value), range_text(range.first, range.second),
                   "another --batch or --shape, or export with a larger range");
  }
  return {};
}

void Session::evaluate_numbers() {
  for (const auto& [name, value] : program_.number_values) {
    if (const auto constant = integer_of(field(value, "as_int"))) numbers_[name] = static_cast<double>(*constant);
    if (const auto constant = real_of(field(value, "as_float"))) numbers_[name] = *constant;
    const auto text = text_of(field(field(value, "as_expr"), "expr_str"));
    const auto expression = text ? SymbolicExpression::parse(*text) : std::nullopt;
    if (!expression) continue;
    if (const auto v = expression->evaluate_real(symbols_)) numbers_[name] = *v;
  }
}

std::optional<double> Session::number(const std::string& name) const {
  const auto it = numbers_.find(name);
  return it == numbers_.end() ? std::nullopt : std::optional(it->second);
}

}  // namespace xpuq::pt2
