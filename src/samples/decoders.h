// One function per file format, called by decode_image only. Each checks everything that it reads from the file.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "samples/image.h"

namespace xpuq::samples {

using Bytes = std::span<const std::byte>;

Result<Image> decode_jpeg(Bytes bytes, const std::string& name);
Result<Image> decode_png(Bytes bytes, const std::string& name, Depth16 depth16);
Result<Image> decode_bmp(Bytes bytes, const std::string& name);
Result<Image> decode_pnm(Bytes bytes, const std::string& name, Depth16 depth16);

/// E102 when the size is not positive or above kMaxPixels.
Result<void> check_picture_size(std::int64_t width, std::int64_t height, const std::string& name);
/// E102: the file ends early.
Error truncated_picture(const std::string& name, const char* format);
/// E102: 16-bit samples while --depth16 is `stop`.
Error sixteen_bit_picture(const std::string& name);

}  // namespace xpuq::samples
