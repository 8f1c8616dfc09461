// Operations as data: kind, arity, attribute names, and the rule that gives the output types.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ops/attributes.h"
#include "xpuq/result.h"
#include "xpuq/types.h"

namespace xpuq {

enum class OpKind : std::uint16_t {
#define XPUQ_OP(name, least, most, outputs, group, attributes) name,
#include "ops/ops.def"
#undef XPUQ_OP
};

struct OpSchema {
  OpKind kind;
  std::string_view name;
  int min_inputs;
  int max_inputs;
  int outputs;
  std::string_view attributes;  ///< as written in ops.def
};

const OpSchema& schema(OpKind kind);
std::span<const OpSchema> all_ops();
std::string_view to_string(OpKind kind);
std::optional<OpKind> parse_op(std::string_view name);

/// Output types of an operation, or a sentence that says which rule its inputs or attributes break (no error code:
/// the caller knows the file and node). Checks arity, attribute names and kinds, shapes, types and quantization
/// parameters. Layouts are not looked at (lowering sets them) and outputs are `plain`.
struct Inferred {
  std::vector<TensorType> types;
  std::string problem;  ///< empty when fine
  bool ok() const { return problem.empty(); }
};
Inferred infer(OpKind kind, const Attributes& attributes, std::span<const TensorType> inputs);

/// NumPy broadcasting of two shapes; empty when they do not fit.
std::optional<Shape> broadcast(const Shape& a, const Shape& b);

/// True for what computes nothing and is kept only until the quantizer has seen it: dropout, and concat of one input.
bool is_no_op(OpKind kind, std::size_t inputs);
/// True for pointwise operations with one input (relu, clip, ..., logical_not; not cast or lookup).
bool is_unary(OpKind kind);
/// True for pointwise operations with two broadcast inputs.
bool is_binary(OpKind kind);
/// True when every output element is a copy of some input element or of a constant the op states:
/// concat, reshape, flatten, transpose, slice, expand, gather, gather_elements, gather_nd, reorder, nearest resize, and
/// pad unless with a constant other than 0. Quantization passes through these.
bool moves_elements(OpKind kind, const Attributes& attributes);

}  // namespace xpuq
