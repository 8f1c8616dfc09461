// Normalizations, softmax, reductions along axes.
#include "export/onnx/writer.h"

namespace xpuq::onnx_export {
namespace {

void reduce(const Out& o, const char* op) {
  set(o.w.node(op, {o.in(0), o.w.ints(o.out() + ".axes", o.a.get_ints("axes"))}, {o.out()}), "keepdims", o.a.get_int("keepdims", 1));
}

float eps(const Out& o) { return static_cast<float>(o.a.get_float("eps", 0)); }

void layer_norm(const Out& o) {
  const Shape& src = o.type(0).shape;
  const std::int64_t axis = o.a.get_int("axis", 0);
  Names inputs = o.inputs();
  if (inputs.size() == 1) {  // ONNX always has a scale
    const Shape shape(src.begin() + axis, src.end());
    const std::vector<float> ones(static_cast<std::size_t>(element_count(shape)), 1.0f);
    inputs.push_back(o.w.fresh(o.out() + ".ones"));
    o.w.initializer(inputs.back(), Tensor::of<float>(DataType::f32, shape, ones));
  }
  onnx::NodeProto& n = o.w.node("LayerNormalization", inputs, {o.out()});
  set(n, "axis", axis);
  set(n, "epsilon", eps(o));
}

/// Each group as one channel of an instance norm, and gamma and beta of the channels behind it.
void group_norm(const Out& o) {
  const Shape& src = o.type(0).shape;
  const std::int64_t groups = o.a.get_int("groups", 1);
  const auto name = [&](const char* what) { return o.w.fresh(o.out() + "." + what); };
  const std::string grouped = name("grouped"), even = name("even"), back = name("back"), scaled = name("scaled");
  o.w.node("Reshape", {o.in(0), o.w.ints(o.out() + ".groups", {src[0], groups, -1})}, {grouped});
  const std::vector<float> ones(static_cast<std::size_t>(groups), 1.0f), zeros(static_cast<std::size_t>(groups), 0.0f);
  set(o.w.node("InstanceNormalization", {grouped, o.w.floats(o.out() + ".ones", ones), o.w.floats(o.out() + ".zeros", zeros)}, {even}), "epsilon", eps(o));
  o.w.node("Reshape", {even, o.w.ints(o.out() + ".shape", src)}, {back});
  Ints channels(src.size(), 1);
  channels[1] = src[1];
  channels.erase(channels.begin());
  const std::string shape = o.w.ints(o.out() + ".channels", channels), gamma = name("gamma"), beta = name("beta");
  o.w.node("Reshape", {o.in(1), shape}, {gamma});
  o.w.node("Reshape", {o.in(2), shape}, {beta});
  o.w.node("Mul", {back, gamma}, {scaled});
  o.w.node("Add", {scaled, beta}, {o.out()});
}

}  // namespace

std::string write_reduce(const Out& o) {
  switch (o.node.op) {
    case OpKind::batchnorm: set(o.same("BatchNormalization"), "epsilon", eps(o)); return {};
    case OpKind::layer_norm: layer_norm(o); return {};
    case OpKind::group_norm: group_norm(o); return {};
    case OpKind::softmax: set(o.same("Softmax"), "axis", o.a.get_int("axis", -1)); return {};
    case OpKind::log_softmax: set(o.same("LogSoftmax"), "axis", o.a.get_int("axis", -1)); return {};
    case OpKind::reduce_mean: reduce(o, "ReduceMean"); return {};
    case OpKind::reduce_sum: reduce(o, "ReduceSum"); return {};
    case OpKind::reduce_max: reduce(o, "ReduceMax"); return {};
    case OpKind::reduce_min: reduce(o, "ReduceMin"); return {};
    case OpKind::reduce_prod: reduce(o, "ReduceProd"); return {};
    case OpKind::argmax: {
      onnx::NodeProto& n = o.same("ArgMax");
      set(n, "axis", o.a.get_int("axis", 0));
      set(n, "keepdims", o.a.get_int("keepdims", 1));
      return {};
    }
    case OpKind::topk: {
      onnx::NodeProto& n = o.w.node("TopK", {o.in(0), o.w.ints(o.out() + ".k", {o.a.get_int("k", 1)})}, {o.w.fresh(o.out() + ".values"), o.out()});
      set(n, "axis", o.a.get_int("axis", 0));
      set(n, "largest", o.a.get_int("largest", 1));
      return {};
    }
    default: break;
  }
  const std::string axis = o.w.fresh(o.out() + ".axis");
  Tensor scalar(DataType::s64, {});
  scalar.data<std::int64_t>()[0] = o.a.get_int("axis", 0);
  o.w.initializer(axis, scalar);
  onnx::NodeProto& n = o.w.node("CumSum", {o.in(0), axis}, {o.out()});
  set(n, "exclusive", o.a.get_int("exclusive", 0));
  set(n, "reverse", o.a.get_int("reverse", 0));
  return {};
}

}  // namespace xpuq::onnx_export
