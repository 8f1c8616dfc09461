#include "ops/post_ops.h"

#include <algorithm>

#include "support/check.h"

namespace xpuq {

std::vector<PostOp> post_ops(const Attributes& attributes) {
  const Strings& kinds = attributes.get_strings("post_ops");
  const Floats& alpha = attributes.get_floats("post_alpha");
  const Floats& beta = attributes.get_floats("post_beta");
  std::vector<PostOp> out;
  for (std::size_t i = 0; i < kinds.size(); ++i)
    out.push_back({kinds[i], i < alpha.size() ? alpha[i] : 0, i < beta.size() ? beta[i] : 0});
  return out;
}

// One form for one meaning: no list when there is nothing to say, so that equal operations have equal attributes.
void set_post_ops(Attributes& attributes, const std::vector<PostOp>& ops) {
  Strings kinds;
  Floats alpha, beta;
  for (const PostOp& op : ops) {
    kinds.push_back(op.kind);
    alpha.push_back(op.alpha);
    beta.push_back(op.beta);
  }
  const auto all_zero = [](const Floats& v) {
    return std::all_of(v.begin(), v.end(), [](double x) { return x == 0; });
  };
  const bool bare = all_zero(alpha) && all_zero(beta);
  attributes.erase("post_ops");
  attributes.erase("post_alpha");
  attributes.erase("post_beta");
  if (!kinds.empty()) attributes.set("post_ops", std::move(kinds));
  if (!bare) attributes.set("post_alpha", std::move(alpha)).set("post_beta", std::move(beta));
}

WeightedInputs weighted_inputs(const Attributes& attributes, std::size_t input_count) {
  WeightedInputs at;
  const Strings& kinds = attributes.get_strings("post_ops");
  int count = static_cast<int>(input_count);
  if (std::find(kinds.begin(), kinds.end(), "sum") != kinds.end() && count > 2) at.other = --count;
  if (count > 2) at.bia = 2;
  return at;
}

std::optional<PostOp> as_post_op(OpKind kind, const Attributes& attributes) {
  const std::string name(to_string(kind));
  switch (kind) {
    case OpKind::relu:
    case OpKind::hardswish:
    case OpKind::silu:
    case OpKind::sigmoid:
    case OpKind::tanh:
      return PostOp{name};
    case OpKind::clip:
      return PostOp{name, attributes.get_float("min", 0), attributes.get_float("max", 0)};
    case OpKind::hardsigmoid:
      return PostOp{name, attributes.get_float("alpha", 0), attributes.get_float("beta", 0)};
    case OpKind::leaky_relu:
      return PostOp{name, attributes.get_float("alpha", 0)};
    case OpKind::gelu:
      return PostOp{name, attributes.get_string("approximate") == "tanh" ? 1.0 : 0.0};
    default:
      return std::nullopt;
  }
}

std::pair<OpKind, Attributes> as_unary(const PostOp& op) {
  const auto kind = parse_op(op.kind);
  XPUQ_CHECK(kind.has_value(), "a post-op other than sum is a unary operation");
  switch (*kind) {
    case OpKind::clip:
      return {*kind, {{"min", op.alpha}, {"max", op.beta}}};
    case OpKind::hardsigmoid:
      return {*kind, {{"alpha", op.alpha}, {"beta", op.beta}}};
    case OpKind::leaky_relu:
      return {*kind, {{"alpha", op.alpha}}};
    case OpKind::gelu:
      return {*kind, {{"approximate", std::string(op.alpha == 0 ? "none" : "tanh")}}};
    default:
      return {*kind, {}};
  }
}

}  // namespace xpuq
