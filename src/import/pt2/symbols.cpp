#include "import/pt2/symbols.h"

#include <charconv>
#include <cmath>

namespace xpuq::pt2 {
namespace {

using Number = std::variant<std::int64_t, double>;

double real(const Number& n) {
  return std::holds_alternative<double>(n) ? std::get<double>(n) : static_cast<double>(std::get<std::int64_t>(n));
}

/// A whole double as an integer; 2^53 is where doubles stop counting.
std::optional<std::int64_t> whole(const Number& n) {
  if (const auto* i = std::get_if<std::int64_t>(&n)) return *i;
  const double d = std::get<double>(n);
  if (!(std::fabs(d) < 9007199254740992.0) || d != std::floor(d)) return std::nullopt;
  return static_cast<std::int64_t>(d);
}

std::optional<Number> whole_of(double d) {
  const auto i = whole(Number(d));
  return i ? std::optional<Number>(*i) : std::nullopt;
}

std::optional<Number> add(const Number& a, const Number& b) {
  if (std::holds_alternative<double>(a) || std::holds_alternative<double>(b)) return real(a) + real(b);
  std::int64_t out = 0;
  if (__builtin_add_overflow(std::get<std::int64_t>(a), std::get<std::int64_t>(b), &out)) return std::nullopt;
  return out;
}

std::optional<Number> multiply(const Number& a, const Number& b) {
  if (std::holds_alternative<double>(a) || std::holds_alternative<double>(b)) return real(a) * real(b);
  std::int64_t out = 0;
  if (__builtin_mul_overflow(std::get<std::int64_t>(a), std::get<std::int64_t>(b), &out)) return std::nullopt;
  return out;
}

std::optional<Number> power(const Number& base, const Number& exponent) {
  const auto e = whole(exponent);
  if (!e || *e < 0 || *e > 64 || std::holds_alternative<double>(base)) return std::pow(real(base), real(exponent));
  std::optional<Number> out = std::int64_t{1};
  for (std::int64_t i = 0; out && i < *e; ++i) out = multiply(*out, base);
  return out;
}

/// Floor division as Python does it.
std::optional<Number> floor_divide(const Number& a, const Number& b) {
  if (real(b) == 0) return std::nullopt;
  if (std::holds_alternative<double>(a) || std::holds_alternative<double>(b))
    return whole_of(std::floor(real(a) / real(b)));
  const std::int64_t x = std::get<std::int64_t>(a), y = std::get<std::int64_t>(b);
  if (y == -1) return multiply(a, b);  // INT64_MIN / -1 does not exist
  return x / y - (x % y != 0 && (x < 0) != (y < 0) ? 1 : 0);
}

std::optional<Number> modulo(const Number& a, const Number& b) {
  const auto q = floor_divide(a, b);
  const auto product = q ? multiply(*q, b) : std::nullopt;
  const auto negative = product ? multiply(*product, std::int64_t{-1}) : std::nullopt;
  return negative ? add(a, *negative) : std::nullopt;
}

}  // namespace

std::optional<Number> SymbolicExpression::value(const SymbolValues& values) const {
  if (kind_ == Kind::number) return number_;
  if (kind_ == Kind::symbol) {
    const auto it = values.find(name_);
    return it == values.end() ? std::nullopt : std::optional<Number>(it->second);
  }
  std::vector<Number> arguments;
  for (const SymbolicExpression& a : arguments_) {
    const auto v = a.value(values);
    if (!v) return std::nullopt;
    arguments.push_back(*v);
  }
  return arguments.empty() ? std::nullopt : call(arguments);
}

std::optional<Number> SymbolicExpression::call(const std::vector<Number>& a) const {
  if (name_ == "Add" || name_ == "Mul" || name_ == "Max" || name_ == "Min") {
    std::optional<Number> out = a[0];
    for (std::size_t i = 1; out && i < a.size(); ++i) {
      if (name_ == "Add") out = add(*out, a[i]);
      else if (name_ == "Mul") out = multiply(*out, a[i]);
      else if ((name_ == "Max") == (real(*out) < real(a[i]))) out = a[i];
    }
    return out;
  }
  if (a.size() == 1) {
    if (name_ == "ToFloat" || name_ == "Identity") return a[0];
    if (name_ == "FloorToInt" || name_ == "floor") return whole_of(std::floor(real(a[0])));
    if (name_ == "CeilToInt" || name_ == "ceiling") return whole_of(std::ceil(real(a[0])));
    if (name_ == "TruncToInt") return whole_of(std::trunc(real(a[0])));
    if (name_ == "RoundToInt") return whole_of(std::nearbyint(real(a[0])));
    if (name_ == "Abs") return real(a[0]) < 0 ? multiply(a[0], std::int64_t{-1}) : a[0];
  }
  if (a.size() == 2) {
    if (name_ == "Pow" || name_ == "PowByNatural") return power(a[0], a[1]);
    if (name_ == "FloorDiv" || name_ == "CleanDiv") return floor_divide(a[0], a[1]);
    if (name_ == "Mod" || name_ == "PythonMod") return modulo(a[0], a[1]);
    if (name_ == "IntTrueDiv" || name_ == "FloatTrueDiv" || name_ == "Rational")
      return real(a[1]) == 0 ? std::nullopt : std::optional<Number>(real(a[0]) / real(a[1]));
  }
  if (name_ == "ModularIndexing" && a.size() == 3) {
    const auto q = floor_divide(a[0], a[1]);
    return q ? modulo(*q, a[2]) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::int64_t> SymbolicExpression::evaluate(const SymbolValues& values) const {
  const auto v = value(values);
  return v ? whole(*v) : std::nullopt;
}

std::optional<double> SymbolicExpression::evaluate_real(const SymbolValues& values) const {
  const auto v = value(values);
  return v ? std::optional(real(*v)) : std::nullopt;
}

void SymbolicExpression::collect_symbols(std::set<std::string>& into) const {
  if (kind_ == Kind::symbol) into.insert(name_);
  for (const SymbolicExpression& a : arguments_) a.collect_symbols(into);
}

std::string SymbolicExpression::text() const {
  if (kind_ == Kind::symbol) return name_;
  if (kind_ == Kind::number) {
    if (const auto* i = std::get_if<std::int64_t>(&number_)) return std::to_string(*i);
    char buffer[32];
    return {buffer, std::to_chars(buffer, buffer + sizeof buffer, std::get<double>(number_)).ptr};
  }
  const std::string infix = name_ == "Add" ? " + " : name_ == "Mul" ? "*" : name_ == "Pow" ? "**" : "";
  std::string out;
  for (const SymbolicExpression& a : arguments_) {
    const bool group =
        !infix.empty() && name_ != "Add" && a.kind_ == Kind::call && (a.name_ == "Add" || name_ == "Pow");
    if (!out.empty()) out += infix.empty() ? ", " : infix;
    out += group ? "(" + a.text() + ")" : a.text();
  }
  return infix.empty() ? name_ + "(" + out + ")" : out;
}

std::optional<std::pair<std::string, std::int64_t>> solve(const SymbolicExpression& expression, std::int64_t wanted,
                                                          const SymbolValues& values) {
  std::set<std::string> open;
  expression.collect_symbols(open);
  for (const auto& [name, value] : values) open.erase(name);
  if (open.size() != 1) return std::nullopt;
  SymbolValues trial = values;
  const auto at = [&](std::int64_t s) {
    trial[*open.begin()] = s;
    return expression.evaluate_real(trial);
  };
  // Exported dimensions are a*s + b; two points find the line, and the third evaluation proves the guess.
  const auto one = at(1), two = at(2);
  if (!one || !two || *one == *two) return std::nullopt;
  const double guess = std::round(1 + (static_cast<double>(wanted) - *one) / (*two - *one));
  if (!(std::fabs(guess) < 9007199254740992.0)) return std::nullopt;
  const auto s = static_cast<std::int64_t>(guess);
  const auto check = at(s);
  if (!check || *check != static_cast<double>(wanted)) return std::nullopt;
  return std::pair{*open.begin(), s};
}

}  // namespace xpuq::pt2
