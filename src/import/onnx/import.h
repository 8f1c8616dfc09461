// The ONNX door: bytes of a .onnx file to a float Graph. Foreign names and quirks end in this folder.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "import/model.h"
#include "xpuq/result.h"

namespace xpuq {

/// The oldest and the newest opset of the default domain that is understood.
inline constexpr int kOldestOpset = 6;
inline constexpr int kNewestOpset = 26;

/// True when the bytes begin as an ONNX model does (a ModelProto), whatever the file is called. A truncated model is
/// still recognised, so that its error can say what it is.
bool looks_like_onnx(std::span<const std::byte> bytes);

/// Reads a model. `path` is the name used in errors, and the place beside which external weights are looked for.
/// The bytes are not needed any more afterwards.
/// Errors: E301 unsupported operators (all at once), E302 a node that breaks a rule, E303 opset, E304 bytes that cannot
/// be read (broken file, missing or unsafe external weights), E305 element types, E306 a graph that contradicts
/// itself (cycles, undefined or doubly defined names, tensors with too little data), E205 shapes the user must fix.
Result<ImportedModel> import_onnx(const std::string& path, std::span<const std::byte> bytes,
                                  const ImportOptions& options);

}  // namespace xpuq
