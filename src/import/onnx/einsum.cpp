// Einsum: products of tensors whose axes are named by letters, summed over the letters that the result lacks. Two
// operands are one matrix product; more are multiplied from left to right.
#include <algorithm>

#include "import/onnx/linear.h"
#include "import/onnx/operators.h"

namespace xpuq::onnx_import {
namespace {

/// A value whose axes have names: letters, and control characters for the axes of an ellipsis.
struct Term {
  ValueId value;
  std::string axes;
};

constexpr char kFirstEllipsis = 1;

std::size_t place(const std::string& axes, char name) { return axes.find(name); }
bool has(const std::string& axes, char name) { return place(axes, name) != std::string::npos; }

std::string without_spaces(std::string s) {
  s.erase(std::remove(s.begin(), s.end(), ' '), s.end());
  return s;
}

/// "..." of a term as `count` axes that align at the right.
std::string expanded(const std::string& axes, std::size_t ellipsis, std::size_t widest) {
  const std::size_t dots = axes.find("...");
  if (dots == std::string::npos) return axes;
  std::string names;
  for (std::size_t i = widest - ellipsis; i < widest; ++i)
    names.push_back(static_cast<char>(kFirstEllipsis + static_cast<int>(i)));
  return axes.substr(0, dots) + names + axes.substr(dots + 3);
}

bool is_plain(const std::string& axes) {
  return std::all_of(axes.begin(), axes.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= kFirstEllipsis && c < ' ');
  });
}

/// Axes named twice become one: of the joined axis every (n+1)th element is on the diagonal.
Result<Term> without_repeats(const Call& c, Term t) {
  for (std::size_t i = 0; i < t.axes.size(); ++i) {
    const std::size_t j = t.axes.find(t.axes[i], i + 1);
    if (j == std::string::npos) continue;
    const Shape shape = c.builder.shape(t.value);
    const std::int64_t n = shape[i];
    if (shape[j] != n) return c.problem("the axes of a diagonal differ", to_string(shape), "equal sizes");
    Ints perm;
    for (std::size_t k = 0; k < shape.size(); ++k)
      if (k != i && k != j) perm.push_back(static_cast<std::int64_t>(k));
    std::string axes;
    Shape joined;
    for (std::int64_t k : perm) {
      axes.push_back(t.axes[static_cast<std::size_t>(k)]);
      joined.push_back(shape[static_cast<std::size_t>(k)]);
    }
    axes.push_back(t.axes[i]);
    perm.push_back(static_cast<std::int64_t>(i));
    perm.push_back(static_cast<std::int64_t>(j));
    if (!checked_element_count({n, n})) return c.problem("the input is too large", to_string(shape));
    joined.push_back(n * n);
    Shape sizes = joined;
    sizes.back() = n;
    Ints steps(joined.size(), 1);
    steps.back() = n + 1;
    XPUQ_ASSIGN(ValueId v, c.step(OpKind::transpose, {t.value}, {{"perm", perm}}));
    XPUQ_ASSIGN(v, c.reshaped(v, joined));
    const Ints starts(joined.size(), 0);
    XPUQ_ASSIGN(v, c.step(OpKind::slice, {v}, {{"starts", starts}, {"sizes", sizes}, {"steps", steps}}));
    return without_repeats(c, {v, axes});
  }
  return t;
}

/// Sums over the axes that `keep` does not name.
Result<Term> summed(const Call& c, Term t, const std::string& keep) {
  Ints axes;
  std::string left;
  for (std::size_t i = 0; i < t.axes.size(); ++i) {
    if (has(keep, t.axes[i])) left.push_back(t.axes[i]);
    else axes.push_back(static_cast<std::int64_t>(i));
  }
  if (axes.empty()) return t;
  XPUQ_ASSIGN(const ValueId v, c.step(OpKind::reduce_sum, {t.value}, {{"axes", axes}, {"keepdims", 0}}));
  return Term{v, left};
}

/// The axes in another order; those that the term lacks have size 1.
Result<ValueId> arranged(const Call& c, const Term& t, const std::string& order) {
  const Shape shape = c.builder.shape(t.value);
  Ints perm;
  Shape wanted;
  for (char name : order) {
    wanted.push_back(has(t.axes, name) ? shape[place(t.axes, name)] : 1);
    if (has(t.axes, name)) perm.push_back(static_cast<std::int64_t>(place(t.axes, name)));
  }
  ValueId v = t.value;
  if (!std::is_sorted(perm.begin(), perm.end())) {
    XPUQ_ASSIGN(v, c.step(OpKind::transpose, {v}, {{"perm", perm}}));
  }
  return c.builder.shape(v) == wanted ? Result<ValueId>(v) : c.reshaped(v, wanted);
}

std::int64_t size_of_axis(const Call& c, const Term& t, char name) {
  return has(t.axes, name) ? c.builder.shape(t.value)[place(t.axes, name)] : 1;
}

/// a times b, summed over the axes that both have and `keep` does not name: one batched matrix product.
Result<Term> multiplied(Call& c, Term a, Term b, const std::string& keep) {
  XPUQ_ASSIGN(a, summed(c, a, keep + b.axes));
  XPUQ_ASSIGN(b, summed(c, b, keep + a.axes));
  std::string batch, rows, columns, inner;
  for (char name : a.axes) (!has(b.axes, name) ? rows : has(keep, name) ? batch : inner).push_back(name);
  for (char name : b.axes)
    if (!has(a.axes, name)) columns.push_back(name);
  for (char name : batch + inner) {
    const std::int64_t x = size_of_axis(c, a, name), y = size_of_axis(c, b, name);
    const bool ellipsis = name < ' ';
    if (x != y && !(ellipsis && (x == 1 || y == 1) && has(batch, name)))
      return c.problem("an axis has two sizes", std::to_string(x) + " and " + std::to_string(y), "equal sizes");
  }
  // Floats only: products of integers have no kernel and stay pointwise.
  if (inner.empty() || c.builder.type(a.value).dtype != DataType::f32) {
    const std::string order = batch + rows + columns + inner;
    XPUQ_ASSIGN(const ValueId x, arranged(c, a, order));
    XPUQ_ASSIGN(const ValueId y, arranged(c, b, order));
    XPUQ_ASSIGN(const ValueId v, c.step(OpKind::mul, {x, y}));
    return summed(c, {v, order}, keep);
  }
  const auto extent = [&](const Term& t, const std::string& names) {
    std::int64_t n = 1;
    for (char name : names) n *= size_of_axis(c, t, name);
    return n;
  };
  const auto matrices = [&](const Term& t, const std::string& first, const std::string& second) -> Result<ValueId> {
    XPUQ_ASSIGN(const ValueId v, arranged(c, t, batch + first + second));
    Shape shape;
    for (char name : batch) shape.push_back(size_of_axis(c, t, name));
    shape.push_back(extent(t, first));
    shape.push_back(extent(t, second));
    return c.builder.shape(v) == shape ? Result<ValueId>(v) : c.reshaped(v, shape);
  };
  XPUQ_ASSIGN(const ValueId x, matrices(a, rows, inner));
  XPUQ_ASSIGN(const ValueId y, matrices(b, inner, columns));
  XPUQ_ASSIGN(const ValueId v, product(c, x, y, false));
  Shape shape = c.builder.shape(v);
  shape.resize(batch.size());
  for (char name : rows) shape.push_back(size_of_axis(c, a, name));
  for (char name : columns) shape.push_back(size_of_axis(c, b, name));
  if (c.builder.shape(v) == shape) return Term{v, batch + rows + columns};
  XPUQ_ASSIGN(const ValueId whole, c.reshaped(v, shape));
  return Term{whole, batch + rows + columns};
}

}  // namespace

Result<Outputs> einsum(Call& c) {
  const std::string equation = without_spaces(c.string_or("equation", ""));
  const std::size_t arrow = equation.find("->");
  const std::string left = equation.substr(0, arrow);
  std::vector<std::string> names{""};
  for (char ch : left) {
    if (ch == ',') names.emplace_back();
    else names.back().push_back(ch);
  }
  const auto malformed = [&] { return c.problem("the equation does not fit the inputs", "'" + equation + "'"); };
  if (std::any_of(equation.begin(), equation.end(), [](char ch) { return ch < ' '; })) return malformed();
  if (names.size() != c.inputs.size()) return malformed();
  std::vector<std::size_t> ellipsis(names.size(), 0);
  std::size_t widest = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!c.has(i)) return malformed();
    const auto rank = static_cast<std::size_t>(c.rank(i));
    const bool dots = names[i].find("...") != std::string::npos;
    const std::size_t letters = names[i].size() - (dots ? 3 : 0);
    if (dots ? letters > rank : letters != rank) return malformed();
    ellipsis[i] = rank - letters;
    widest = std::max(widest, ellipsis[i]);
  }
  std::string all, result;
  for (std::size_t i = 0; i < names.size(); ++i) {
    names[i] = expanded(names[i], ellipsis[i], widest);
    if (!is_plain(names[i])) return malformed();
    all += names[i];
  }
  if (arrow != std::string::npos) {
    result = expanded(equation.substr(arrow + 2), widest, widest);
  } else {  // the ellipsis, then every letter that occurs once, sorted
    result = all;
    std::sort(result.begin(), result.end());
    result.erase(std::remove_if(result.begin(), result.end(),
                                [&](char n) { return n >= ' ' && std::count(all.begin(), all.end(), n) != 1; }),
                 result.end());
    result.erase(std::unique(result.begin(), result.end()), result.end());
  }
  std::string sorted = result;
  std::sort(sorted.begin(), sorted.end());
  const bool twice = std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();
  if (!is_plain(result) || twice || result.find_first_not_of(all) != std::string::npos) return malformed();

  Term product_so_far{ValueId::none, ""};
  for (std::size_t i = 0; i < names.size(); ++i) {
    XPUQ_ASSIGN(const Term t, without_repeats(c, {c.in(i), names[i]}));
    std::string keep = result;
    for (std::size_t k = i + 1; k < names.size(); ++k) keep += names[k];
    if (i == 0) {
      product_so_far = t;
    } else {
      XPUQ_ASSIGN(product_so_far, multiplied(c, product_so_far, t, keep));
    }
  }
  XPUQ_ASSIGN(const Term total, summed(c, product_so_far, result));
  Ints perm;
  for (char name : result) perm.push_back(static_cast<std::int64_t>(place(total.axes, name)));
  return c.result(OpKind::transpose, {total.value}, {{"perm", perm}});
}

}  // namespace xpuq::onnx_import
