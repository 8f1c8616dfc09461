// The torch.export door: .pt2 archives to graphs.
//
// Names. A value is named after the fx node that makes it, a constant by the full name of its parameter or buffer, an
// input by its placeholder. The origin of an operation, by which people exclude layers, is
//   - the path of the innermost module around the node ("layer1.0.conv1"), when that module calls no other module and
//     the node is the only one in it that computes something (not counting views, copies and the like);
//   - that path, a slash and the fx name ("layer1.0/add_3") for every other node inside a module;
//   - the fx name alone ("add_3") for nodes outside of every submodule.
// A module that is called twice gives its path to both of its nodes.
//
// Symbolic sizes are fixed by ImportOptions; all sizes that depend on them become constants here. In-place operators
// are made functional, updates of buffers are dropped with a note.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "import/model.h"

namespace xpuq {

/// `path`: the name of the file in errors. `bytes`: its contents, kept alive by `owner`; weights are used in place.
/// Errors: E205 sizes that options must fix, E301 operators, E302 a node that breaks a rule, E303 version, E305 element
/// type (f64, complex, ...), E307 a damaged or foreign archive.
Result<ImportedModel> import_pt2(const std::string& path, std::span<const std::byte> bytes,
                                 std::shared_ptr<const void> owner, const ImportOptions& options);

/// True for zip archives, told by their first bytes.
bool looks_like_pt2(std::span<const std::byte> bytes);

/// Names of the PyTorch operators that can be imported ("aten.conv2d.default").
std::vector<std::string_view> pt2_operators();

}  // namespace xpuq
