// Element types: the numbers ONNX gives them, the types xpuq has, and what the two have in common.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "xpuq/types.h"

namespace xpuq::onnx_import {

/// The type with the same values, or empty where xpuq has none (strings, unsigned 16 to 64 bits, 4 and 8 bit floats).
std::optional<DataType> data_type(std::int32_t onnx_type);
/// "FLOAT16"; "type 99" for a number nobody knows.
std::string type_name(std::int32_t onnx_type);
/// What values of this type are in a graph that computes in f32: f16, bf16 and f64 become f32.
DataType computed_as(DataType dtype);

float f16_to_f32(std::uint16_t bits);
float bf16_to_f32(std::uint16_t bits);

}  // namespace xpuq::onnx_import
