// aten.conv*, convolution and conv_transpose*.
#include "import/pt2/operators.h"

namespace xpuq::pt2::import_op {
namespace {

struct Convolution {
  ValueId src, wei;
  std::optional<ValueId> bia;
  Ints strides, begin, end, dilations, output_padding;
  std::int64_t groups = 1;
  bool transposed = false;
};

Result<void> emit_convolution(Call& c, const Convolution& v) {
  const std::size_t rank = c.rank(v.wei);
  // One sample without a batch axis is allowed by PyTorch.
  const bool single = c.rank(v.src) + 1 == rank;
  XPUQ_ASSIGN(ValueId src, c.as_float(v.src));
  if (single) {
    Shape batched = c.shape(src);
    batched.insert(batched.begin(), 1);
    XPUQ_ASSIGN(src, c.reshape(src, batched));
  }
  Attributes a{{"strides", v.strides},
               {"pads_begin", v.begin},
               {"pads_end", v.end},
               {"dilations", v.dilations},
               {"groups", v.groups}};
  if (v.transposed) a.set("output_padding", v.output_padding);
  std::vector<ValueId> inputs{src, v.wei};
  if (v.bia) inputs.push_back(*v.bia);
  const OpKind kind = v.transposed ? OpKind::conv_transpose : OpKind::conv;
  XPUQ_ASSIGN(ValueId out, (single ? c : c.last()).emit(kind, std::move(inputs), std::move(a)));
  if (single) {
    const Shape& s = c.shape(out);
    XPUQ_ASSIGN(out, c.last().reshape(out, Shape(s.begin() + 1, s.end())));
  }
  return c.result(out);
}

/// Everything but the padding, which comes in two notations.
Result<Convolution> read(Call& c) {
  XPUQ_ASSIGN(const ValueId src, c.tensor("input"));
  XPUQ_ASSIGN(const ValueId wei, c.tensor("weight"));
  Convolution v{
      .src = src, .wei = wei, .bia = {}, .strides = {}, .begin = {}, .end = {}, .dilations = {}, .output_padding = {}};
  if (c.given("bias")) { XPUQ_ASSIGN(v.bia, c.tensor("bias")); }
  const std::size_t rank = c.rank(wei);
  if (rank < 3 || rank > 5) return c.problem("weight has rank " + std::to_string(rank) + ", expected 3 to 5");
  XPUQ_ASSIGN(v.strides, c.spatial("stride", rank - 2));
  XPUQ_ASSIGN(v.dilations, c.spatial("dilation", rank - 2));
  XPUQ_ASSIGN(v.groups, c.integer("groups"));
  if (c.has("output_padding")) { XPUQ_ASSIGN(v.output_padding, c.spatial("output_padding", rank - 2)); }
  return v;
}

}  // namespace

Result<void> conv(Call& c) {
  XPUQ_ASSIGN(Convolution v, read(c));
  const std::size_t spatial = v.strides.size();
  if (!c.node().target.ends_with(".padding")) {
    XPUQ_ASSIGN(v.begin, c.spatial("padding", spatial));
    v.end = v.begin;
    return emit_convolution(c, v);
  }
  XPUQ_ASSIGN(const std::string padding, c.text("padding"));
  v.begin.assign(spatial, 0);
  v.end = v.begin;
  if (padding != "same") return padding == "valid" ? emit_convolution(c, v) : c.unsupported("pads '" + padding + "'");
  for (std::size_t i = 0; i < spatial; ++i) {
    const std::int64_t kernel = c.shape(v.wei)[i + 2];
    if (v.strides[i] != 1) return c.problem("padding 'same' needs stride 1");
    if (v.dilations[i] < 1 || v.dilations[i] > (1 << 30) || kernel < 1 || kernel > (1 << 30))
      return c.problem("kernel or dilation is out of range");
    const std::int64_t total = v.dilations[i] * (kernel - 1);
    v.begin[i] = total / 2;  // of an odd total the end gets more
    v.end[i] = total - total / 2;
  }
  return emit_convolution(c, v);
}

Result<void> conv_transpose(Call& c) {
  XPUQ_ASSIGN(Convolution v, read(c));
  XPUQ_ASSIGN(v.begin, c.spatial("padding", v.strides.size()));
  v.end = v.begin;
  v.transposed = true;
  return emit_convolution(c, v);
}

Result<void> convolution(Call& c) {
  XPUQ_ASSIGN(Convolution v, read(c));
  XPUQ_ASSIGN(v.begin, c.spatial("padding", v.strides.size()));
  XPUQ_ASSIGN(v.transposed, c.flag("transposed"));
  v.end = v.begin;
  return emit_convolution(c, v);
}

}  // namespace xpuq::pt2::import_op
