#include "import/pt2/import.h"

#include <cstring>

#include "import/pt2/archive.h"
#include "import/pt2/operators.h"
#include "import/pt2/session.h"
#include "ir/verify.h"
#include "support/check.h"

namespace xpuq {

Result<ImportedModel> import_pt2(const std::string& path, std::span<const std::byte> bytes,
                                 std::shared_ptr<const void> owner, const ImportOptions& options) {
  XPUQ_ASSIGN(const pt2::Archive archive, pt2::Archive::open(path, bytes, std::move(owner)));
  XPUQ_ASSIGN(const pt2::Program program, pt2::read_program(archive.program(), path));
  pt2::Session session(path, archive, program, options);
  XPUQ_ASSIGN(ImportedModel model, session.run());
  const std::string broken = verify(model.graph);
  XPUQ_CHECK(broken.empty(), broken);
  return model;
}

bool looks_like_pt2(std::span<const std::byte> bytes) {
  // A local header, or the end record of an empty archive (which is refused with a better message later).
  return bytes.size() >= 4 &&
         (std::memcmp(bytes.data(), "PK\3\4", 4) == 0 || std::memcmp(bytes.data(), "PK\5\6", 4) == 0);
}

std::vector<std::string_view> pt2_operators() { return pt2::supported_targets(); }

}  // namespace xpuq
