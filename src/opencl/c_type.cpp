#include "opencl/c_type.h"

#include <algorithm>
#include <limits>

namespace xpuq::opencl {

std::string_view c_type(DataType dtype) {
  switch (dtype) {
    case DataType::f32: return "float";
    case DataType::bf16: case DataType::f16: return "ushort";
    case DataType::f64: return "ulong";
    case DataType::s8: return "char";
    case DataType::u8: case DataType::boolean: return "uchar";
    case DataType::s16: return "short";
    case DataType::s32: return "int";
    case DataType::s64: return "long";
  }
  return "char";
}

bool is_kernel_float(DataType dtype) { return dtype == DataType::f32 || dtype == DataType::bf16; }

bool is_integer(DataType dtype) {
  return dtype == DataType::s8 || dtype == DataType::u8 || dtype == DataType::s16 || dtype == DataType::s32 ||
         dtype == DataType::s64;
}

std::int64_t least(DataType dtype) {
  switch (dtype) {
    case DataType::s8: return -128;
    case DataType::s16: return std::numeric_limits<std::int16_t>::min();
    case DataType::s32: return std::numeric_limits<std::int32_t>::min();
    case DataType::s64: return std::numeric_limits<std::int64_t>::min();
    default: return 0;
  }
}

std::int64_t greatest(DataType dtype) {
  switch (dtype) {
    case DataType::s8: return 127;
    case DataType::u8: return 255;
    case DataType::s16: return std::numeric_limits<std::int16_t>::max();
    case DataType::s32: return std::numeric_limits<std::int32_t>::max();
    case DataType::s64: return std::numeric_limits<std::int64_t>::max();
    default: return 1;
  }
}

std::vector<std::int64_t> row_major(const Shape& shape) {
  std::vector<std::int64_t> out(shape.size());
  std::int64_t stride = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    out[i] = stride;
    stride *= shape[i];
  }
  return out;
}

bool lies_plain(const PlanValue& value) {
  const Shape& s = value.type.shape;
  if (value.place != Place::arena || value.type.layout == Layout::plain || s.size() < 3) return true;
  return s[1] == 1 || std::all_of(s.begin() + 2, s.end(), [](std::int64_t d) { return d == 1; });
}

std::vector<std::int64_t> strides_of(const PlanValue& value) {
  const Shape& shape = value.type.shape;
  std::vector<std::int64_t> out = row_major(shape);
  if (lies_plain(value)) return out;
  std::int64_t stride = shape[1];
  for (std::size_t i = shape.size(); i-- > 2;) {
    out[i] = stride;
    stride *= shape[i];
  }
  out[1] = 1;
  return out;
}

}  // namespace xpuq::opencl
