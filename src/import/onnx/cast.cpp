// Cast and CastLike. The running graph computes in f32: casts of its values to f16, bf16 and f64 change nothing and are
// noted. Constants may become f64, so that shape computations keep their digits.
#include "import/onnx/operators.h"
#include "import/onnx/types.h"

namespace xpuq::onnx_import {
namespace {

Result<Outputs> cast_as(Call& c, DataType wanted) {
  const bool exact = wanted == DataType::f64 && c.builder.constant_of(c.in(0));
  const DataType to = exact ? wanted : computed_as(wanted);
  if (c.dtype(0) == to) return Outputs{c.in(0)};
  return c.result(OpKind::cast, {c.in(0)}, {{"to", std::string(to_string(to))}});
}

}  // namespace

Result<Outputs> cast_to(Call& c) {
  const std::int64_t to = c.int_or("to", 0);
  const auto wanted = to >= 0 && to < 1000 ? data_type(static_cast<std::int32_t>(to)) : std::nullopt;
  if (!wanted) {
    const std::string name = to >= 0 && to < 1000 ? type_name(static_cast<std::int32_t>(to)) : std::to_string(to);
    Error e = c.problem("element type " + name + " is not supported", name, "FLOAT, INT8 to INT64, UINT8 or BOOL");
    e.code = "E305";
    return e;
  }
  const bool exact = *wanted == DataType::f64 && c.builder.constant_of(c.in(0));
  if (computed_as(*wanted) != *wanted && !exact) c.session.note_narrowing(type_name(static_cast<std::int32_t>(to)));
  return cast_as(c, *wanted);
}

Result<Outputs> cast_like(Call& c) { return cast_as(c, c.dtype(1)); }

}  // namespace xpuq::onnx_import
