// Convolutions and products. Source of every form: https://onnx.ai/onnx/operators/.
#include "export/onnx/writer.h"

namespace xpuq::onnx_export {
namespace {

void window(onnx::NodeProto& n, const Out& o) {
  const Shape& wei = o.type(1).shape;
  set(n, "kernel_shape", Ints(wei.begin() + 2, wei.end()));
  for (const char* name : {"strides", "dilations"}) set(n, name, o.a.get_ints(name));
  Ints pads = o.a.get_ints("pads_begin");
  const Ints& end = o.a.get_ints("pads_end");
  pads.insert(pads.end(), end.begin(), end.end());
  set(n, "pads", pads);
  set(n, "group", o.a.get_int("groups", 1));
}

template <class T>
Tensor turned(const Tensor& t) {
  const std::int64_t rows = t.shape()[0], columns = t.shape()[1];
  Tensor out(t.dtype(), {columns, rows});
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = 0; c < columns; ++c) out.data<T>()[c * rows + r] = t.data<T>()[r * columns + c];
  return out;
}

/// The weights [outputs, inputs] as a product has them, [inputs, outputs]: runtimes look for quantized constants there, so
/// those are written turned, with their scales along the other axis.
std::string transposed_weights(const Out& o) {
  const Graph& g = o.w.graph();
  const ValueId wei = o.node.inputs[1];
  const Node* dq = g.producer(wei);
  const std::string name = o.w.fresh(o.in(1) + ".transposed");
  if (dq && dq->op == OpKind::dequantize && g.value(dq->inputs[0]).is_constant()) {
    const Value& codes = g.value(dq->inputs[0]);
    const QuantParams& q = *codes.type.quant;
    const std::string turned_codes = o.w.fresh(codes.name + ".transposed");
    o.w.initializer(turned_codes, turned<std::int8_t>(*codes.constant));
    const std::string scale = q.axis ? o.w.floats(codes.name + ".scale", q.scales) : o.w.scalar(codes.name + ".scale", q.scales[0]);
    // Zero: the default, but the precision mode of ONNX Runtime on CPUs without VNNI turns s8 into u8 only where it is there.
    const std::string zero_point = o.w.fresh(codes.name + ".zero_point");
    o.w.initializer(zero_point, Tensor(DataType::s8, q.axis ? Shape{static_cast<std::int64_t>(q.scales.size())} : Shape{}));
    onnx::NodeProto& n = o.w.node("DequantizeLinear", {turned_codes, scale, zero_point}, {name});
    if (q.axis) set(n, "axis", std::int64_t{1 - *q.axis});
    return name;
  }
  if (const Value& value = g.value(wei); value.is_constant() && value.type.dtype == DataType::f32) {
    o.w.initializer(name, turned<float>(*value.constant));
    return name;
  }
  set(o.w.node("Transpose", {o.in(1)}, {name}), "perm", Ints{1, 0});
  return name;
}

}  // namespace

std::string write_weighted(const Out& o) {
  if (!o.a.get_strings("post_ops").empty() || o.a.has("dst_scale")) return "it is fused already";
  switch (o.node.op) {
    case OpKind::conv:
      window(o.same("Conv"), o);
      return {};
    case OpKind::conv_transpose: {
      onnx::NodeProto& n = o.same("ConvTranspose");
      window(n, o);
      set(n, "output_padding", o.a.get_ints("output_padding"));
      return {};
    }
    case OpKind::matmul: o.same("MatMul"); return {};
    default: break;
  }
  const bool bias = o.node.inputs.size() > 2;
  const std::string product = bias ? o.w.fresh(o.out() + ".product") : o.out();
  o.w.node("MatMul", {o.in(0), transposed_weights(o)}, {product});
  if (bias) o.w.node("Add", {product, o.in(2)}, {o.out()});
  return {};
}

}  // namespace xpuq::onnx_export
