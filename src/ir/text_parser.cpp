#include <charconv>
#include <cctype>
#include <cstring>
#include <limits>
#include <random>
#include <type_traits>

#include "ir/rewriter.h"
#include "ir/text.h"

namespace xpuq {
namespace {

/// A number of the text as T: one that an integer cannot hold becomes the nearest that it can, NaN the least.
template <class T>
T to_number(double v) {
  if constexpr (std::is_integral_v<T>) {
    if (!(v > static_cast<double>(std::numeric_limits<T>::lowest()))) return std::numeric_limits<T>::lowest();
    if (v >= static_cast<double>(std::numeric_limits<T>::max())) return std::numeric_limits<T>::max();
  }
  return static_cast<T>(v);
}

/// A cursor over the text. The first failure is kept; every later call does nothing, so that the grammar below can be
/// written straight down and looked at once at the end of each statement.
class Cursor {
 public:
  Cursor(std::string_view text, const std::string& who) : text_(text), who_(who) {}

  bool failed() const { return error_.has_value(); }
  Error error() const { return *error_; }
  void fail(std::string expected) {
    if (error_) return;
    std::size_t line = 1;
    for (std::size_t i = 0; i < pos_ && i < text_.size(); ++i) line += text_[i] == '\n';
    const auto rest = text_.substr(std::min(pos_, text_.size()), 24);
    error_ = Error{.code = "E305", .who = who_ + ":" + std::to_string(line), .what = "not a graph text",
                   .got = rest.empty() ? "end of text" : "'" + std::string(rest.substr(0, rest.find('\n'))) + "'",
                   .expected = std::move(expected), .remedy = {}, .node = {}};
  }

  void skip_space() {
    while (pos_ < text_.size()) {
      if (std::isspace(static_cast<unsigned char>(text_[pos_]))) ++pos_;
      else if (text_.substr(pos_, 2) == "//") while (pos_ < text_.size() && text_[pos_] != '\n') ++pos_;
      else break;
    }
  }
  bool accept(std::string_view token) {
    if (failed()) return false;
    skip_space();
    if (text_.substr(pos_, token.size()) != token) return false;
    pos_ += token.size();
    return true;
  }
  void expect(std::string_view token) {
    if (!accept(token)) fail("'" + std::string(token) + "'");
  }
  bool peek(char c) {
    skip_space();
    return !failed() && pos_ < text_.size() && text_[pos_] == c;
  }
  bool at_end() {
    skip_space();
    return pos_ >= text_.size();
  }

  std::string word() {
    skip_space();
    const std::size_t start = pos_;
    while (pos_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[pos_])) || text_[pos_] == '_')) ++pos_;
    if (pos_ == start) fail("a name");
    return std::string(text_.substr(start, pos_ - start));
  }
  std::string quoted() {
    expect("\"");
    std::string out;
    while (!failed() && pos_ < text_.size() && text_[pos_] != '"') {
      if (text_[pos_] == '\\') ++pos_;
      if (pos_ < text_.size()) out += text_[pos_++];
    }
    expect("\"");
    return out;
  }
  std::string value_name() {
    expect("%");
    if (failed()) return {};
    if (pos_ < text_.size() && text_[pos_] == '"') return quoted();
    const std::size_t start = pos_;
    while (pos_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[pos_])) || std::strchr("_./-:", text_[pos_]))) ++pos_;
    // A name may hold colons (ONNX has `x:0`), but "%x: f32" is a name and its type.
    while (pos_ > start && text_[pos_ - 1] == ':') --pos_;
    if (pos_ == start) fail("a value name");
    return std::string(text_.substr(start, pos_ - start));
  }
  /// A number; `is_float` tells whether it was written with a point, exponent, inf or nan.
  double number(bool* is_float = nullptr) {
    skip_space();
    double v = 0;
    const char* begin = text_.data() + std::min(pos_, text_.size());
    const auto r = std::from_chars(begin, text_.data() + text_.size(), v);
    if (r.ec != std::errc{}) {
      fail("a number");
      return 0;
    }
    const std::string_view written(begin, static_cast<std::size_t>(r.ptr - begin));
    if (is_float) *is_float = written.find_first_of(".eni") != std::string_view::npos;
    pos_ += written.size();
    return v;
  }
  std::int64_t integer() {
    skip_space();
    std::int64_t v = 0;
    const char* begin = text_.data() + std::min(pos_, text_.size());
    const auto r = std::from_chars(begin, text_.data() + text_.size(), v);
    if (r.ec != std::errc{}) fail("an integer");
    else pos_ += static_cast<std::size_t>(r.ptr - begin);
    return v;
  }

 private:
  std::string_view text_;
  std::string who_;
  std::size_t pos_ = 0;
  std::optional<Error> error_;
};

TensorType parse_type(Cursor& c) {
  TensorType type;
  const auto dtype = parse_data_type(c.word());
  if (!dtype) c.fail("an element type such as f32 or s8");
  else type.dtype = *dtype;
  c.expect("[");
  while (!c.failed() && !c.accept("]")) {
    type.shape.push_back(c.integer());
    c.accept(",");
  }
  if (!checked_element_count(type.shape)) c.fail("dimensions that are not negative and whose product fits");
  if (c.accept("<")) {
    QuantParams q;
    if (c.accept("axis")) {
      q.axis = static_cast<int>(c.integer());
      c.expect(":");
      do {
        q.scales.push_back(static_cast<float>(c.number()));
        q.zero_points.push_back(0);
      } while (c.accept(","));
    } else {
      q.scales.push_back(static_cast<float>(c.number()));
      c.expect(":");
      q.zero_points.push_back(static_cast<std::int32_t>(c.integer()));
    }
    c.expect(">");
    type.quant = std::move(q);
  }
  if (c.accept("channels_last")) type.layout = Layout::channels_last;
  return type;
}

AttributeValue parse_attribute(Cursor& c) {
  if (c.peek('"')) return c.quoted();
  bool is_float = false;
  if (!c.accept("[")) {
    const double v = c.number(&is_float);
    if (is_float) return v;
    return to_number<std::int64_t>(v);
  }
  if (c.accept(".]")) return Floats{};
  if (c.peek('"')) {
    Strings out;
    do out.push_back(c.quoted());
    while (c.accept(","));
    c.expect("]");
    return out;
  }
  Floats floats;
  bool any_float = false;
  while (!c.failed() && !c.accept("]")) {
    floats.push_back(c.number(&is_float));
    any_float = any_float || is_float;
    c.accept(",");
  }
  if (any_float) return floats;
  Ints ints;
  for (const double v : floats) ints.push_back(to_number<std::int64_t>(v));
  return ints;
}

template <class T>
void store(Tensor& t, std::int64_t i, double v) { t.data<T>()[i] = to_number<T>(v); }

void store_number(Tensor& t, std::int64_t i, double v) {
  switch (t.dtype()) {
    case DataType::f32: return store<float>(t, i, v);
    case DataType::f64: return store<double>(t, i, v);
    case DataType::s64: return store<std::int64_t>(t, i, v);
    case DataType::s32: return store<std::int32_t>(t, i, v);
    case DataType::s8: return store<std::int8_t>(t, i, v);
    default: return store<std::uint8_t>(t, i, v);
  }
}

Tensor parse_constant(Cursor& c, const TensorType& type) {
  constexpr std::int64_t kLargestTestConstant = 1 << 24;
  if (c.failed() || type.elements() > kLargestTestConstant) {
    c.fail("a constant of at most 2^24 elements");
    return Tensor(DataType::f32, {0});
  }
  Tensor t(type.dtype, type.shape);
  const std::int64_t n = t.elements();
  if (c.accept("uniform(")) {
    std::mt19937_64 engine(static_cast<std::uint64_t>(c.integer()));
    c.expect(",");
    const double lo = c.number();
    c.expect(",");
    const double hi = c.number();
    c.expect(")");
    // 24 random bits give the same floats everywhere; std::uniform_real_distribution does not promise that.
    for (std::int64_t i = 0; i < n; ++i) store_number(t, i, lo + (hi - lo) * static_cast<double>(engine() >> 40) * 0x1p-24);
  } else if (c.accept("splat(")) {
    const double v = c.number();
    c.expect(")");
    for (std::int64_t i = 0; i < n; ++i) store_number(t, i, v);
  } else if (c.accept("[")) {
    for (std::int64_t i = 0; i < n && !c.failed(); ++i) {
      if (i) c.expect(",");
      store_number(t, i, c.number());
    }
    c.expect("]");
  } else {
    c.fail("'uniform(', 'splat(' or '['");
  }
  return t;
}

}  // namespace

Result<Graph> parse_graph(std::string_view text, const std::string& who) {
  Cursor c(text, who);
  Graph graph;
  Rewriter rewriter(graph);
  const auto lookup = [&](const std::string& name) {
    const ValueId v = graph.find(name);
    if (v == ValueId::none) c.fail("a value defined before; '" + name + "' is not");
    return v;
  };
  const auto defined_anew = [&](const std::string& name) {
    if (graph.find(name) != ValueId::none) c.fail("a name that is not taken; '" + name + "' is");
  };

  c.expect("graph");
  c.expect("(");
  while (!c.failed() && !c.accept(")")) {
    const std::string name = c.value_name();
    c.expect(":");
    TensorType type = parse_type(c);
    defined_anew(name);
    if (!c.failed()) rewriter.add_input(name, std::move(type));
    c.accept(",");
  }
  c.expect("{");
  while (!c.failed() && !c.accept("return")) {
    std::string name;
    if (c.peek('%')) {
      name = c.value_name();
      defined_anew(name);
      c.expect("=");
      if (c.accept("const")) {
        TensorType type = parse_type(c);
        Tensor t = parse_constant(c, type);
        if (!c.failed()) rewriter.add_constant(name, std::move(t), type.quant);
        continue;
      }
    }
    const std::string op_name = c.word();
    const auto op = parse_op(op_name);
    if (!op) c.fail("an operation name; '" + op_name + "' is none");
    c.expect("(");
    std::vector<ValueId> inputs;
    while (!c.failed() && !c.accept(")")) {
      inputs.push_back(lookup(c.value_name()));
      c.accept(",");
    }
    Attributes attributes;
    if (c.accept("{"))
      while (!c.failed() && !c.accept("}")) {
        const std::string key = c.word();
        c.expect("=");
        attributes.set(key, parse_attribute(c));
        c.accept(",");
      }
    std::optional<TensorType> stated;
    if (c.accept(":")) stated = parse_type(c);
    std::vector<std::string> origin;
    if (c.peek('"')) {
      do origin.push_back(c.quoted());
      while (c.accept(","));
    }
    if (c.failed()) break;
    std::vector<TensorType> types;
    for (ValueId v : inputs) types.push_back(graph.value(v).type);
    Inferred inferred = infer(*op, attributes, types);
    if (!inferred.ok()) {
      c.fail("an operation that keeps its rules: " + inferred.problem);
      break;
    }
    const ValueId out = rewriter.append(*op, std::move(inputs), std::move(attributes), name, std::move(origin));
    if (!stated || out == ValueId::none) continue;
    rewriter.set_layout(out, stated->layout);
    if (graph.value(out).type != *stated) c.fail("the type " + to_text(graph.value(out).type) + " for '" + name + "'");
  }
  while (!c.failed() && !c.accept("}")) {
    const ValueId v = lookup(c.value_name());
    if (!c.failed()) rewriter.add_output(v);
    c.accept(",");
  }
  if (!c.failed() && !c.at_end()) c.fail("end of text");
  if (c.failed()) return c.error();
  rewriter.commit();
  return graph;
}

}  // namespace xpuq
