// The state of one import: which value each name of the program stands for at the moment. Names are not values:
// in-place operators and views make one name stand for other contents later on.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "import/builder.h"
#include "import/pt2/program.h"

namespace xpuq::pt2 {

class Archive;

class Session {
 public:
  Session(const std::string& file, const Archive& archive, const Program& program, const ImportOptions& options);

  /// Runs the program through the operators and gives the graph.
  Result<ImportedModel> run();

  // For the operators.
  GraphBuilder& builder() { return builder_; }
  /// The present value of a tensor; parameters are loaded when first asked for.
  Result<ValueId> value(const std::string& name, const std::string& origin);
  /// A new tensor with its own memory.
  void bind(const std::string& name, ValueId value);
  /// A tensor that shares the memory of `parent`, the same elements in the same order when `value` is its value.
  void bind_view(const std::string& name, ValueId value, const std::string& parent, bool certain);
  std::optional<double> number(const std::string& name) const;  ///< value of a symbolic number
  void set_number(const std::string& name, double value) { numbers_[name] = value; }
  void note(const std::string& text, const std::string& item);  ///< notes with one text are told once, with a count
  /// 2-D constants that are the transpose of a constant, so that both ways lead to one weight.
  void set_transposed(ValueId value, ValueId of) { transposed_[value] = of; }
  ValueId transposed(ValueId value) const;
  /// Codes that are u8 in the program and s8 in the graph.
  void remember_u8(ValueId codes) { u8_codes_.insert(codes); }
  bool is_read(const std::string& name) const { return last_read_.contains(name); }
  Error unsupported(const std::string& origin, std::string what) const;

 private:
  static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
  /// A name. Names of one `root` share memory; those of one `view` are the same tensor.
  struct Name {
    ValueId value;
    std::string root, view;
    unsigned version = 0;        ///< of the root, when `value` was right
    std::size_t node = kNowhere;  ///< made here
    bool certain = true;          ///< surely shares memory (reshape may copy)
  };
  struct Root {
    unsigned version = 0;
    bool written_through_view = false;
    std::vector<std::string> names;
  };

  Result<void> check_options() const;
  Result<void> add_inputs();
  Result<void> resolve_input(const InputSpec& spec, const TensorMeta& meta, std::size_t count, Shape& shape);
  Result<void> learn_symbols(const std::string& input, const TensorMeta& meta, const Shape& shape);
  Result<void> check_ranges(const std::string& input) const;
  void evaluate_numbers();
  void find_live_nodes();
  bool is_dropped_update(std::size_t node) const;
  Result<void> check_operators() const;
  Result<void> run_node(std::size_t node);
  Result<void> mutate(const std::string& name, ValueId value, const std::string& result);
  Result<std::optional<ValueId>> write_through(const std::string& view, ValueId written);
  Result<ValueId> load(const InputSpec& spec, const std::string& origin);
  Result<ValueId> refresh(const std::string& name, const std::string& origin);
  Result<std::vector<ValueId>> outputs();
  Result<ValueId> plain_codes(ValueId codes, const std::string& name, const std::string& which);
  std::vector<std::string> notes() const;

  const std::string& file_;
  const Archive& archive_;
  const Program& program_;
  const ImportOptions& options_;
  GraphBuilder builder_;
  std::vector<std::string> origins_;
  std::vector<bool> live_;
  std::unordered_map<std::string, std::size_t> last_read_;  ///< node (or, for outputs, the node count) by name
  std::unordered_map<std::string, const InputSpec*> stored_;
  std::unordered_map<std::string, Name> names_;
  std::unordered_map<std::string, Root> roots_;
  std::unordered_map<std::string, ValueId> loaded_;  ///< by identity of the stored tensor
  std::set<ValueId> u8_codes_;
  std::unordered_map<ValueId, ValueId> transposed_;
  SymbolValues symbols_;
  std::unordered_map<std::string, double> numbers_;
  std::vector<std::pair<std::string, std::vector<std::string>>> notes_;
  std::size_t current_ = kNowhere;
  int refreshing_ = 0;
};

}  // namespace xpuq::pt2
