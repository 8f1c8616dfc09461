// The operators that are understood, and where each is translated.
#pragma once

#include <span>
#include <string_view>

#include "import/onnx/call.h"

namespace xpuq::onnx_import {

std::span<const Operator> all_operators();
/// Null for an operator nobody translates.
const Operator* find_operator(std::string_view name);

}  // namespace xpuq::onnx_import
