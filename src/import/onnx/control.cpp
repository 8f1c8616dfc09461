// Nodes that compute nothing, and the one kind of control flow that can be decided while importing.
#include "import/onnx/operators.h"

namespace xpuq::onnx_import {

Result<Outputs> identity(Call& c) { return Outputs{c.in(0)}; }

// Identity in inference; the mask, where somebody wants it, keeps everything.
Result<Outputs> dropout(Call& c) {
  if (c.has(2)) {
    XPUQ_ASSIGN(const Ints training, c.constant_ints(2, "training_mode"));
    if (training.size() != 1 || training[0] != 0)
      return c.problem("training mode is not supported", text(training), "0", "export the model after model.eval()");
  }
  XPUQ_ASSIGN(const ValueId kept, c.emit(OpKind::dropout, {c.in(0)}));
  Outputs out{kept};
  if (c.names.size() > 1 && !c.names[1].empty()) {
    const ValueId all = c.scalar(DataType::boolean, 1);
    XPUQ_ASSIGN(const ValueId mask, c.emit(OpKind::expand, {all}, {{"shape", c.shape(0)}}, 1));
    out.push_back(mask);
  }
  return out;
}

// Exporters write If around a Squeeze whose need follows from shapes: then the condition is constant by now.
Result<Outputs> branch(Call& c) {
  const auto condition = c.builder.ints_of(c.in(0));
  if (!condition || condition->size() != 1) {
    UnsupportedOps ops;
    ops.add("If (with a condition computed at run time)", c.origin);
    return ops.error(c.session.file(), static_cast<std::size_t>(c.session.model().graph().node_size()));
  }
  const auto* taken = c.find((*condition)[0] != 0 ? "then_branch" : "else_branch");
  XPUQ_ASSIGN(Outputs out, c.inline_graph(taken->g()));
  if (out.size() != static_cast<std::size_t>(c.node.output_size()))
    return c.problem("the branch taken gives another number of values", std::to_string(out.size()),
                     std::to_string(c.node.output_size()));
  return out;
}

}  // namespace xpuq::onnx_import
