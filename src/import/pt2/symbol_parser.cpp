#include <cctype>
#include <charconv>

#include "import/pt2/symbols.h"

namespace xpuq::pt2 {

/// Recursive descent over the notation of sympy's srepr and str.
class ExpressionParser {
 public:
  explicit ExpressionParser(std::string_view text) : text_(text) {}

  std::optional<SymbolicExpression> whole() {
    auto out = sum();
    return out && next() == '\0' ? out : std::nullopt;
  }

 private:
  using Maybe = std::optional<SymbolicExpression>;
  static constexpr int kDeepest = 100;
  static constexpr std::size_t kLargest = 1000;  // calls in one expression; a chain of additions nests as deep

  static SymbolicExpression number(std::variant<std::int64_t, double> v) {
    SymbolicExpression e;
    e.number_ = v;
    return e;
  }
  static SymbolicExpression negative(std::variant<std::int64_t, double> v) {
    if (const auto* i = std::get_if<std::int64_t>(&v)) return number(-*i);  // literals are never negative
    return number(-std::get<double>(v));
  }
  Maybe call(std::string name, std::vector<SymbolicExpression> arguments) {
    if (++nodes_ > kLargest) return std::nullopt;
    SymbolicExpression e;
    e.kind_ = SymbolicExpression::Kind::call;
    e.name_ = std::move(name);
    e.arguments_ = std::move(arguments);
    return e;
  }
  char next() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(std::string_view token) {
    next();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  std::string_view word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_')) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  Maybe sum() {
    if (++depth_ > kDeepest) return std::nullopt;
    Maybe out = product();
    while (out && (next() == '+' || next() == '-')) {
      const bool minus = text_[at_++] == '-';
      Maybe right = product();
      if (right && minus) right = call("Mul", {number(std::int64_t{-1}), std::move(*right)});
      out = right ? call("Add", {std::move(*out), std::move(*right)}) : std::nullopt;
    }
    --depth_;
    return out;
  }
  Maybe product() {
    Maybe out = signed_power();
    while (out) {
      std::string name;
      if (next() == '*') name = "Mul", ++at_;
      else if (take("//")) name = "FloorDiv";
      else if (take("/")) name = "IntTrueDiv";
      else if (take("%")) name = "Mod";
      else break;
      Maybe right = signed_power();
      out = right ? call(std::move(name), {std::move(*out), std::move(*right)}) : std::nullopt;
    }
    return out;
  }
  Maybe signed_power() {
    if (next() == '-') {
      ++at_;
      if (++depth_ > kDeepest) return std::nullopt;
      Maybe inner = signed_power();
      --depth_;
      if (inner && inner->kind_ == SymbolicExpression::Kind::number) return negative(inner->number_);
      return inner ? call("Mul", {number(std::int64_t{-1}), std::move(*inner)}) : std::nullopt;
    }
    Maybe base = atom();
    if (!base || !take("**")) return base;
    if (++depth_ > kDeepest) return std::nullopt;
    Maybe exponent = signed_power();
    --depth_;
    return exponent ? call("Pow", {std::move(*base), std::move(*exponent)}) : std::nullopt;
  }
  Maybe atom() {
    const char c = next();
    if (c == '(') {
      ++at_;
      Maybe inner = sum();
      return inner && take(")") ? inner : std::nullopt;
    }
    if (std::isdigit(static_cast<unsigned char>(c)) || c == '.') return literal();
    const std::string name(word());
    if (name.empty()) return std::nullopt;
    if (next() != '(') {
      SymbolicExpression e;
      e.kind_ = SymbolicExpression::Kind::symbol;
      e.name_ = name;
      return e;
    }
    ++at_;
    return arguments(name);
  }
  Maybe literal() {
    const char* begin = text_.data() + at_;
    const char* end = text_.data() + text_.size();
    std::int64_t whole_number = 0;
    const auto as_integer = std::from_chars(begin, end, whole_number);
    double fraction = 0;
    const auto as_double = std::from_chars(begin, end, fraction);
    if (as_double.ec != std::errc()) return std::nullopt;
    at_ += static_cast<std::size_t>(as_double.ptr - begin);
    if (as_integer.ec == std::errc() && as_integer.ptr == as_double.ptr) return number(whole_number);
    return number(fraction);
  }
  /// Behind "name(". Keyword arguments (positive=True, precision=53) are properties that do not matter here.
  Maybe arguments(const std::string& name) {
    std::vector<SymbolicExpression> list;
    std::string quoted;
    while (next() != ')') {
      if (next() == '\'' || next() == '"') {
        const std::size_t end = text_.find(text_[at_], at_ + 1);
        if (end == std::string_view::npos) return std::nullopt;
        quoted = text_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
      } else if (!skip_keyword()) {
        Maybe argument = sum();
        if (!argument) return std::nullopt;
        list.push_back(std::move(*argument));
      }
      if (next() != ')' && !take(",")) return std::nullopt;
    }
    ++at_;
    if (name == "Symbol") {
      if (quoted.empty()) return std::nullopt;
      SymbolicExpression e;
      e.kind_ = SymbolicExpression::Kind::symbol;
      e.name_ = quoted;
      return e;
    }
    if (name == "Float") return ExpressionParser(quoted).whole();
    if (name == "Integer") return list.size() == 1 ? Maybe(std::move(list[0])) : std::nullopt;
    return call(name, std::move(list));
  }
  bool skip_keyword() {
    const std::size_t begin = at_;
    if (!word().empty() && next() == '=') {
      ++at_;
      next();
      if (!word().empty()) return true;
    }
    at_ = begin;
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t nodes_ = 0;
  int depth_ = 0;
};

std::optional<SymbolicExpression> SymbolicExpression::parse(std::string_view text) {
  return ExpressionParser(text).whole();
}

}  // namespace xpuq::pt2
