// conv_transpose: the gradient of conv with respect to its src; wei [IC,OC/groups,k...]. dst[n,oc,i*stride - pad +
// k*dilation] += src[n,ic,i] * wei[ic,oc,k], then + bia[oc]. Float only: it is never quantized (pt2e-semantics 8).
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
#include <algorithm>

#include "ops/type_rule.h"
#include "ops/window.h"

namespace xpuq::ops {
namespace {

std::string float_problem(std::span<const TensorType> in, std::int64_t channels) {
  const DataType dtype = in[0].dtype;
  if (!is_kernel_float(dtype)) return sentence("src is ", describe(in[0]), ", expected f32 or bf16");
  if (in[1].dtype != dtype) return sentence("wei is ", describe(in[1]), " while src is ", to_string(dtype));
  if (in.size() < 3) return {};
  if (in[2].dtype != DataType::f32 && in[2].dtype != dtype)
    return sentence("bia is ", describe(in[2]), ", expected f32");
  if (in[2].shape != Shape{channels})
    return sentence("bia has shape ", to_string(in[2].shape), ", expected ", channels);
  return {};
}

}  // namespace

Inferred infer_conv_transpose(OpKind, const Attributes& a, std::span<const TensorType> in) {
  const Shape& src = in[0].shape;
  const Shape& wei = in[1].shape;
  if (src.size() < 3 || src.size() > 5) return refuse("src has rank ", src.size(), ", expected 3 to 5");
  if (wei.size() != src.size()) return refuse("wei has rank ", wei.size(), ", src has ", src.size());
  const std::int64_t groups = a.get_int("groups", 1);
  if (groups < 1 || groups > kMaxDimension) return refuse("groups is ", groups);
  if (wei[0] != src[1]) return refuse("wei has ", wei[0], " input channels, src has ", src[1]);
  if (src[1] % groups != 0) return refuse("src has ", src[1], " channels, not a multiple of ", groups, " groups");
  if (wei[1] > kMaxDimension / groups)
    return refuse("wei has ", wei[1], " output channels in each of ", groups, " groups");
  const std::int64_t channels = wei[1] * groups;
  if (std::string p = float_problem(in, channels); !p.empty()) return {{}, p};

  const Window window = read_window(a, Ints(wei.begin() + 2, wei.end()));
  if (std::string p = window_problem(window); !p.empty()) return {{}, p};
  const Ints& output_padding = a.get_ints("output_padding");
  if (output_padding.size() != window.kernel.size())
    return refuse("output_padding has ", output_padding.size(), " entries, expected ", window.kernel.size());
  Shape dst{src[0], channels};
  for (std::size_t i = 0; i < window.kernel.size(); ++i) {
    const std::int64_t limit = std::max(window.strides[i], window.dilations[i]);
    if (output_padding[i] < 0 || output_padding[i] >= limit)
      return refuse("output_padding has ", output_padding[i], ", which is not below stride or dilation ", limit);
    const std::int64_t size = transposed_size(window, i, src[i + 2], output_padding[i]);
    if (size < (src[i + 2] == 0 ? 0 : 1)) return refuse("dst would have ", size, " elements on spatial axis ", i);
    dst.push_back(size);
  }
  return result(in[0].dtype, std::move(dst));
}

}  // namespace xpuq::ops
