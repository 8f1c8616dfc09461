// Archives made in code: zip files from entries, and small exported programs from nodes.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "import/pt2/import.h"
#include "support/json.h"

namespace xpuq::test {

struct ZipItem {
  std::string name, data;
  bool deflated = false;
};

/// A zip archive of the items, in their order.
std::string make_zip(const std::vector<ZipItem>& items);

/// Arguments of nodes, as the export schema writes them.
Json tensor_arg(const std::string& name);
Json tensors_arg(const std::vector<std::string>& names);
Json int_arg(std::int64_t v);
Json ints_arg(const std::vector<std::int64_t>& v);
Json float_arg(const Json& v);  ///< a number, or "Infinity"
Json bool_arg(bool v);
Json type_arg(int code);
Json sym_arg(const std::string& name);

/// A program and its weights. Dimensions are numbers or expressions ("Symbol('s0', integer=True)").
class ProgramBuilder {
 public:
  using Arguments = std::vector<std::pair<std::string, Json>>;

  ProgramBuilder();
  ProgramBuilder& input(const std::string& name, const std::vector<Json>& shape, int dtype = 7);
  ProgramBuilder& parameter(const std::string& name, const std::string& fqn, const std::vector<std::int64_t>& shape,
                            const std::vector<float>& values);
  /// A weight whose description and storage are given.
  ProgramBuilder& stored(const std::string& name, const std::string& fqn, int dtype,
                         const std::vector<std::int64_t>& sizes, const std::vector<std::int64_t>& strides,
                         std::int64_t offset, const std::string& path);
  ProgramBuilder& node(const std::string& name, const std::string& target, const Arguments& arguments,
                       const std::string& module_stack = {});
  ProgramBuilder& list_node(const std::vector<std::string>& names, const std::string& target,
                            const Arguments& arguments);
  ProgramBuilder& output(const std::string& name);

  Json document;  ///< for changes that have no method
  std::vector<ZipItem> items;
  Json weights;

  std::vector<ZipItem> entries(const std::string& prefix = "model") const;
  std::string archive(const std::string& prefix = "model") const { return make_zip(entries(prefix)); }

 private:
  Json& graph() { return document["graph_module"]["graph"]; }
};

/// Imports bytes under the file name "model.pt2".
Result<ImportedModel> import_bytes(const std::string& bytes, const ImportOptions& options = {});
Result<ImportedModel> import_file(const std::string& path, const ImportOptions& options = {});

/// Raw little-endian bytes.
template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

}  // namespace xpuq::test
