// Which implementation a step gets. Candidates are asked in order; the first that takes the step wins.
#include "runtime/cpu/isa.h"
#include "runtime/cpu/steps.h"
#include "runtime/onednn/steps.h"

namespace xpuq::onednn {
namespace {

using LibraryMaker = StepPtr (*)(const StepContext&, const Library&);
using OwnMaker = StepPtr (*)(const StepContext&);

StepPtr from_library(LibraryMaker maker, const StepContext& c, const Library& library) {
  if (maker == nullptr) return nullptr;
  try {
    return maker(c, library);
  } catch (const dnnl::error& e) {
    // What oneDNN has no implementation for is not an error: something else takes the step.
    if (e.status == dnnl_unimplemented || e.status == dnnl_invalid_arguments) return nullptr;
    throw;
  }
}

/// True when oneDNN's int8 kernels are exact here: the CPU has a dot product with 32-bit sums, and the user has not
/// told oneDNN to do without (ONEDNN_MAX_CPU_ISA).
bool library_int8_is_exact() {
  if (!cpu::has_vnni()) return false;
  switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::isa_default:
    case dnnl::cpu_isa::sse41:
    case dnnl::cpu_isa::avx:
    case dnnl::cpu_isa::avx2:
    case dnnl::cpu_isa::avx512_core: return false;
    default: return true;
  }
}

bool prefers_library_int8(const StepContext& c) {
  switch (c.options().int8_kernels) {
    case EngineOptions::Int8Kernels::onednn: return true;
    case EngineOptions::Int8Kernels::own: return false;
    default: return library_int8_is_exact();
  }
}

StepPtr make_layer(const StepContext& c, const Library& library, LibraryMaker library_float, LibraryMaker library_int8,
                   OwnMaker own_int8) {
  if (!c.in(0).quant) return from_library(library_float, c, library);
  if (prefers_library_int8(c)) {
    if (StepPtr step = from_library(library_int8, c, library)) return step;
  }
  return own_int8(c);
}

StepPtr choose(const StepContext& c, const Library& library) {
  switch (c.op()) {
    case OpKind::conv:
      return make_layer(c, library, make_convolution, make_int8_convolution, cpu::make_int8_conv_step);
    case OpKind::linear: return make_layer(c, library, make_linear, make_int8_linear, cpu::make_int8_linear_step);
    case OpKind::conv_transpose: return from_library(make_deconvolution, c, library);
    case OpKind::matmul: return from_library(make_matmul, c, library);
    case OpKind::layer_norm:
    case OpKind::batchnorm: return from_library(make_normalization, c, library);
    case OpKind::softmax:
    case OpKind::log_softmax: return from_library(make_softmax, c, library);
    case OpKind::reduce_mean:
      if (StepPtr step = from_library(make_global_average, c, library)) return step;
      return from_library(make_reduction, c, library);
    case OpKind::reduce_sum:
    case OpKind::reduce_max:
    case OpKind::reduce_min:
    case OpKind::reduce_prod: return from_library(make_reduction, c, library);
    case OpKind::max_pool:
    case OpKind::avg_pool:
    case OpKind::adaptive_avg_pool:
      if (c.in(0).quant) return cpu::make_int8_pool_step(c);
      return from_library(make_pooling, c, library);
    case OpKind::pow: return from_library(make_eltwise, c, library);
    case OpKind::concat:
    case OpKind::reshape:
    case OpKind::flatten:
    case OpKind::transpose:
    case OpKind::slice:
    case OpKind::pad:
    case OpKind::expand:
    case OpKind::reorder: return cpu::make_move_step(c);
    case OpKind::resize:
      if (StepPtr step = cpu::make_nearest_step(c)) return step;
      return from_library(make_resampling, c, library);
    case OpKind::quantize:
    case OpKind::dequantize: return cpu::make_quantize_step(c);
    case OpKind::cast: return cpu::make_cast_step(c);
    case OpKind::lookup: return cpu::make_lookup_step(c);
    default:
      if (is_unary(c.op())) return from_library(make_eltwise, c, library);
      if (is_binary(c.op())) return from_library(make_binary, c, library);
      return nullptr;
  }
}

}  // namespace

std::vector<std::string> step_kernels(const StepContext& c, const Library& library) {
  if (c.op() != OpKind::conv || !c.in(0).quant) return {};
  const std::vector<std::string> own = cpu::int8_conv_step_kernels(c);
  if (!prefers_library_int8(c)) return own;
  std::vector<std::string> names;
  try {
    names = int8_convolution_kernels(c, library);
  } catch (const dnnl::error&) {
    // It has none for this step.
  }
  // Plain loops never win, and measuring them takes seconds.
  std::erase_if(names, [](const std::string& name) { return name.starts_with("ref:"); });
  names.insert(names.end(), own.begin(), own.end());
  return names;
}

StepPtr make_step(const StepContext& c, const Library& library) {
  if (!c.kernel().empty() && c.op() == OpKind::conv) {
    if (StepPtr step = choose(c, library)) return step;
  }
  if (!c.kernel().empty()) return make_step(c.any_kernel(), library);
  if (StepPtr step = moves_elements(c.op(), c.attributes()) ? choose(c, library) : nullptr) return step;
  if (StepPtr step = cpu::make_widened_step(c, [&](const StepContext& wide) { return make_step(wide, library); })) return step;
  if (StepPtr step = choose(c, library)) return step;
  return cpu::make_reference_step(c);
}

}  // namespace xpuq::onednn
