// resize to explicit `sizes` (https://onnx.ai/onnx/operators/onnx__Resize.html; torch.nn.functional.interpolate).
// `scales` holds the factor of every axis as the model gave it, or out/in: it enters the coordinates, not the sizes.
// An axis whose size does not change is copied. `cubic_a` is the cubic coefficient, -0.75 when absent.
#include <algorithm>
#include <array>
#include <cmath>

#include "ops/type_rule.h"

namespace xpuq::ops {
namespace {

template <std::size_t N>
std::string choice_problem(const Attributes& a, const char* name, const std::array<std::string_view, N>& choices) {
  const std::string& value = a.get_string(name);
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) return {};
  return sentence(name, " is '", value, "', which is not known");
}

constexpr std::array<std::string_view, 3> kModes{"nearest", "linear", "cubic"};
constexpr std::array<std::string_view, 5> kCoordinates{"half_pixel", "pytorch_half_pixel", "align_corners",
                                                       "asymmetric", "half_pixel_symmetric"};
constexpr std::array<std::string_view, 4> kNearest{"floor", "ceil", "round_prefer_floor", "round_prefer_ceil"};

}  // namespace

Inferred infer_resize(OpKind, const Attributes& a, std::span<const TensorType> in) {
  const TensorType& src = in[0];
  for (const std::string& p : {choice_problem(a, "mode", kModes), choice_problem(a, "coordinates", kCoordinates),
                               choice_problem(a, "nearest_mode", kNearest), pass_problem(src)})
    if (!p.empty()) return {{}, p};
  const bool nearest = a.get_string("mode") == "nearest";
  if (!nearest && !is_kernel_float(src.dtype)) return refuse("src is ", describe(src), ", expected f32 or bf16");
  if (!std::isfinite(a.get_float("cubic_a", 0))) return refuse("cubic_a is not finite");

  const Ints& sizes = a.get_ints("sizes");
  const Floats& scales = a.get_floats("scales");
  if (sizes.size() != src.shape.size() || scales.size() != src.shape.size())
    return refuse("sizes and scales have ", sizes.size(), " and ", scales.size(), " entries, src has rank ",
                  src.shape.size());
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    // The scale is used as f32, where a tiny one would become 0.
    const float scale = static_cast<float>(scales[i]);
    if (!std::isfinite(scale) || scale <= 0) return refuse("scale ", scales[i], " is not finite and positive");
    if (sizes[i] < 0) return refuse("size ", sizes[i], " is negative");
    if (sizes[i] > 0 && src.shape[i] == 0) return refuse("axis ", i, " of src is empty");
  }
  return result(with_shape(src, sizes));
}

}  // namespace xpuq::ops
