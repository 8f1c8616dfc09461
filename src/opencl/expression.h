// A tree of pointwise steps (batchnorm of constants among them), moves, pads and concats as one C function of an element: what it reads, under which
// conditions, and the statements between. How elements are shared out among work items is pointwise.cpp's business.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "opencl/index.h"
#include "opencl/prelude.h"
#include "plan/plan.h"

namespace xpuq::opencl {

/// One element read per element written.
struct Load {
  std::optional<std::uint32_t> value;  ///< of the plan; empty: `literal`
  std::vector<std::byte> literal;
  DataType dtype = DataType::f32;
  Affine address;
  int condition = -1;                  ///< read only where this condition holds
  std::vector<Load> others;            ///< what is read instead where their conditions hold: the parts of a concat
};

/// coordinates[k] in [first[k], last[k]) for all k, and `parent` (unless -1).
struct Condition {
  int parent = -1;
  struct Range {
    Affine coordinate;
    std::int64_t first, last;
  };
  std::vector<Range> ranges;
};

/// A table of 256 elements that the function reads at code + 128.
struct Table {
  std::optional<std::uint32_t> value;  ///< of the plan; empty: `literal`
  std::vector<std::byte> literal;
  DataType dtype = DataType::s8;
};

struct Expression {
  std::vector<std::int64_t> axes;   ///< loop axes; their product is the number of elements
  std::vector<Load> loads;          ///< a0, a1, ... of the function
  std::vector<Condition> conditions;///< c0, c1, ...: int, not 0 where they hold
  std::vector<Table> tables;        ///< t0, t1, ...
  std::vector<float> parameters;    ///< p[0], p[1], ...: scales, zero points and other numbers that differ between layers
  std::string statements;           ///< indented by two
  std::string result;               ///< expression of the stored type of the output
  Affine store;                     ///< address in the output
  Prelude prelude;
};

/// True for steps that can be part of an expression, other steps of it permitting.
bool is_expression_step(const Plan& plan, const Step& step);

/// Number in `steps` of the first one that is no such step; their count when all are.
std::size_t head_of(const Plan& plan, const std::vector<std::uint32_t>& steps);

/// The expression of the last of `steps`, which ends the tree. Empty when some element cannot be found by constant
/// strides; `problem` then says which operation is not taken, if that is the reason.
std::optional<Expression> make_expression(const Plan& plan, const std::vector<std::uint32_t>& steps,
                                          std::string* problem = nullptr);

}  // namespace xpuq::opencl
