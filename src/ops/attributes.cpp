#include "ops/attributes.h"

#include <algorithm>

#include "support/check.h"
#include "support/json.h"

namespace xpuq {
namespace {

template <class T>
const T& empty_value() {
  static const T value{};
  return value;
}

template <class T>
const T& get_or_empty(const Attributes& a, std::string_view name) {
  const AttributeValue* v = a.find(name);
  if (!v) return empty_value<T>();
  XPUQ_CHECK(std::holds_alternative<T>(*v), "attribute has another type");
  return std::get<T>(*v);
}

std::string quoted(const std::string& s) {
  std::string out = "\"";
  for (char c : s) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string number(double v) {
  if (v != v) return "nan";
  if (v - v != 0) return v > 0 ? "inf" : "-inf";
  std::string s = format_f64(v);
  return s.find_first_of(".e") == std::string::npos ? s + ".0" : s;
}

template <class T, class F>
std::string list(const std::vector<T>& values, F text) {
  std::string out = "[";
  for (std::size_t i = 0; i < values.size(); ++i) out += (i ? ", " : "") + text(values[i]);
  return out + "]";
}

struct Printer {
  std::string operator()(std::int64_t v) const { return std::to_string(v); }
  std::string operator()(double v) const { return number(v); }
  std::string operator()(const std::string& v) const { return quoted(v); }
  std::string operator()(const Ints& v) const { return list(v, [](std::int64_t x) { return std::to_string(x); }); }
  std::string operator()(const Floats& v) const { return v.empty() ? "[.]" : list(v, number); }
  std::string operator()(const Strings& v) const { return list(v, quoted); }
};

}  // namespace

Attributes::Attributes(std::initializer_list<Entry> entries) {
  for (const auto& [name, value] : entries) set(name, value);
}

Attributes& Attributes::set(std::string_view name, AttributeValue value) {
  auto it = std::lower_bound(entries_.begin(), entries_.end(), name, [](const Entry& e, std::string_view n) { return e.first < n; });
  if (it != entries_.end() && it->first == name) it->second = std::move(value);
  else entries_.insert(it, {std::string(name), std::move(value)});
  return *this;
}

void Attributes::erase(std::string_view name) {
  std::erase_if(entries_, [&](const Entry& e) { return e.first == name; });
}

const AttributeValue* Attributes::find(std::string_view name) const {
  for (const Entry& e : entries_)
    if (e.first == name) return &e.second;
  return nullptr;
}

std::int64_t Attributes::get_int(std::string_view name, std::int64_t fallback) const {
  const AttributeValue* v = find(name);
  if (!v) return fallback;
  XPUQ_CHECK(std::holds_alternative<std::int64_t>(*v), "attribute is not an integer");
  return std::get<std::int64_t>(*v);
}

double Attributes::get_float(std::string_view name, double fallback) const {
  const AttributeValue* v = find(name);
  if (!v) return fallback;
  XPUQ_CHECK(std::holds_alternative<double>(*v), "attribute is not a float");
  return std::get<double>(*v);
}

const std::string& Attributes::get_string(std::string_view name) const { return get_or_empty<std::string>(*this, name); }
const Ints& Attributes::get_ints(std::string_view name) const { return get_or_empty<Ints>(*this, name); }
const Floats& Attributes::get_floats(std::string_view name) const { return get_or_empty<Floats>(*this, name); }
const Strings& Attributes::get_strings(std::string_view name) const { return get_or_empty<Strings>(*this, name); }

std::string to_string(const Attributes& attributes) {
  if (attributes.entries().empty()) return {};
  std::string out = "{";
  for (const auto& [name, value] : attributes.entries())
    out += (out.size() > 1 ? ", " : "") + name + "=" + std::visit(Printer{}, value);
  return out + "}";
}

}  // namespace xpuq
