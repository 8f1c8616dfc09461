// A torch.export archive: where its program and its weights lie. Two layouts exist, the current one (torch >= 2.8) and
// the older one (torch 2.2 to 2.7, weights in nested pickle archives); the rest of the importer does not see which.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "import/pt2/element_type.h"
#include "import/pt2/json_fields.h"
#include "import/pt2/pickle.h"
#include "support/zip.h"

namespace xpuq::pt2 {

class Archive {
 public:
  /// Errors name `file`: E307 for damage and for zip files of another kind, E303 for another byte order or version.
  static Result<Archive> open(const std::string& file, std::span<const std::byte> bytes,
                              std::shared_ptr<const void> owner);

  /// The ExportedProgram document.
  const Json& program() const { return program_; }
  /// A parameter, buffer or constant by its full name.
  Result<StoredTensor> tensor(const std::string& fqn) const;
  /// True for the older layout, whose `version` entry is this text.
  const std::string& old_version() const { return old_version_; }

 private:
  /// A zip archive inside the archive, with the bytes it lies in.
  struct Nested {
    std::shared_ptr<const std::string> bytes;  ///< when it had to be inflated
    std::unique_ptr<ZipArchive> zip;
    std::string prefix;  ///< "archive/"
    std::unordered_map<std::string, PickledTensor> tensors;
  };
  struct Payload {
    std::string folder;  ///< "NAME/data/weights/"
    const Json* meta;
  };

  explicit Archive(std::string file) : file_(std::move(file)) {}
  Error defect(std::string what, std::string got = {}, std::string expected = {}, std::string code = "E307") const;
  Result<void> open_current(const std::string& prefix);
  Result<void> open_old();
  Result<void> read_config(const std::string& folder, const std::string& path);
  Result<void> open_nested(const std::string& entry);
  Result<Json> read_json(const std::string& entry) const;
  Result<std::string> read_text(const std::string& entry) const;
  Result<void> check_byte_order(const ZipArchive& zip, const std::string& entry) const;
  /// The bytes of an entry, in place when it is stored and lies in memory owned by `owner`.
  Result<void> load(const ZipArchive& zip, const std::string& entry, const std::shared_ptr<const void>& owner,
                    StoredTensor& out) const;
  Result<StoredTensor> current_tensor(const std::string& fqn, const Payload& payload) const;
  Result<StoredTensor> old_tensor(const std::string& fqn, const Nested& nested, const PickledTensor& tensor) const;

  std::string file_;
  std::shared_ptr<const void> owner_;
  std::unique_ptr<ZipArchive> zip_;
  Json program_;
  std::vector<std::unique_ptr<Json>> configs_;
  std::unordered_map<std::string, Payload> payloads_;
  std::vector<std::unique_ptr<Nested>> nested_;
  std::string old_version_;
};

/// What kind of zip file this is, when it is no torch.export archive: "a TorchScript archive", "a ZIP archive".
std::string kind_of_zip(const ZipArchive& zip);

}  // namespace xpuq::pt2
