#include "samples/npy.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "samples/convert.h"
#include "samples/sample_error.h"

namespace xpuq::samples {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie in memory");

void swap_bytes(std::byte* data, std::size_t count, std::size_t size) {
  for (std::size_t i = 0; i < count; ++i) std::reverse(data + i * size, data + (i + 1) * size);
}

/// Column-major to row-major: walks the target in order and keeps the source offset in step.
Tensor from_fortran(const Tensor& source, const Shape& shape) {
  Tensor out(source.dtype(), shape);
  const std::size_t size = size_of(source.dtype()), rank = shape.size();
  std::vector<std::size_t> stride(rank), index(rank, 0);
  std::size_t step = size;
  for (std::size_t d = 0; d < rank; ++d) {
    stride[d] = step;
    step *= static_cast<std::size_t>(shape[d]);
  }
  std::size_t from = 0;
  const std::int64_t count = out.elements();
  for (std::int64_t i = 0; i < count; ++i) {
    std::memcpy(out.raw() + static_cast<std::size_t>(i) * size, source.raw() + from, size);
    for (std::size_t d = rank; d-- > 0;) {
      from += stride[d];
      if (++index[d] < static_cast<std::size_t>(shape[d])) break;
      from -= stride[d] * index[d];
      index[d] = 0;
    }
  }
  return out;
}

std::string_view code_of(DataType dtype) {
  switch (dtype) {
    case DataType::f16: return "<f2";
    case DataType::f32:
    case DataType::bf16: return "<f4";
    case DataType::f64: return "<f8";
    case DataType::s8: return "|i1";
    case DataType::u8: return "|u1";
    case DataType::s16: return "<i2";
    case DataType::s32: return "<i4";
    case DataType::s64: return "<i8";
    case DataType::boolean: return "|b1";
  }
  return {};
}

std::string python_tuple(const Shape& shape) {
  std::string out = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) out += (i ? ", " : "") + std::to_string(shape[i]);
  return out + (shape.size() == 1 ? ",)" : ")");
}

}  // namespace

Tensor npy_numbers(std::span<const std::byte> bytes, const NpyHeader& header, Shape shape) {
  Tensor tensor(header.dtype, std::move(shape));
  std::copy_n(bytes.data(), tensor.bytes(), tensor.raw());
  if (header.big_endian) swap_bytes(tensor.raw(), static_cast<std::size_t>(tensor.elements()), size_of(header.dtype));
  // Whatever the file holds, a boolean is 0 or 1 from here on.
  if (header.dtype == DataType::boolean)
    for (std::uint8_t& b : tensor.span<std::uint8_t>()) b = b != 0;
  return tensor;
}

Result<Tensor> read_npy(std::span<const std::byte> bytes, const std::string& who) {
  XPUQ_ASSIGN(const NpyHeader header, read_npy_header(bytes, who));
  const std::uint64_t left = bytes.size() - header.data_at;
  if (left != header.data_bytes())
    return make_error(kUndecodable, who, left < header.data_bytes() ? "truncated .npy array" : "bytes behind the array",
                      std::to_string(left) + " bytes of numbers",
                      std::to_string(header.data_bytes()) + " bytes for " + to_string(header.shape),
                      "save it again with numpy.save");
  const Tensor tensor = npy_numbers(bytes.subspan(header.data_at), header, header.shape);
  return header.fortran ? from_fortran(tensor, header.shape) : tensor;
}

std::vector<std::byte> write_npy(const Tensor& tensor) {
  if (tensor.dtype() == DataType::bf16) return write_npy(to_f32(tensor));
  std::string text = "{'descr': '" + std::string(code_of(tensor.dtype())) +
                     "', 'fortran_order': False, 'shape': " + python_tuple(tensor.shape()) + ", }";
  // Magic, version and length take 10 bytes; spaces and a newline fill up to a multiple of 64.
  text.append((64 - (10 + text.size() + 1) % 64) % 64, ' ');
  text += '\n';
  std::string head("\x93NUMPY\x01\x00", 8);
  head += static_cast<char>(text.size() & 255);
  head += static_cast<char>(text.size() >> 8);
  head += text;
  std::vector<std::byte> out(head.size() + tensor.bytes());
  std::memcpy(out.data(), head.data(), head.size());
  std::copy_n(tensor.raw(), tensor.bytes(), out.data() + head.size());
  return out;
}

}  // namespace xpuq::samples
