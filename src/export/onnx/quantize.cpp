#include "export/onnx/writer.h"

namespace xpuq::onnx_export {
namespace {

/// Scale and zero point as inputs; the zero point also says the type of the codes.
Names scheme(const Out& o, const TensorType& codes) {
  const QuantParams& q = *codes.quant;
  const std::string base = codes.quant->axis || o.node.op == OpKind::quantize ? o.out() : o.in(0);
  Shape shape;
  if (q.axis) shape = {static_cast<std::int64_t>(q.scales.size())};
  Tensor zero(codes.dtype, shape);
  for (std::size_t i = 0; i < q.zero_points.size(); ++i) zero.raw()[i] = static_cast<std::byte>(q.zero_points[i]);
  const std::string scale = q.axis ? o.w.floats(base + ".scale", q.scales) : o.w.scalar(base + ".scale", q.scales[0]);
  const std::string zero_point = o.w.fresh(base + ".zero_point");
  o.w.initializer(zero_point, zero);
  return {o.in(0), scale, zero_point};
}

/// Whether every reader takes the weights transposed, under a name of its own.
bool only_in_products(const Out& o) {
  const Graph& g = o.w.graph();
  if (!g.value(o.node.inputs[0]).is_constant() || g.is_output(o.node.outputs[0])) return false;
  for (const Use& u : g.uses(o.node.outputs[0]))
    if (g.node(u.node).op != OpKind::linear || u.index != 1) return false;
  return true;
}

}  // namespace

std::string write_quantize(const Out& o) {
  const bool quantizes = o.node.op == OpKind::quantize;
  if (!quantizes && only_in_products(o)) return {};
  const TensorType& codes = quantizes ? o.result() : o.type(0);
  if (!codes.quant || (codes.dtype != DataType::s8 && codes.dtype != DataType::u8)) return "its codes are no 8-bit integers";
  if ((quantizes ? o.type(0) : o.result()).dtype != DataType::f32) return "the real side is not f32";
  onnx::NodeProto& n = o.w.node(quantizes ? "QuantizeLinear" : "DequantizeLinear", scheme(o, codes), {o.out()});
  if (codes.quant->axis) set(n, "axis", std::int64_t{*codes.quant->axis});
  return {};
}

}  // namespace xpuq::onnx_export
