// Scales, zero points and codes as the quantized operators of ONNX write them.
#pragma once

#include "import/onnx/call.h"

namespace xpuq::onnx_import {

/// Constant parameters of one quantized tensor.
struct Scheme {
  QuantParams params;  ///< zero points as the file has them
  DataType type = DataType::u8;
};

/// Reads scale (input `scale`) and zero point (input `scale + 1`, optional) of a value with the given shape. A single
/// scale is per tensor whatever `axis` says. `fallback` is the type of the codes when there is no zero point.
Result<Scheme> read_scheme(const Call& c, const Shape& shape, std::size_t scale, DataType fallback, std::int64_t axis);

/// Whether scale and zero point of read_scheme are constants; those that are not need plain arithmetic.
bool constant_scheme(const Call& c, std::size_t scale);

/// Parameters of the s8 codes that stand for the same numbers.
QuantParams as_s8(const Scheme& s);

/// The real numbers behind input `value`, (q - zero_point) * scale in f32: behind a `dequantize` where a kernel could
/// take the codes, else as arithmetic. `whole` names the value after output 0 of the node.
Result<ValueId> dequantized(Call& c, std::size_t value, const Scheme& s, bool whole);

/// The codes of a real value as output 0 of the node.
Result<Outputs> quantized(Call& c, ValueId real, const Scheme& s);

/// A list of parameters along `axis`, or one, in a shape that broadcasts to `rank` axes.
Result<ValueId> along_axis(const Call& c, ValueId values, std::int64_t axis, std::int64_t rank);

/// Codes of a quantized value as plain numbers of the type that the file says; any other value as it is.
Result<ValueId> as_numbers(Session& session, ValueId v, const std::string& name, const std::string& origin);

}  // namespace xpuq::onnx_import
