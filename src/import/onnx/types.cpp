#include "import/onnx/types.h"

#include <array>
#include <bit>
#include <cmath>
#include <string_view>

namespace xpuq::onnx_import {
namespace {

struct TypeRow {
  std::string_view name;
  std::optional<DataType> dtype;
};

// Index = TensorProto.DataType. Written out, because the schema that Debian ships ends at BFLOAT16.
constexpr std::array<TypeRow, 25> kTypes{{
    {"UNDEFINED", {}},
    {"FLOAT", DataType::f32},
    {"UINT8", DataType::u8},
    {"INT8", DataType::s8},
    {"UINT16", {}},
    {"INT16", DataType::s16},
    {"INT32", DataType::s32},
    {"INT64", DataType::s64},
    {"STRING", {}},
    {"BOOL", DataType::boolean},
    {"FLOAT16", DataType::f16},
    {"DOUBLE", DataType::f64},
    {"UINT32", {}},
    {"UINT64", {}},
    {"COMPLEX64", {}},
    {"COMPLEX128", {}},
    {"BFLOAT16", DataType::bf16},
    {"FLOAT8E4M3FN", {}},
    {"FLOAT8E4M3FNUZ", {}},
    {"FLOAT8E5M2", {}},
    {"FLOAT8E5M2FNUZ", {}},
    {"UINT4", {}},
    {"INT4", {}},
    {"FLOAT4E2M1", {}},
    {"FLOAT8E8M0", {}},
}};

bool known(std::int32_t t) { return t >= 0 && static_cast<std::size_t>(t) < kTypes.size(); }

}  // namespace

std::optional<DataType> data_type(std::int32_t onnx_type) {
  if (!known(onnx_type)) return std::nullopt;
  return kTypes[static_cast<std::size_t>(onnx_type)].dtype;
}

std::string type_name(std::int32_t onnx_type) {
  if (!known(onnx_type)) return "type " + std::to_string(onnx_type);
  return std::string(kTypes[static_cast<std::size_t>(onnx_type)].name);
}

DataType computed_as(DataType dtype) {
  const bool other_float = dtype == DataType::f16 || dtype == DataType::bf16 || dtype == DataType::f64;
  return other_float ? DataType::f32 : dtype;
}

float f16_to_f32(std::uint16_t bits) {
  const std::uint32_t sign = (bits & 0x8000u) << 16;
  const std::uint32_t exponent = (bits >> 10) & 0x1F;
  const std::uint32_t fraction = bits & 0x3FF;
  if (exponent == 0x1F) return std::bit_cast<float>(sign | 0x7F800000u | fraction << 13);
  if (exponent == 0) {
    const float tiny = std::ldexp(static_cast<float>(fraction), -24);  // exact; zero keeps its sign below
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(tiny));
  }
  return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
}

float bf16_to_f32(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

}  // namespace xpuq::onnx_import
