// An ExportedProgram document as plain data. Arguments stay JSON: each operator asks for the ones it knows.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "import/pt2/json_forward.h"
#include "import/pt2/symbols.h"
#include "xpuq/result.h"

namespace xpuq::pt2 {

/// A size: a number, or an expression over symbols.
using SymbolicInt = std::variant<std::int64_t, SymbolicExpression>;

struct ProgramNode {
  std::string name;    ///< fx name; unique in the graph
  std::string target;  ///< "aten.conv2d.default": without "torch.ops."
  std::unordered_map<std::string, const Json*> arguments;  ///< by schema name: the union object
  std::vector<std::string> outputs;   ///< names of all tensors it makes, lists flattened
  std::vector<std::string> scalars;   ///< names of the symbolic numbers it makes
  std::string module_stack;           ///< metadata "key,path,Class;key,path,Class"
};

struct InputSpec {
  enum class Kind { user, parameter, buffer, constant, number, other };
  Kind kind = Kind::user;
  std::string name;   ///< of the placeholder
  std::string fqn;    ///< of a parameter, buffer or constant
  std::string label;  ///< what `other` is: "custom_obj", "token", "as_sym_int"
};

struct OutputSpec {
  enum class Kind { user, mutation, other };
  Kind kind = Kind::user;
  std::string name;   ///< of the tensor; empty when it is none
  std::string label;  ///< tag of the argument of a user output, or the kind of the others
};

struct TensorMeta {
  std::int64_t dtype = 0;
  std::vector<SymbolicInt> sizes;
};

struct Program {
  int major = 0, minor = 0;
  std::string torch_version;
  std::vector<InputSpec> inputs;
  std::vector<OutputSpec> outputs;
  std::vector<ProgramNode> nodes;
  std::unordered_map<std::string, const Json*> tensor_values;   ///< TensorMeta objects
  std::unordered_map<std::string, const Json*> number_values;   ///< SymInt, SymFloat and SymBool objects
  std::map<std::string, std::pair<std::optional<std::int64_t>, std::optional<std::int64_t>>> ranges;  ///< by expression

  std::optional<TensorMeta> tensor_meta(const std::string& name) const;
};

/// Reads the document, which must outlive the program. E303 when the schema is another, E307 when it is damaged.
Result<Program> read_program(const Json& document, const std::string& file);

/// A SymInt object; empty when it is malformed.
std::optional<SymbolicInt> symbolic_int(const Json* value);

/// The names of all tensors in an argument, in order.
std::vector<std::string> tensor_names(const Json* argument);

}  // namespace xpuq::pt2
