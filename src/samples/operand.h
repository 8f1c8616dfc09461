// One data operand of the command line, taken apart and opened: what it is, which input it is for, its samples.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "samples/folder.h"
#include "samples/generated.h"
#include "samples/npy.h"
#include "samples/operands.h"

namespace xpuq::samples {

/// A picture file, read and decoded when the sample is loaded.
struct PictureFile {
  std::string path;
};

/// One sample of a row-major .npy file that stays on disk: a slice of its first axis, or all of it.
struct ArrayFile {
  std::string path;
  std::shared_ptr<const NpyHeader> header;
  std::int64_t index = -1;  ///< -1: the whole array
};

/// One sample of an array in memory (.npz, Fortran order).
struct ArrayMemory {
  Tensor tensor;
  std::int64_t index = -1;
};

using Content = std::variant<PictureFile, ArrayFile, ArrayMemory, Generated>;

/// One input of one sample.
struct Element {
  std::string name;           ///< as the user would write it: "val/a/x.jpg", "x.npy[3]"
  std::string relative_name;  ///< without the operand's folder: "a/x.jpg", "x.npy[3]"
  int label = -1;
  Content content;
};

/// An operand as typed.
struct OperandText {
  std::string text;
  std::optional<std::string> label;  ///< behind the TAB of a --from list
  std::string where;                 ///< "list.txt line 3" for operands of a list, else empty
};

/// The samples that one operand gives to one input.
struct BoundElements {
  std::size_t input;
  std::vector<Element> elements;
};

struct OpenedOperand {
  std::vector<BoundElements> bound;  ///< several inputs for .npz and unnamed generated operands
  bool fills_rest = false;           ///< an unnamed generated operand: only for inputs that nothing else is bound to
  std::vector<std::string> classes;  ///< of a folder of class subfolders
  Skipped skipped;
};

/// Lines of a --from list ("-" is stdin): operand, and behind a TAB a label. Errors: E204, E101.
Result<std::vector<OperandText>> read_operand_list(const std::string& path);

/// Opens one operand for the inputs of the model. Errors: E101, E102 (damaged array header), E103 (an array of the
/// wrong shape), E203, E204, E205.
Result<OpenedOperand> open_operand(const OperandText& operand, const std::vector<InputSpec>& inputs,
                                   const OperandOptions& options);

/// Reads, decodes, preprocesses and converts one element to the input's type; shape [1, rest of the input's shape].
Result<Tensor> load_element(const Element& element, const InputSpec& input, std::size_t input_index,
                            std::size_t sample_index);

}  // namespace xpuq::samples
