// Scaled dot product attention, written out: mul(q, sqrt(s)), mul(transpose(k), sqrt(s)), matmul, add mask, softmax,
// matmul. The square roots are how PyTorch and its ONNX exporter spread the scale.
#include <cmath>
#include <limits>

#include "import/pt2/operators.h"

namespace xpuq::pt2::import_op {
namespace {

constexpr double kMasked = -std::numeric_limits<double>::infinity();

/// 0 where a query may look, -inf where it may not: at later keys.
Result<ValueId> causal_mask(Call& c, std::int64_t queries, std::int64_t keys) {
  const auto count = checked_element_count({queries, keys});
  if (!count || *count > (1 << 26)) return c.problem("mask " + to_string(Shape{queries, keys}) + " is too large");
  Tensor mask(DataType::f32, {queries, keys});
  for (std::int64_t i = 0; i < *count; ++i)
    mask.data<float>()[i] = i % keys > i / keys ? static_cast<float>(kMasked) : 0.0f;
  return c.builder.constant(c.node().name + ".mask", std::move(mask));
}

}  // namespace

Result<void> attention(Call& c) {
  XPUQ_ASSIGN(ValueId query, c.tensor("query"));
  XPUQ_ASSIGN(ValueId key, c.tensor("key"));
  XPUQ_ASSIGN(const ValueId value, c.tensor("value"));
  const std::size_t rank = c.rank(query);
  if (rank < 2 || c.rank(key) != rank || c.rank(value) != rank)
    return c.problem("query, key and value have different ranks");
  XPUQ_ASSIGN(const double dropped, c.real("dropout_p"));
  if (dropped != 0) c.session.note("dropout is dropped", c.origin());
  if (c.has("enable_gqa")) {
    XPUQ_ASSIGN(const bool grouped, c.flag("enable_gqa"));
    if (grouped && rank > 2 && c.shape(query)[rank - 3] != c.shape(key)[rank - 3])
      return c.unsupported("shares keys between heads (enable_gqa)");
  }
  double scale = 1 / std::sqrt(static_cast<double>(c.shape(query).back()));
  if (c.given("scale")) { XPUQ_ASSIGN(scale, c.real("scale")); }
  if (!(scale > 0)) return c.unsupported("has scale " + std::to_string(scale));

  Ints perm(rank);
  for (std::size_t i = 0; i < rank; ++i) perm[i] = static_cast<std::int64_t>(i);
  std::swap(perm[rank - 1], perm[rank - 2]);
  XPUQ_ASSIGN(query, c.emit(OpKind::mul, {query, c.scalar(std::sqrt(scale))}));
  XPUQ_ASSIGN(key, c.transpose(key, perm));
  XPUQ_ASSIGN(key, c.emit(OpKind::mul, {key, c.scalar(std::sqrt(scale))}));
  XPUQ_ASSIGN(ValueId scores, c.emit(OpKind::matmul, {query, key}));

  XPUQ_ASSIGN(const bool causal, c.flag("is_causal"));
  std::optional<ValueId> mask;
  if (causal) {
    XPUQ_ASSIGN(mask, causal_mask(c, c.shape(scores)[rank - 2], c.shape(scores)[rank - 1]));
  } else if (c.given("attn_mask")) {
    XPUQ_ASSIGN(mask, c.tensor("attn_mask"));
    if (c.dtype(*mask) == DataType::boolean) {
      XPUQ_ASSIGN(mask, c.emit(OpKind::where, {*mask, c.scalar(0), c.scalar(kMasked)}));
    }
  }
  if (mask) { XPUQ_ASSIGN(scores, c.emit(OpKind::add, {scores, *mask})); }
  XPUQ_ASSIGN(const ValueId weights,
              c.emit(OpKind::softmax, {scores}, {{"axis", static_cast<std::int64_t>(rank - 1)}}));
  return c.emit_result(OpKind::matmul, {weights, value});
}

}  // namespace xpuq::pt2::import_op
