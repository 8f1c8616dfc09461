// conv: dst[n,oc,o] = sum over ic, k of src[n, g*ICg + ic, o*stride - pad + k*dilation] * wei[oc,ic,k] + bia[oc], zero
// outside src. src [N,C,spatial 1..3], wei [OC,C/groups,k...]. https://onnx.ai/onnx/operators/onnx__Conv.html; the int8
// form is pt2e-semantics 5.2.
#include "ops/weighted.h"
#include "ops/window.h"

namespace xpuq::ops {

Inferred infer_conv(OpKind, const Attributes& a, std::span<const TensorType> in) {
  const Shape& src = in[0].shape;
  const Shape& wei = in[1].shape;
  if (src.size() < 3 || src.size() > 5) return refuse("src has rank ", src.size(), ", expected 3 to 5");
  if (wei.size() != src.size()) return refuse("wei has rank ", wei.size(), ", src has ", src.size());
  const std::int64_t groups = a.get_int("groups", 1);
  if (groups < 1 || groups > kMaxDimension) return refuse("groups is ", groups);
  if (wei[0] % groups != 0)
    return refuse("wei has ", wei[0], " output channels, not a multiple of ", groups, " groups");
  if (src[1] % groups != 0 || src[1] / groups != wei[1])
    return refuse("wei has ", wei[1], " input channels, src has ", src[1], " over ", groups,
                  groups == 1 ? " group" : " groups");

  const Window window = read_window(a, Ints(wei.begin() + 2, wei.end()));
  if (std::string p = window_problem(window); !p.empty()) return {{}, p};
  Shape dst{src[0], wei[0]};
  for (std::size_t i = 0; i < window.kernel.size(); ++i) {
    const std::int64_t size = src[i + 2];
    const std::int64_t count = window_count(window, i, size);
    if (count < (size == 0 ? 0 : 1))
      return refuse("kernel covers ", window_extent(window, i), " on spatial axis ", i, ", padded src has ",
                    size + window.pads_begin[i] + window.pads_end[i]);
    dst.push_back(count);
  }
  return infer_weighted(a, in, std::move(dst), wei[0]);
}

}  // namespace xpuq::ops
