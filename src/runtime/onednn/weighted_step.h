// The common part of steps that multiply by weights: convolution, deconvolution, inner product; float and int8.
#pragma once

#include <memory>
#include <optional>

#include "runtime/onednn/memory.h"
#include "runtime/onednn/post_ops.h"

namespace xpuq::onednn {

/// Collects the arguments of one weighted primitive around its descriptor.
class WeightedStep {
 public:
  /// `columns`: the primitive is a matmul, whose weights have one column per output channel.
  enum class Channels { rows, columns };
  WeightedStep(const StepContext& context, const Library& library, Channels channels = Channels::rows)
      : context_(context), library_(library), columns_(channels == Channels::columns),
        step_(std::make_unique<PrimitiveStep>(library)) {}

  /// Attributes for post-ops and, in the int8 form, scales and zero points; empty when oneDNN has no such form.
  std::optional<dnnl::primitive_attr> attributes() const;
  /// Descriptor of the bias; zero when there is none.
  dnnl::memory::desc bias() const;

  /// Finishes with the primitive. `src`, `dst` are the descriptors of the values as stored, `wei` that of the weights
  /// as the plan has them; where `primitive` wants another form a reorder goes before or after it.
  template <class Primitive>
  StepPtr finish(const typename Primitive::primitive_desc& pd, const dnnl::memory::desc& src,
                 const dnnl::memory::desc& wei, const dnnl::memory::desc& dst, const char* name) {
    return finish(Primitive(pd), pd.src_desc(), pd.weights_desc(), pd.dst_desc(), pd.scratchpad_desc(),
                  pd.impl_info_str(), src, wei, dst, name);
  }

 private:
  using Slot = PrimitiveStep::Slot;
  StepPtr finish(const dnnl::primitive& primitive, const dnnl::memory::desc& want_src,
                 const dnnl::memory::desc& want_wei, const dnnl::memory::desc& want_dst,
                 const dnnl::memory::desc& scratchpad, const std::string& implementation, const dnnl::memory::desc& src,
                 const dnnl::memory::desc& wei, const dnnl::memory::desc& dst, const char* name);
  bool is_int8() const { return onednn::is_int8(context_.in(0)); }
  void add_quantization(std::vector<PrimitiveStep::Argument>& arguments);
  Slot staged(Slot value, const dnnl::memory::desc& have, const dnnl::memory::desc& want);

  const StepContext& context_;
  Library library_;
  bool columns_;
  std::unique_ptr<PrimitiveStep> step_;
};

}  // namespace xpuq::onednn
