// The interpreter: one plain loop per operation. It is the oracle of every test, folds constants at compile time, and
// runs what no faster engine takes. Results depend on nothing but the inputs: no threads, no CPU dispatch, one rounding
// per operation as written (float sums of conv, linear, matmul, pools, normalizations and reductions are kept in f64
// and rounded once to f32).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ops/op.h"
#include "xpuq/result.h"
#include "xpuq/types.h"

namespace xpuq {

/// An input: its type and its elements in row-major order, whatever layout the type names.
struct Operand {
  const TensorType* type;
  const std::byte* bytes;
};
/// An output to be filled, in row-major order. It never shares memory with an input.
struct MutableOperand {
  const TensorType* type;
  std::byte* bytes;
};
/// Where int8 conv and linear round on the way from accumulator to real.
enum class Arithmetic : std::uint8_t {
  product_first,  ///< fl(acc * fl(src_scale * wei_scale)): PyTorch and oneDNN on a CPU (pt2e-semantics 5.2)
  source_first,   ///< fl(fl(acc * src_scale) * wei_scale): oneDNN's kernels on Intel GPUs, read off their machine code
};

struct OpCall {
  OpKind kind;
  const Attributes* attributes;
  std::span<const Operand> inputs;
  std::span<const MutableOperand> outputs;
  Arithmetic arithmetic = Arithmetic::product_first;
};

/// Computes the outputs of an operation whose types are what infer() says. Errors (code E101, `who` the operation) come
/// only from the values: a gather index out of range, an integer division by zero.
Result<void> evaluate(const OpCall& call);

/// The same for tensors: infers the output types, allocates and runs. `input_types` give what tensors lack, their
/// quantization parameters; types and tensors agree. A broken type rule is an E301 error with the sentence of infer().
Result<std::vector<Tensor>> evaluate(OpKind kind, const Attributes& attributes, std::span<const Tensor> inputs,
                                     std::span<const TensorType> input_types);

}  // namespace xpuq
