#include "import/pt2/call.h"

#include <charconv>
#include <cmath>

#include "import/pt2/json_fields.h"
#include "import/pt2/operators.h"

namespace xpuq::pt2 {
namespace {

/// "[1, 1]" or "1" as integers: how operators.def writes defaults.
Ints ints_in(std::string_view text) {
  Ints out;
  for (const char *p = text.data(), *end = p + text.size(); p != end;) {
    std::int64_t v = 0;
    const auto r = std::from_chars(p, end, v);
    if (r.ec == std::errc()) out.push_back(v), p = r.ptr;
    else ++p;
  }
  return out;
}

}  // namespace

OpKind Call::kind() const { return op_.kind; }

std::optional<std::string_view> Call::fallback(std::string_view name) const {
  for (std::string_view rest = op_.arguments; !rest.empty();) {
    const std::size_t space = rest.find(' ');
    const std::string_view word = rest.substr(0, space);
    rest = space == std::string_view::npos ? std::string_view() : rest.substr(space + 1);
    const std::size_t equals = word.find('=');
    if (word.substr(0, equals) == name)
      return equals == std::string_view::npos ? std::string_view() : word.substr(equals + 1);
  }
  return std::nullopt;
}

bool Call::has(std::string_view name) const { return fallback(name).has_value(); }

Result<Call::Argument> Call::argument(std::string_view name) const {
  if (const auto it = node_.arguments.find(std::string(name)); it != node_.arguments.end()) {
    const auto [tag, value] = tagged(it->second);
    if (tag == "as_none") return Argument{{}, nullptr, "none"};
    return Argument{tag, value, {}};
  }
  const auto text = fallback(name);
  if (!text || text->empty()) return problem(node_.target + " lacks its argument '" + std::string(name) + "'");
  return Argument{{}, nullptr, *text};
}

Error Call::bad(std::string_view name, std::string_view expected, const Argument& a) const {
  Error e = problem("argument '" + std::string(name) + "' of " + node_.target + " is not " + std::string(expected));
  e.got = a.tag.empty() ? std::string(a.fallback) : a.tag;
  return e;
}

bool Call::given(std::string_view name) const {
  const auto a = argument(name);
  return a.ok() && a->fallback != "none";
}

Result<ValueId> Call::tensor(std::string_view name) {
  XPUQ_ASSIGN(const Argument a, argument(name));
  const Json* tensor = a.tag == "as_optional_tensor" ? field(a.value, "as_tensor")
                       : a.tag == "as_tensor"        ? a.value
                                                     : nullptr;
  const auto tensor_name = text_of(field(tensor, "name"));
  if (!tensor_name) return bad(name, "a tensor", a);
  return session.value(*tensor_name, origin_);
}

Result<std::vector<ValueId>> Call::tensors(std::string_view name) {
  XPUQ_ASSIGN(const auto list, optional_tensors(name));
  std::vector<ValueId> out;
  for (const auto& v : list) {
    if (!v) return problem("argument '" + std::string(name) + "' of " + node_.target + " holds None");
    out.push_back(*v);
  }
  return out;
}

Result<std::vector<std::optional<ValueId>>> Call::optional_tensors(std::string_view name) {
  XPUQ_ASSIGN(const Argument a, argument(name));
  if ((a.tag != "as_tensors" && a.tag != "as_optional_tensors") || !a.value->is_array())
    return bad(name, "a list of tensors", a);
  std::vector<std::optional<ValueId>> out;
  for (const Json& item : *a.value) {
    const auto tensor_name = text_of(field(a.tag == "as_tensors" ? &item : field(&item, "as_tensor"), "name"));
    if (!tensor_name) {
      out.emplace_back();
      continue;
    }
    XPUQ_ASSIGN(const ValueId v, session.value(*tensor_name, origin_));
    out.emplace_back(v);
  }
  return out;
}

std::optional<double> Call::number_of(const std::string& tag, const Json* value) const {
  if (tag == "as_int" || tag == "as_float") return real_of(value);
  if (tag == "as_bool" && value && value->is_boolean()) return value->get<bool>() ? 1 : 0;
  if (!tag.starts_with("as_sym_")) return std::nullopt;
  for (const char* key : {"as_int", "as_float"})
    if (const auto v = real_of(field(value, key))) return v;
  const auto name = text_of(field(value, "as_name"));
  return name ? session.number(*name) : std::nullopt;
}

Result<Term> Call::term(std::string_view name) {
  XPUQ_ASSIGN(const Argument a, argument(name));
  if (a.tag == "as_tensor" || a.tag == "as_optional_tensor") {
    XPUQ_ASSIGN(const ValueId v, tensor(name));
    return Term(v);
  }
  if (a.tag == "as_float" || a.tag == "as_sym_float" ||
      (a.tag.empty() && a.fallback.find_first_of(".i") != std::string_view::npos)) {
    XPUQ_ASSIGN(const double v, real(name));
    return Term(v);
  }
  if (a.tag == "as_bool" && a.value->is_boolean()) return Term(a.value->get<bool>());
  XPUQ_ASSIGN(const std::int64_t v, integer(name));
  return Term(v);
}

Result<std::int64_t> Call::integer(std::string_view name) {
  XPUQ_ASSIGN(const Argument a, argument(name));
  if (a.tag.empty()) {
    const Ints list = ints_in(a.fallback);
    if (list.size() == 1) return list[0];
    return bad(name, "an integer", a);
  }
  if (a.tag == "as_int")
    if (const auto v = integer_of(a.value)) return *v;
  const auto v = number_of(a.tag, a.value);
  if (!v || *v != std::floor(*v) || std::fabs(*v) > 9e15) return bad(name, "an integer that is known", a);
  return static_cast<std::int64_t>(*v);
}

Result<Ints> Call::integers(std::string_view name) {
  XPUQ_ASSIGN(const Argument a, argument(name));
  if (a.tag.empty()) return ints_in(a.fallback);
  if (a.tag == "as_int" || a.tag == "as_sym_int") {
    XPUQ_ASSIGN(const std::int64_t v, integer(name));
    return Ints{v};
  }
  if ((a.tag != "as_ints" && a.tag != "as_sym_ints") || !a.value->is_array()) return bad(name, "a list of integers", a);
  Ints out;
  for (const Json& item : *a.value) {
    if (const auto v = integer_of(&item)) {
      out.push_back(*v);
      continue;
    }
    if (const auto v = integer_of(field(&item, "as_int"))) {
      out.push_back(*v);
      continue;
    }
    const auto v = number_of("as_sym_int", &item);
    if (!v || *v != std::floor(*v) || std::fabs(*v) > 9e15) return bad(name, "a list of integers that are known", a);
    out.push_back(static_cast<std::int64_t>(*v));
  }
  return out;
}

Result<Ints> Call::spatial(std::string_view name, std::size_t count) {
  XPUQ_ASSIGN(Ints list, integers(name));
  if (list.size() == 1) list.assign(count, list[0]);
  if (list.size() != count)
    return problem("argument '" + std::string(name) + "' of " + node_.target + " has " + std::to_string(list.size()) +
                   " entries, expected " + std::to_string(count));
  return list;
}

Result<double> Call::real(std::string_view name) {
  XPUQ_ASSIGN(const Argument a, argument(name));
  if (a.tag.empty()) {
    double v = 0;
    const auto r = std::from_chars(a.fallback.data(), a.fallback.data() + a.fallback.size(), v);  // reads "inf" too
    if (r.ec == std::errc()) return v;
    return bad(name, "a number", a);
  }
  const auto v = number_of(a.tag, a.value);
  if (!v) return bad(name, "a number that is known", a);
  return *v;
}

Result<Floats> Call::reals(std::string_view name) {
  XPUQ_ASSIGN(const Argument a, argument(name));
  if (a.tag.empty()) return Floats{};
  if (!a.value->is_array()) return bad(name, "a list of numbers", a);
  Floats out;
  for (const Json& item : *a.value) {
    const auto v = item.is_object() ? number_of("as_sym_float", &item) : real_of(&item);
    if (!v) return bad(name, "a list of numbers that are known", a);
    out.push_back(*v);
  }
  return out;
}

Result<bool> Call::flag(std::string_view name) {
  XPUQ_ASSIGN(const Argument a, argument(name));
  if (a.tag.empty()) return a.fallback == "true";
  const auto v = number_of(a.tag, a.value);
  if (!v) return bad(name, "a truth value", a);
  return *v != 0;
}

Result<std::string> Call::text(std::string_view name) {
  XPUQ_ASSIGN(const Argument a, argument(name));
  if (a.tag.empty()) return std::string(a.fallback);
  const auto v = text_of(a.value);
  if (!v) return bad(name, "a text", a);
  return *v;
}

Result<std::size_t> Call::axis_of(std::int64_t axis, std::size_t rank) const {
  const auto n = static_cast<std::int64_t>(rank);
  if (axis < -n || axis >= n) return problem("axis " + std::to_string(axis) + " is not one of " + std::to_string(rank));
  return static_cast<std::size_t>(axis < 0 ? axis + n : axis);
}

Result<std::size_t> Call::axis(std::string_view name, std::size_t rank) {
  XPUQ_ASSIGN(const std::int64_t v, integer(name));
  return axis_of(v, rank);
}

Result<Ints> Call::axes(std::string_view name, std::size_t rank) {
  Ints wanted;
  if (given(name)) { XPUQ_ASSIGN(wanted, integers(name)); }
  std::vector<bool> chosen(rank, wanted.empty());
  for (std::int64_t v : wanted) {
    if (rank == 0 && (v == 0 || v == -1)) continue;  // torch allows that for scalars
    XPUQ_ASSIGN(const std::size_t axis, axis_of(v, rank));
    if (chosen[axis]) return problem("axis " + std::to_string(v) + " is given twice");
    chosen[axis] = true;
  }
  Ints out;
  for (std::size_t i = 0; i < rank; ++i)
    if (chosen[i]) out.push_back(static_cast<std::int64_t>(i));
  return out;
}

}  // namespace xpuq::pt2
