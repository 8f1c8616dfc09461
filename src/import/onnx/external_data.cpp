#include "import/onnx/external_data.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>

#include "import/onnx/reader.h"

namespace xpuq::onnx_import {
namespace {

namespace fs = std::filesystem;

struct Location {
  std::string file;
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> length;
};

std::optional<std::uint64_t> parse_count(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

struct External {
  const std::string& model;
  const onnx::TensorProto& tensor;

  Error problem(std::string what, std::string got, std::string expected, std::string remedy = {}) const {
    return file_error(model, "E304", "external data of tensor '" + tensor.name() + "': " + std::move(what),
                      std::move(got), std::move(expected), std::move(remedy));
  }

  Result<Location> location() const {
    Location out;
    for (const auto& entry : tensor.external_data()) {
      if (entry.key() == "location") out.file = entry.value();
      if (entry.key() != "offset" && entry.key() != "length") continue;
      const auto value = parse_count(entry.value());
      if (!value)
        return problem(entry.key() + " is not a number", "'" + entry.value() + "'", "a decimal number of bytes");
      if (entry.key() == "offset") out.offset = *value;
      else out.length = *value;
    }
    if (out.file.empty() || out.file.find('\0') != std::string::npos)
      return problem("no location", "'" + out.file + "'", "a file name");
    return out;
  }

  /// The file itself, once it is known to lie where it may.
  Result<fs::path> resolve(const std::string& name) const {
    const fs::path relative(name);
    const bool climbs =
        std::any_of(relative.begin(), relative.end(), [](const fs::path& part) { return part == ".."; });
    if (relative.is_absolute() || relative.has_root_name() || climbs)
      return problem("'" + name + "' leads out of the model's folder", name, "a path below the folder of the model",
                     "put the weights beside the model and save it with a relative location");
    std::error_code failed;
    const fs::path parent = fs::path(model).parent_path();
    const fs::path folder = fs::canonical(parent.empty() ? fs::path(".") : parent, failed);
    if (failed)
      return problem("the folder of the model cannot be opened", parent.string(), "a folder with '" + name + "' in it");
    const fs::path found = fs::canonical(folder / relative, failed);
    if (failed)
      return problem("file '" + name + "' is missing", "no such file in " + folder.string(),
                     "the weights beside the model", "copy '" + name + "' to " + folder.string());
    const auto [end, unused] = std::mismatch(folder.begin(), folder.end(), found.begin(), found.end());
    if (end != folder.end())
      return problem("'" + name + "' is a link that leads out of the model's folder", found.string(),
                     "a file below " + folder.string(), "copy the file itself beside the model");
    if (!fs::is_regular_file(found, failed))
      return problem("'" + name + "' is not a file", found.string(), "an ordinary file");
    return found;
  }
};

}  // namespace

Result<Tensor> read_external(const std::string& model_path, const onnx::TensorProto& tensor, DataType dtype,
                             const Shape& shape) {
  const External external{model_path, tensor};
  XPUQ_ASSIGN(const Location at, external.location());
  XPUQ_ASSIGN(const fs::path file, external.resolve(at.file));
  const std::uint64_t wanted = static_cast<std::uint64_t>(element_count(shape)) * size_of(dtype);
  if (at.length && *at.length != wanted)
    return external.problem("the stated length does not fit the shape", std::to_string(*at.length) + " bytes",
                            std::to_string(wanted) + " bytes");
  std::error_code failed;
  const std::uint64_t size = fs::file_size(file, failed);
  if (failed) return external.problem("file '" + at.file + "' cannot be read", failed.message(), "a readable file");
  if (at.offset > size || wanted > size - at.offset)
    return external.problem("file '" + at.file + "' is too short", std::to_string(size) + " bytes",
                            "at least " + std::to_string(wanted) + " from offset " + std::to_string(at.offset),
                            "copy '" + at.file + "' again");
  Tensor out(dtype, shape);
  std::ifstream in(file, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(at.offset));
  in.read(reinterpret_cast<char*>(out.raw()), static_cast<std::streamsize>(wanted));
  if (!in)
    return external.problem("file '" + at.file + "' cannot be read", "a read error", std::to_string(wanted) + " bytes");
  return out;
}

}  // namespace xpuq::onnx_import
