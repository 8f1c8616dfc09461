#include "import/onnx/reader.h"

#include <google/protobuf/io/coded_stream.h>

#include <limits>
#include <optional>

#include "import/onnx/import.h"

namespace xpuq {
namespace {

/// Reads a base-128 number of a protobuf; empty when the bytes end or it is longer than 64 bits.
std::optional<std::uint64_t> read_varint(std::span<const std::byte>& bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 10 && i < bytes.size(); ++i) {
    const auto b = static_cast<std::uint64_t>(bytes[i]);
    value |= (b & 0x7F) << (7 * i);
    if (b & 0x80) continue;
    bytes = bytes.subspan(i + 1);
    return value;
  }
  return std::nullopt;
}

/// How a field of ModelProto is written (0 number, 2 length and bytes); -1 for a number that it has not.
int wire_type_of(std::uint64_t field) {
  switch (field) {
    case 1:  // ir_version
    case 5:  // model_version
      return 0;
    case 2:
    case 3:
    case 4:
    case 6:
    case 7:
    case 8:
    case 14:
    case 20:
    case 25:
    case 26: return 2;
    default: return -1;
  }
}

}  // namespace

bool looks_like_onnx(std::span<const std::byte> bytes) {
  bool has_version = false;
  while (!bytes.empty()) {
    const auto tag = read_varint(bytes);
    if (!tag || static_cast<int>(*tag & 7) != wire_type_of(*tag >> 3)) return false;
    const std::uint64_t field = *tag >> 3;
    const auto value = read_varint(bytes);
    if (!value) return false;
    if (field == 1) has_version = *value > 0 && *value < 1000;
    if ((*tag & 7) == 0) continue;
    // A field that ends after the bytes do: a truncated model, if it was one so far.
    if (*value > bytes.size()) return has_version;
    bytes = bytes.subspan(static_cast<std::size_t>(*value));
    if (field == 7 && !has_version) return true;  // a graph first: allowed, though nobody writes it
  }
  return has_version;
}

}  // namespace xpuq

namespace xpuq::onnx_import {

Error file_error(const std::string& file, std::string code, std::string what, std::string got, std::string expected,
                 std::string remedy) {
  return {.code = std::move(code),
          .who = file,
          .what = std::move(what),
          .got = std::move(got),
          .expected = std::move(expected),
          .remedy = std::move(remedy),
          .node = {}};
}

Result<std::shared_ptr<const onnx::ModelProto>> parse_model(const std::string& file, std::span<const std::byte> bytes) {
  constexpr int kNesting = 100;  // of messages: If in If in If; far above any real model, far below the stack
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    return file_error(file, "E304", "is larger than a protobuf can be", std::to_string(bytes.size()) + " bytes",
                      "less than 2 GiB", "save the weights as external data");
  auto model = std::make_shared<onnx::ModelProto>();
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                            static_cast<int>(bytes.size()));
  in.SetTotalBytesLimit(std::numeric_limits<int>::max());
  in.SetRecursionLimit(kNesting);
  // "Partial": required fields are checked where they are used, with a better message than protobuf's.
  if (!model->ParsePartialFromCodedStream(&in) || !in.ConsumedEntireMessage())
    return file_error(
        file, "E304", "is not a readable ONNX model",
        "damage near byte " + std::to_string(in.CurrentPosition()) + " of " + std::to_string(bytes.size()),
        "a complete protobuf (ModelProto)", "copy or export the file again");
  if (!model->has_graph())
    return file_error(file, "E304", "is not a readable ONNX model", "no graph in it", "a ModelProto with a graph",
                      "copy or export the file again");
  return std::shared_ptr<const onnx::ModelProto>(std::move(model));
}

}  // namespace xpuq::onnx_import
