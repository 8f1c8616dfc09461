#include <algorithm>

#include "export/onnx/writer.h"

namespace xpuq::onnx_export {
namespace {

void pool_window(onnx::NodeProto& n, const Out& o) {
  set(n, "kernel_shape", o.a.get_ints("kernel"));
  set(n, "strides", o.a.get_ints("strides"));
  Ints pads = o.a.get_ints("pads_begin");
  const Ints& end = o.a.get_ints("pads_end");
  pads.insert(pads.end(), end.begin(), end.end());
  set(n, "pads", pads);
  set(n, "ceil_mode", o.a.get_int("ceil_mode", 0));
}

std::string adaptive(const Out& o) {
  const Ints& wanted = o.a.get_ints("output_size");
  if (std::all_of(wanted.begin(), wanted.end(), [](std::int64_t s) { return s == 1; })) {
    o.same("GlobalAveragePool");
    return {};
  }
  const Shape& src = o.type(0).shape;
  Ints kernel;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const std::int64_t size = src[src.size() - wanted.size() + i];
    if (wanted[i] == 0 || size % wanted[i] != 0) return std::to_string(size) + " pixels do not divide into " + std::to_string(wanted[i]);
    kernel.push_back(size / wanted[i]);
  }
  onnx::NodeProto& n = o.same("AveragePool");
  set(n, "kernel_shape", kernel);
  set(n, "strides", kernel);
  return {};
}

/// An average over all there is, however large the window says it is.
bool covers_all(const Out& o) {
  const Ints& kernel = o.a.get_ints("kernel");
  const Shape &src = o.type(0).shape, &dst = o.result().shape;
  for (std::size_t i = 0; i < kernel.size(); ++i) {
    const std::size_t axis = src.size() - kernel.size() + i;
    if (kernel[i] < src[axis] || dst[axis] != 1 || o.a.get_ints("pads_begin")[i] != 0 || o.a.get_ints("pads_end")[i] != 0) return false;
  }
  return true;
}

}  // namespace

std::string write_pool(const Out& o) {
  if (o.node.op == OpKind::adaptive_avg_pool) return adaptive(o);
  if (o.node.op == OpKind::max_pool) {
    onnx::NodeProto& n = o.same("MaxPool");
    pool_window(n, o);
    set(n, "dilations", o.a.get_ints("dilations"));
    return {};
  }
  if (o.a.has("divisor_override")) return "its divisor is not the size of the window";
  if (covers_all(o)) {
    o.same("GlobalAveragePool");
    return {};
  }
  onnx::NodeProto& n = o.same("AveragePool");
  pool_window(n, o);
  set(n, "count_include_pad", o.a.get_int("count_include_pad", 0));
  return {};
}

}  // namespace xpuq::onnx_export
