#include "samples/operands.h"

#include <algorithm>
#include <utility>

#include "samples/operand.h"
#include "support/check.h"

namespace xpuq::samples {

struct SampleSource::State {
  std::vector<InputSpec> inputs;
  /// Per input, one element a sample; a single generated one serves every sample.
  std::vector<std::vector<Element>> streams;
  std::size_t count = 0;
  std::size_t leader = 0;  ///< the input whose elements name the samples
  std::vector<std::optional<int>> labels;
  std::vector<std::string> class_names;
  Skipped skipped;
  std::vector<Warning> warnings;

  const Element& element(std::size_t input, std::size_t i) const {
    const auto& stream = streams[input];
    return stream.size() == 1 && std::holds_alternative<Generated>(stream[0].content) ? stream[0] : stream[i];
  }
};

namespace {

bool is_generated(const std::vector<Element>& stream) {
  return stream.size() == 1 && std::holds_alternative<Generated>(stream[0].content);
}

std::string plural(std::size_t n, const char* one, const char* many) {
  return std::to_string(n) + " " + (n == 1 ? one : many);
}

std::vector<Warning> warnings_about(const Skipped& skipped) {
  std::vector<Warning> out;
  if (skipped.files > 0)
    out.push_back({"W011", plural(skipped.files, "file is not an image", "files are not images") +
                               " and skipped: " + skipped.text()});
  if (skipped.folders > 0)
    out.push_back({"W011", plural(skipped.folders, "folder", "folders") +
                               " not entered (beside pictures, linked in a loop, too deep or unreadable)"});
  return out;
}

Error no_image(const std::string& who, const Skipped& skipped) {
  const std::string got =
      skipped.files == 0 ? std::string("0 files") : plural(skipped.files, "file", "files") + ": " + skipped.text();
  return make_error(kNoImage, who, "no usable image", got, std::string(supported_image_formats()),
                    "convert to JPEG or PNG");
}

/// Class folders of several operands must name the same classes, unless a label file says what they are.
Result<void> merge_classes(const std::string& operand, std::vector<std::string> classes, bool has_labels,
                           std::vector<std::string>& names) {
  if (classes.empty() || has_labels || classes == names) return {};
  if (names.empty()) {
    names = std::move(classes);
    return {};
  }
  return make_error(kContradiction, operand, "its class folders differ from those of an earlier operand",
                    std::to_string(classes.size()) + " classes", std::to_string(names.size()) + " classes, equal names",
                    "--labels FILE");
}

/// Generated data adapts to the number of the others, so it must not stand between samples of the same input.
Result<void> append(std::vector<Element>& stream, std::vector<Element> elements, const std::string& who) {
  if (elements.empty()) return {};
  if (!stream.empty() && (is_generated(stream) || is_generated(elements)))
    return make_error(kContradiction, who, "generated data cannot be mixed with other data for the same input", {}, {},
                      "leave one of them out");
  std::move(elements.begin(), elements.end(), std::back_inserter(stream));
  return {};
}

/// An unnamed `random` or `zeros` serves the inputs that are still without data.
Result<void> fill_rest(std::vector<std::vector<Element>>& streams, OpenedOperand opened, const std::string& who) {
  bool used = false;
  for (BoundElements& bound : opened.bound) {
    if (!streams[bound.input].empty()) continue;
    streams[bound.input] = std::move(bound.elements);
    used = true;
  }
  if (used) return {};
  return make_error(kContradiction, who, "every input has other data already", {}, {}, "leave it out");
}

}  // namespace

Result<SampleSource> SampleSource::open(const std::vector<std::string>& operands, const std::vector<InputSpec>& inputs,
                                        const OperandOptions& options) {
  XPUQ_CHECK(!inputs.empty(), "a model has an input");
  auto state = std::make_shared<State>();
  state->inputs = inputs;
  state->streams.resize(inputs.size());
  std::vector<OperandText> texts;
  for (const std::string& operand : operands) texts.push_back({operand, {}, {}});
  if (options.from_file) {
    XPUQ_ASSIGN(const std::vector<OperandText> listed, read_operand_list(*options.from_file));
    texts.insert(texts.end(), listed.begin(), listed.end());
  }
  std::string all_operands;
  std::vector<std::pair<std::string, OpenedOperand>> rest;
  for (const OperandText& text : texts) {
    if (all_operands.size() < 200) all_operands += (all_operands.empty() ? "" : ", ") + text.text;
    XPUQ_ASSIGN(OpenedOperand opened, open_operand(text, inputs, options));
    state->skipped.add(opened.skipped);
    XPUQ_TRY(merge_classes(text.text, std::move(opened.classes), !options.labels.empty(), state->class_names));
    if (opened.fills_rest) {
      rest.emplace_back(text.text, std::move(opened));
      continue;
    }
    for (BoundElements& bound : opened.bound)
      XPUQ_TRY(append(state->streams[bound.input], std::move(bound.elements), text.text));
  }
  for (auto& [text, opened] : rest) XPUQ_TRY(fill_rest(state->streams, std::move(opened), text));
  if (!options.labels.empty()) state->class_names = options.labels;
  state->warnings = warnings_about(state->skipped);

  std::optional<std::size_t> leader;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (!leader && !state->streams[i].empty() && !is_generated(state->streams[i])) leader = i;
  const bool nothing =
      std::all_of(state->streams.begin(), state->streams.end(), [](const auto& s) { return s.empty(); });
  if (nothing)
    return no_image(all_operands.empty() ? options.from_file.value_or("DATA") : all_operands, state->skipped);
  state->leader = leader.value_or(0);
  state->count = leader ? state->streams[*leader].size() : 1;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::vector<Element>& stream = state->streams[i];
    if (stream.empty())
      return make_error(kContradiction, "input '" + inputs[i].name + "'", "has no data", {},
                        "an operand for every input", inputs[i].name + "=FILE.npy");
    if (!is_generated(stream) && stream.size() != state->count)
      return make_error(kContradiction, "input '" + inputs[i].name + "'",
                        "has another number of samples than '" + inputs[state->leader].name + "'",
                        std::to_string(stream.size()), std::to_string(state->count));
  }
  state->labels.resize(state->count);
  for (std::size_t n = 0; n < state->count; ++n)
    for (std::size_t i = 0; i < inputs.size() && !state->labels[n]; ++i)
      if (const int label = state->element(i, n).label; label >= 0) state->labels[n] = label;
  return SampleSource(std::move(state));
}

std::size_t SampleSource::size() const { return state_->count; }

const std::string& SampleSource::name(std::size_t i) const { return state_->element(state_->leader, i).name; }

const std::string& SampleSource::relative_name(std::size_t i) const {
  return state_->element(state_->leader, i).relative_name;
}

std::optional<int> SampleSource::label(std::size_t i) const { return state_->labels[i]; }

bool SampleSource::has_labels() const {
  return std::all_of(state_->labels.begin(), state_->labels.end(), [](const auto& label) { return label.has_value(); });
}

const std::vector<std::string>& SampleSource::class_names() const { return state_->class_names; }
const Skipped& SampleSource::skipped() const { return state_->skipped; }
const std::vector<Warning>& SampleSource::warnings() const { return state_->warnings; }

Result<Sample> SampleSource::load(std::size_t i) const {
  XPUQ_CHECK(i < state_->count, "the sample exists");
  Sample sample{.name = name(i), .label = label(i), .inputs = {}};
  for (std::size_t k = 0; k < state_->inputs.size(); ++k) {
    XPUQ_ASSIGN(Tensor tensor, load_element(state_->element(k, i), state_->inputs[k], k, i));
    sample.inputs.push_back(std::move(tensor));
  }
  return sample;
}

}  // namespace xpuq::samples
