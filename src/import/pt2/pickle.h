// A restricted reader of Python pickles: just enough for the state dictionaries that torch.save writes. It builds
// dictionaries, lists, tuples, numbers, strings and tensor descriptions, and refuses every name of a class or function
// that it does not know, so nothing of the file is ever executed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xpuq/result.h"
#include "xpuq/types.h"

namespace xpuq::pt2 {

/// A tensor as pickled: a view of a storage record.
struct PickledTensor {
  std::string record;  ///< name of the storage under the archive's data/ folder
  DataType dtype = DataType::f32;
  Shape shape;
  Shape strides;             ///< in elements
  std::int64_t offset = 0;   ///< in elements
};

/// One object of a pickle. Objects refer to each other by plain pointers; the Pickle owns them all, so that a hostile
/// cycle neither leaks nor recurses.
struct PickledObject {
  enum class Kind { none, boolean, integer, real, text, tuple, list, dictionary, global, storage, tensor, mark };
  Kind kind = Kind::none;
  std::int64_t integer = 0;
  double real = 0;
  std::string text;  ///< text, or "module.name" of a global
  std::vector<PickledObject*> items;                                 ///< tuple, list
  std::vector<std::pair<PickledObject*, PickledObject*>> entries;    ///< dictionary
  PickledTensor tensor;                                              ///< tensor, and record and dtype of a storage
};

class Pickle {
 public:
  /// Errors are E307, about `who` (file and entry), and name the class or opcode that is refused.
  static Result<Pickle> parse(std::string_view bytes, const std::string& who);
  const PickledObject& root() const { return *root_; }

 private:
  friend class PickleReader;
  std::vector<std::unique_ptr<PickledObject>> objects_;
  const PickledObject* root_ = nullptr;
};

}  // namespace xpuq::pt2
