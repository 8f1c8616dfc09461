// Functions of one 8-bit code as tables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "plan/plan.h"

namespace xpuq::opencl {

/// A part of a tree whose elements depend on nothing but one s8 code each: the value of the codes, and what each of
/// the 256 codes, -128 first, becomes, computed by the interpreter.
struct CodeTable {
  std::uint32_t codes;
  std::vector<std::byte> elements;
};

/// The table of `value`, if the steps that make it (`producer`: value to step, inside the tree) read one per-tensor s8
/// value and scalar constants alone, and one of them costs more than reading a table.
std::optional<CodeTable> make_code_table(const Plan& plan, const std::map<std::uint32_t, std::uint32_t>& producer,
                                         std::uint32_t value);

}  // namespace xpuq::opencl
