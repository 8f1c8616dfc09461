// max_pool: the largest of each window; padding never wins (it is -inf). avg_pool: the sum of each window, padding
// being zero, over its element count (count_include_pad: with padding, but without what ceil_mode adds), or over
// divisor_override. adaptive_avg_pool: output i averages the inputs floor(i*H/k) .. ceil((i+1)*H/k).
// torch.nn.MaxPool2d, AvgPool2d, AdaptiveAvgPool2d. Quantized s8 passes with its parameters unchanged.
#include <algorithm>

#include "ops/type_rule.h"
#include "ops/window.h"

namespace xpuq::ops {
namespace {

std::string src_problem(const TensorType& src, std::size_t spatial) {
  if (spatial < 1 || spatial > 3) return sentence(spatial, " spatial axes, expected 1 to 3");
  if (src.shape.size() != spatial + 2) return sentence("src has rank ", src.shape.size(), ", expected ", spatial + 2);
  if (src.quant ? src.dtype == DataType::s8 && src.quant->per_tensor() : is_kernel_float(src.dtype)) return {};
  return sentence("src is ", describe(src), ", expected f32, bf16 or s8 with one scale");
}

Inferred adaptive(const Attributes& a, const TensorType& src) {
  const Ints& sizes = a.get_ints("output_size");
  if (std::string p = src_problem(src, sizes.size()); !p.empty()) return {{}, p};
  Shape dst(src.shape.begin(), src.shape.begin() + 2);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    // The window bounds are products (i + 1) * H, which must fit 64 bits.
    if (sizes[i] < 0 || sizes[i] > (std::int64_t{1} << 20)) return refuse("output_size has ", sizes[i]);
    if (sizes[i] > 0 && src.shape[i + 2] == 0) return refuse("spatial axis ", i, " of src is empty");
    dst.push_back(sizes[i]);
  }
  return result(with_shape(src, std::move(dst)));
}

}  // namespace

Inferred infer_pool(OpKind kind, const Attributes& a, std::span<const TensorType> in) {
  const TensorType& src = in[0];
  if (kind == OpKind::adaptive_avg_pool) return adaptive(a, src);
  const Window w = read_window(a, a.get_ints("kernel"));
  if (std::string p = src_problem(src, w.kernel.size()); !p.empty()) return {{}, p};
  if (std::string p = window_problem(w); !p.empty()) return {{}, p};
  // The element count of a window is a divisor, so it must fit 64 bits.
  if (checked_element_count(w.kernel).value_or(kMaxElements) >= kMaxElements) return refuse("kernel is too large");
  const std::int64_t ceil_mode = a.get_int("ceil_mode", 0);
  if (ceil_mode != 0 && ceil_mode != 1) return refuse("ceil_mode is ", ceil_mode, ", expected 0 or 1");
  if (kind == OpKind::avg_pool) {
    const std::int64_t include = a.get_int("count_include_pad", 0);
    if (include != 0 && include != 1) return refuse("count_include_pad is ", include, ", expected 0 or 1");
    if (a.get_int("divisor_override", 1) < 1) return refuse("divisor_override is ", a.get_int("divisor_override", 1));
  }
  Shape dst(src.shape.begin(), src.shape.begin() + 2);
  for (std::size_t i = 0; i < w.kernel.size(); ++i) {
    const std::int64_t extent = window_extent(w, i);
    // Otherwise a window could lie in the padding altogether, where there is no largest and no mean.
    if (w.pads_begin[i] >= extent || w.pads_end[i] >= extent)
      return refuse("padding ", std::max(w.pads_begin[i], w.pads_end[i]), " is not smaller than the window ", extent);
    const std::int64_t size = src.shape[i + 2];
    const std::int64_t count = ceil_mode ? window_count_ceil(w, i, size) : window_count(w, i, size);
    if (count < (size == 0 ? 0 : 1))
      return refuse("kernel covers ", extent, " on spatial axis ", i, ", padded src has ",
                    size + w.pads_begin[i] + w.pads_end[i]);
    if (size == 0 && count > 0) return refuse("spatial axis ", i, " of src is empty");
    dst.push_back(count);
  }
  return result(with_shape(src, std::move(dst)));
}

}  // namespace xpuq::ops
