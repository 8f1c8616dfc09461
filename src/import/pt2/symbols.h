// The symbolic sizes of an exported program: expressions in the notation of sympy ("Mul(Integer(2), Symbol('s0'))",
// or "2*s0 + 1"), and the values that the shapes of the inputs give to the symbols in them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace xpuq::pt2 {

using SymbolValues = std::map<std::string, std::int64_t>;

class SymbolicExpression {
 public:
  /// Empty when the text is not in the small grammar: numbers, symbols, + - * / // % **, and calls such as Add, Mul,
  /// Pow, FloorDiv, Mod, Max, Min, TruncToInt.
  static std::optional<SymbolicExpression> parse(std::string_view text);

  /// The integer it stands for; empty when a symbol has no value, a function is not known, the value is not an
  /// integer, or 64 bits overflow.
  std::optional<std::int64_t> evaluate(const SymbolValues& values) const;
  /// The same for an expression that may be a fraction.
  std::optional<double> evaluate_real(const SymbolValues& values) const;
  void collect_symbols(std::set<std::string>& into) const;
  /// As sympy prints it: "2*s0 + 1".
  std::string text() const;

 private:
  friend class ExpressionParser;
  using Number = std::variant<std::int64_t, double>;
  enum class Kind { number, symbol, call };
  std::optional<Number> value(const SymbolValues& values) const;
  std::optional<Number> call(const std::vector<Number>& arguments) const;

  Kind kind_ = Kind::number;
  Number number_ = std::int64_t{0};
  std::string name_;  ///< of a symbol or function
  std::vector<SymbolicExpression> arguments_;
};

/// The value of the only symbol in `expression` without a value that makes the expression equal to `wanted`. Empty
/// when there is no such integer, or none can be found because the expression is not linear in the symbol.
std::optional<std::pair<std::string, std::int64_t>> solve(const SymbolicExpression& expression, std::int64_t wanted,
                                                          const SymbolValues& values);

}  // namespace xpuq::pt2
