// The second half of operand.h: from an element to the tensor of its input.
#include <algorithm>
#include <utility>

#include "samples/convert.h"
#include "samples/file_bytes.h"
#include "samples/operand.h"

namespace xpuq::samples {
namespace {

/// [1, rest] of an input; a scalar stays one.
Shape row_shape(const InputSpec& input) {
  Shape shape = input.shape;
  if (!shape.empty()) shape[0] = 1;
  return shape;
}

Result<Tensor> load(const PictureFile& file, const Element& element, const InputSpec& input) {
  XPUQ_ASSIGN(const std::vector<std::byte> bytes, read_file(file.path));
  XPUQ_ASSIGN(const Image image, decode_image(bytes, element.name, input.preprocessing.decode_options()));
  return apply(input.preprocessing, image, input.shape, element.name);
}

Result<Tensor> load(const ArrayFile& file, const Element& element, const InputSpec& input) {
  Shape shape = row_shape(input);
  const std::uint64_t row = static_cast<std::uint64_t>(element_count(shape)) * size_of(file.header->dtype);
  const std::uint64_t offset =
      file.header->data_at + (file.index > 0 ? row * static_cast<std::uint64_t>(file.index) : 0);
  XPUQ_ASSIGN(const std::vector<std::byte> bytes, read_file_part(file.path, offset, row));
  if (bytes.size() != row)
    return make_error(kUndecodable, element.name, "the array's file became shorter while it was used",
                      std::to_string(bytes.size()) + " bytes", std::to_string(row) + " bytes");
  return npy_numbers(bytes, *file.header, std::move(shape));
}

Result<Tensor> load(const ArrayMemory& array, const Element&, const InputSpec& input) {
  Shape shape = row_shape(input);
  if (array.index < 0) return array.tensor.reshaped(std::move(shape));
  Tensor row(array.tensor.dtype(), std::move(shape));
  std::copy_n(array.tensor.raw() + static_cast<std::size_t>(array.index) * row.bytes(), row.bytes(), row.raw());
  return row;
}

}  // namespace

Result<Tensor> load_element(const Element& element, const InputSpec& input, std::size_t input_index,
                            std::size_t sample_index) {
  if (const auto* generated = std::get_if<Generated>(&element.content))
    return generate(*generated, input.dtype, row_shape(input), input_index, sample_index);
  Result<Tensor> tensor = [&]() -> Result<Tensor> {
    if (const auto* file = std::get_if<ArrayFile>(&element.content)) return load(*file, element, input);
    if (const auto* array = std::get_if<ArrayMemory>(&element.content)) return load(*array, element, input);
    return load(std::get<PictureFile>(element.content), element, input);
  }();
  if (!tensor.ok()) return tensor;
  return convert(*tensor, input.dtype, element.name);
}

}  // namespace xpuq::samples
