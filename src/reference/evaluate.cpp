#include "reference/evaluate.h"

#include <algorithm>

#include "reference/groups.h"
#include "support/check.h"

namespace xpuq {
namespace {

Error error(const char* code, OpKind kind, std::string what) {
  Error e;
  e.code = code;
  e.who = to_string(kind);
  e.what = std::move(what);
  return e;
}

}  // namespace

Error reference::value_error(const OpCall& call, std::string what) { return error("E101", call.kind, std::move(what)); }

Result<void> evaluate(const OpCall& call) {
  const OpSchema& s = schema(call.kind);
  XPUQ_CHECK(call.inputs.size() >= static_cast<std::size_t>(s.min_inputs), "the types were inferred");
  XPUQ_CHECK(call.outputs.size() == static_cast<std::size_t>(s.outputs), "the types were inferred");
  // Nothing to compute; the loops may then divide by sizes and rely on sources that are not empty.
  if (std::all_of(call.outputs.begin(), call.outputs.end(), [](const auto& o) { return o.type->elements() == 0; }))
    return {};
  switch (call.kind) {
#define XPUQ_OP(name, least, most, outputs, group, attributes) \
  case OpKind::name:                                           \
    return reference::run_##group(call);
#include "ops/ops.def"
#undef XPUQ_OP
  }
  return {};
}

Result<std::vector<Tensor>> evaluate(OpKind kind, const Attributes& attributes, std::span<const Tensor> inputs,
                                     std::span<const TensorType> input_types) {
  XPUQ_CHECK(inputs.size() == input_types.size(), "one type for each tensor");
  const Inferred inferred = infer(kind, attributes, input_types);
  if (!inferred.ok()) return error("E301", kind, inferred.problem);

  std::vector<Operand> sources;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    XPUQ_CHECK(inputs[i].dtype() == input_types[i].dtype && inputs[i].shape() == input_types[i].shape,
               "tensor and type agree");
    sources.push_back({&input_types[i], inputs[i].raw()});
  }
  std::vector<Tensor> results;
  std::vector<MutableOperand> sinks;
  for (const TensorType& t : inferred.types) {
    results.emplace_back(t.dtype, t.shape);
    sinks.push_back({&t, results.back().raw()});
  }
  XPUQ_TRY(evaluate(OpCall{kind, &attributes, sources, sinks}));
  return results;
}

}  // namespace xpuq
