// The ScalarType codes of the export schema (these are not c10's), and stored tensors turned into plain ones.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "xpuq/result.h"
#include "xpuq/types.h"

namespace xpuq::pt2 {

/// The element type of a code of the schema; empty for those xpuq has not (complex, float8, unsigned 16 to 64 bits).
std::optional<DataType> element_type(std::int64_t code);
/// PyTorch's name of a code, for messages.
std::string element_type_name(std::int64_t code);

/// A tensor as an archive keeps it: a view by strides of a storage.
struct StoredTensor {
  DataType dtype = DataType::f32;
  Shape shape;
  Shape strides;            ///< in elements
  std::int64_t offset = 0;  ///< in elements
  std::span<const std::byte> storage;
  std::shared_ptr<const void> owner;  ///< keeps the storage alive
  std::string identity;               ///< equal for two names of the same tensor (tied weights)
};

/// The tensor in row-major order: in place when it lies so and is aligned, else a copy. `problem` is what is wrong
/// with the description when the result is empty.
std::optional<Tensor> materialize(const StoredTensor& stored, std::string& problem);

/// f16 and bf16 elements as f32 (exact); other tensors unchanged.
Tensor widen_half(const Tensor& tensor);

}  // namespace xpuq::pt2
