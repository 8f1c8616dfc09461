// Bytes to ModelProto, with the limits a hostile file needs.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "import/onnx/proto.h"
#include "xpuq/result.h"

namespace xpuq::onnx_import {

/// Shared, because the tensors of the graph go on using the weight bytes inside it.
Result<std::shared_ptr<const onnx::ModelProto>> parse_model(const std::string& file, std::span<const std::byte> bytes);

/// An E304, E305 or E306 error about the file as a whole, or about the thing that `what` names.
Error file_error(const std::string& file, std::string code, std::string what, std::string got = {},
                 std::string expected = {}, std::string remedy = {});

}  // namespace xpuq::onnx_import
