#include "samples/operand.h"

#include <iostream>
#include <iterator>
#include <utility>

#include "samples/convert.h"
#include "samples/file_bytes.h"
#include "samples/labels.h"
#include "samples/parse_value.h"

namespace xpuq::samples {
namespace {

std::string names_of(const std::vector<InputSpec>& inputs) {
  std::string out;
  for (const InputSpec& input : inputs) out += (out.empty() ? "" : ", ") + input.name;
  return out;
}

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// The input before '=', by the longest name that fits; empty when the text does not start with an input's name.
std::optional<std::size_t> named_input(const std::string& text, const std::vector<InputSpec>& inputs) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (text.starts_with(inputs[i].name + "=") && (!found || inputs[i].name.size() > inputs[*found].name.size()))
      found = i;
  return found;
}

bool starts_with(const std::vector<std::byte>& bytes, std::string_view magic) {
  return bytes.size() >= magic.size() &&
         std::string_view(reinterpret_cast<const char*>(bytes.data()), magic.size()) == magic;
}

/// Sample count of an array under an input: its first axis when the ranks agree, else -1 for one sample without that
/// axis. Error E103 when the other sizes differ.
Result<std::int64_t> sample_count(const Shape& shape, const InputSpec& input, const std::string& who) {
  const Shape& wanted = input.shape;
  const Shape rest(wanted.empty() ? wanted.end() : wanted.begin() + 1, wanted.end());
  if (shape == rest) return -1;
  if (!wanted.empty() && shape.size() == wanted.size() && std::equal(rest.begin(), rest.end(), shape.begin() + 1))
    return shape[0];
  return make_error(
      kUnfit, who, "the array's shape does not fit input '" + input.name + "'", to_string(shape),
      (wanted.empty() ? std::string() : "Nx") + to_string(rest) + ", or " + to_string(rest) + " for one sample",
      "reshape it, or bind it to another input with INPUT=FILE");
}

/// Opens operands of one kind after the other; knows the input that was named, if any.
class Opener {
 public:
  Opener(const OperandText& operand, const std::vector<InputSpec>& inputs, const OperandOptions& options)
      : operand_(operand),
        inputs_(inputs),
        options_(options),
        path_(operand.text),
        input_(named_input(operand.text, inputs)) {
    if (input_) path_ = operand.text.substr(inputs[*input_].name.size() + 1);
  }

  Result<OpenedOperand> run() {
    XPUQ_TRY(is_generated_word(path_) ? open_generated() : open_path());
    XPUQ_TRY(set_label());
    return std::move(out_);
  }

 private:
  Result<void> open_generated() {
    if (!options_.allow_generated)
      return make_error(kBadValue, operand_.text, "generated data cannot be used here",
                        "ranges measured on random numbers or zeros say nothing about real inputs", "real samples",
                        "a folder of pictures or a .npy file (a file of this name: ./" + path_ + ")");
    const auto generated = parse_generated(path_);
    if (!generated)
      return make_error(kBadValue, operand_.text, "bad seed", path_, "random or random:SEED with a number below 2^64",
                        "random:0");
    out_.fills_rest = !input_;
    for (std::size_t i = 0; i < inputs_.size(); ++i)
      if (!input_ || *input_ == i) add(i, {Element{operand_.text, operand_.text, -1, *generated}});
    return {};
  }

  Result<void> open_path() {
    switch (path_kind(path_)) {
      case PathKind::missing: return missing();
      case PathKind::folder: return open_folder();
      case PathKind::file: break;
      case PathKind::other:
        return make_error(kUnreadable, path_, "cannot be read", "not a regular file, or no permission");
    }
    XPUQ_ASSIGN(const std::vector<std::byte> head, read_file_part(path_, 0, kNpyHeaderBytes));
    if (starts_with(head, "\x93NUMPY")) return open_npy(head);
    if (starts_with(head, "PK")) return open_npz();
    XPUQ_ASSIGN(const std::size_t input, picture_input());
    add(input, {Element{path_, file_name(path_), -1, PictureFile{path_}}});
    return {};
  }

  Error missing() const {
    Error error = missing_path(path_);
    const std::size_t equals = path_.find('=');
    if (!input_ && equals != std::string::npos && equals > 0) {
      error.got = "no input named '" + path_.substr(0, equals) + "' either";
      error.expected = "one of the inputs " + names_of(inputs_);
    }
    if (!operand_.where.empty()) error.what += " (" + operand_.where + ")";
    return error;
  }

  /// Where pictures go: the input that was named, or the only one that takes pictures.
  Result<std::size_t> picture_input() const {
    std::optional<std::size_t> found = input_;
    for (std::size_t i = 0; i < inputs_.size() && !input_; ++i) {
      if (inputs_[i].preprocessing.tensors_only) continue;
      if (found)
        return make_error(kContradiction, path_, "several inputs take pictures", names_of(inputs_), {},
                          inputs_[i].name + "=" + path_);
      found = i;
    }
    if (!found || inputs_[*found].preprocessing.tensors_only)
      return make_error(
          kContradiction, path_,
          found ? "input '" + inputs_[*found].name + "' takes no pictures" : std::string("no input takes pictures"),
          "preset none, or an input that is not Nx3xHxW or NxHxWx3", "a .npy or .npz file",
          "--preset imagenet or --preset unit, if the input stands for a picture");
    return *found;
  }

  Result<void> open_folder() {
    XPUQ_ASSIGN(FolderListing listing, list_folder(path_));
    XPUQ_ASSIGN(const std::size_t input, picture_input());
    std::vector<int> label_of_class(listing.classes.size());
    for (std::size_t i = 0; i < label_of_class.size(); ++i) label_of_class[i] = static_cast<int>(i);
    // A label in the list names the class of the whole folder; then its subfolders need not match.
    if (!listing.classes.empty() && !options_.labels.empty() && !operand_.label) {
      XPUQ_ASSIGN(label_of_class, match_classes(listing.classes, options_.labels, path_));
    }
    const std::string prefix = path_.ends_with('/') ? path_ : path_ + "/";
    std::vector<Element> elements;
    elements.reserve(listing.files.size());
    for (FolderFile& file : listing.files) {
      const int label = file.class_index < 0 ? -1 : label_of_class[static_cast<std::size_t>(file.class_index)];
      elements.push_back({prefix + file.path, file.path, label, PictureFile{prefix + file.path}});
    }
    add(input, std::move(elements));
    out_.skipped = std::move(listing.skipped);
    out_.classes = std::move(listing.classes);
    return {};
  }

  Result<void> open_npy(const std::vector<std::byte>& head) {
    if (!input_ && inputs_.size() != 1)
      return make_error(kContradiction, path_, "which input this array is for is not said", {}, names_of(inputs_),
                        inputs_.front().name + "=" + path_);
    const std::size_t index = input_.value_or(0);
    XPUQ_ASSIGN(const NpyHeader header, read_npy_header(head, path_));
    if (header.fortran) {  // a sample is scattered over the whole file, so the file is read once
      XPUQ_ASSIGN(const std::vector<std::byte> bytes, read_file(path_, kMaxArrayBytes + kNpyHeaderBytes));
      XPUQ_ASSIGN(Tensor tensor, read_npy(bytes, path_));
      return add_tensor(index, tensor, path_);
    }
    XPUQ_ASSIGN(const std::uint64_t size, file_size(path_));
    if (size != header.data_at + header.data_bytes())
      return make_error(kUndecodable, path_, "the array's file has the wrong length", std::to_string(size) + " bytes",
                        std::to_string(header.data_at + header.data_bytes()) + " bytes for " + to_string(header.shape),
                        "save it again with numpy.save");
    XPUQ_ASSIGN(const std::int64_t count, sample_count(header.shape, inputs_[index], path_));
    const auto shared = std::make_shared<const NpyHeader>(header);
    add_slices(index, count, path_, [&](std::int64_t i) { return Content(ArrayFile{path_, shared, i}); });
    return {};
  }

  Result<void> open_npz() {
    XPUQ_ASSIGN(const std::vector<std::byte> bytes, read_file(path_, kMaxArrayBytes));
    XPUQ_ASSIGN(const NamedTensors tensors, read_npz(bytes, path_));
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      if (input_ && *input_ != i) continue;
      const Tensor* found = nullptr;
      std::string present;
      for (const auto& [name, tensor] : tensors) {
        if (name == inputs_[i].name) found = &tensor;
        present += (present.empty() ? "" : ", ") + name.substr(0, 60);
      }
      if (found == nullptr)
        return make_error(kUnfit, path_, "has no array for input '" + inputs_[i].name + "'",
                          present.empty() ? "no array at all" : present.substr(0, 400), names_of(inputs_),
                          "save it with numpy.savez under the names of the inputs");
      XPUQ_TRY(add_tensor(i, *found, path_ + "[" + inputs_[i].name + "]"));
    }
    const std::size_t count = out_.bound.front().elements.size();
    for (const BoundElements& b : out_.bound)
      if (b.elements.size() != count)
        return make_error(kContradiction, path_, "its arrays have different sample counts",
                          std::to_string(b.elements.size()) + " for input '" + inputs_[b.input].name + "'",
                          std::to_string(count));
    return {};
  }

  Result<void> add_tensor(std::size_t input, const Tensor& tensor, const std::string& who) {
    XPUQ_ASSIGN(const std::int64_t count, sample_count(tensor.shape(), inputs_[input], who));
    add_slices(input, count, path_, [&](std::int64_t i) { return Content(ArrayMemory{tensor, i}); });
    return {};
  }

  template <class F>
  void add_slices(std::size_t input, std::int64_t count, const std::string& path, F content) {
    std::vector<Element> elements;
    const std::string file = file_name(path);
    if (count < 0) elements.push_back({path, file, -1, content(-1)});
    for (std::int64_t i = 0; i < count; ++i) {
      const std::string suffix = "[" + std::to_string(i) + "]";
      elements.push_back({path + suffix, file + suffix, -1, content(i)});
    }
    add(input, std::move(elements));
  }

  void add(std::size_t input, std::vector<Element> elements) { out_.bound.push_back({input, std::move(elements)}); }

  /// The label of a --from line goes to all samples of its operand.
  Result<void> set_label() {
    if (!operand_.label) return {};
    const std::string& text = *operand_.label;
    constexpr std::int64_t most = 1 << 24;
    std::optional<std::int64_t> label;
    if (const auto by_name = index_of_label(options_.labels, text)) label = *by_name;
    else
      label = parse_integer(text, 0,
                            options_.labels.empty() ? most : static_cast<std::int64_t>(options_.labels.size()) - 1);
    if (!label)
      return make_error(kBadValue, operand_.where, "unknown label '" + text + "'", {},
                        options_.labels.empty()
                            ? "an index from 0 (names need --labels)"
                            : "an index below " + std::to_string(options_.labels.size()) + " or one of the labels");
    for (BoundElements& b : out_.bound)
      for (Element& element : b.elements) element.label = static_cast<int>(*label);
    out_.classes.clear();
    return {};
  }

  const OperandText& operand_;
  const std::vector<InputSpec>& inputs_;
  const OperandOptions& options_;
  std::string path_;
  std::optional<std::size_t> input_;
  OpenedOperand out_;
};

}  // namespace

Result<std::vector<OperandText>> read_operand_list(const std::string& path) {
  std::string text;
  if (path == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    XPUQ_ASSIGN(const std::vector<std::byte> bytes, read_file(path));
    text.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  std::vector<OperandText> out;
  std::size_t number = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const std::size_t tab = line.find('\t');
    OperandText operand{
        std::string(line.substr(0, tab)), {}, (path == "-" ? "stdin" : path) + " line " + std::to_string(number)};
    if (tab != std::string_view::npos) operand.label = std::string(line.substr(tab + 1));
    out.push_back(std::move(operand));
  }
  return out;
}

Result<OpenedOperand> open_operand(const OperandText& operand, const std::vector<InputSpec>& inputs,
                                   const OperandOptions& options) {
  return Opener(operand, inputs, options).run();
}

}  // namespace xpuq::samples
