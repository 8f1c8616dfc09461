// NumPy's .npy (format 1.0 and 2.0) and .npz, read from hostile bytes and written byte-identically every time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "xpuq/result.h"
#include "xpuq/types.h"

namespace xpuq::samples {

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// What stands before the numbers of a .npy file.
struct NpyHeader {
  DataType dtype = DataType::f32;
  bool big_endian = false;
  bool fortran = false;  ///< first axis fastest; a tensor of rank 0 or 1 is never marked so
  Shape shape;
  std::size_t data_at = 0;  ///< bytes from the start of the file

  std::uint64_t data_bytes() const { return static_cast<std::uint64_t>(element_count(shape)) * size_of(dtype); }
};

/// Bytes at the start of a file that hold any header that is accepted.
inline constexpr std::size_t kNpyHeaderBytes = 12 + 65536;
/// Largest array, in bytes, in a file or unpacked from an archive.
inline constexpr std::uint64_t kMaxArrayBytes = std::uint64_t{1} << 33;

/// Reads the header out of at least the first kNpyHeaderBytes of a file (fewer if the file is shorter).
/// f2 f4 f8 i1 i2 i4 i8 u1 b1 in either byte order. Errors: E102 with `who`.
Result<NpyHeader> read_npy_header(std::span<const std::byte> bytes, const std::string& who);

/// A whole .npy file as a row-major tensor of its own element type. A file longer or shorter than its header says
/// is E102 with `who`.
Result<Tensor> read_npy(std::span<const std::byte> bytes, const std::string& who);

/// Numbers as they lie in a file (row-major part of `header`'s array) to a tensor of `shape`; the caller has checked
/// the count of bytes.
Tensor npy_numbers(std::span<const std::byte> bytes, const NpyHeader& header, Shape shape);

/// Format 1.0, C order, little endian, padded to 64 bytes as NumPy does. bf16, which NumPy lacks, is widened to f4.
std::vector<std::byte> write_npy(const Tensor& tensor);

/// All arrays of an archive (stored or deflated), in its order, names without ".npy". Errors: E102 with `who`.
Result<NamedTensors> read_npz(std::span<const std::byte> bytes, const std::string& who);

/// An archive of stored entries with a fixed date. Errors: E101 with `who` when libzip fails (out of memory).
Result<std::vector<std::byte>> write_npz(const NamedTensors& tensors, const std::string& who);

}  // namespace xpuq::samples
