#include "cli/preprocessing.h"

#include <array>

#include "cli/parse_values.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

using Field = std::optional<std::string> samples::PreprocessingOptions::*;

struct Entry {
  const char* name;
  const char* metavar;
  const char* help;
  Field field;
};

const std::array<Entry, 14>& entries() {
  using P = samples::PreprocessingOptions;
  static const std::array<Entry, 14> table{{
      {"--preset", "NAME", "imagenet, unit, signed, raw, none, auto", &P::preset},
      {"--resize", "S|WxH", "size before the crop", &P::resize},
      {"--fit", "WORD", "short, long, stretch, letterbox", &P::fit},
      {"--crop", "S|WxH", "centre crop", &P::crop},
      {"--interp", "WORD", "bilinear, bicubic, nearest", &P::interp},
      {"--resample-order", "WORD", "pillow13, horizontal", &P::resample_order},
      {"--mean", "LIST", "subtracted, one value or one a channel", &P::mean},
      {"--std", "LIST", "divided by", &P::std},
      {"--scale", "X", "multiplied first (1/255)", &P::scale},
      {"--channels", "WORD", "rgb, bgr, gray", &P::channels},
      {"--layout", "WORD", "nchw, nhwc", &P::layout},
      {"--exif", "WORD", "apply, ignore", &P::exif},
      {"--depth16", "WORD", "stop, high, clamp", &P::depth16},
      {"--pad-value", "N", "of letterbox (114)", &P::pad_value},
  }};
  return table;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words = split(text, ',');
  for (std::string& word : words) word.erase(0, word.find_first_not_of(' '));
  return words;
}

bool is_preset(const std::string& text) {
  const std::string word = text.substr(0, text.find(':'));
  for (const char* known : {"imagenet", "unit", "signed", "raw", "none", "auto"})
    if (word == known) return true;
  return false;
}

}  // namespace

void declare_preprocessing(OptionTable& table) {
  table.group("Preprocessing, VALUE or INPUT:VALUE (see --help preprocessing)");
  for (const Entry& e : entries()) {
    OptionSpec& option = table.value(e.name, e.metavar, e.help);
    // Where the help is the list of the words, completion offers them.
    const std::string metavar = e.metavar;
    if (metavar == "WORD" || metavar == "NAME") option.suggest(words_of(e.help));
  }
}

std::pair<std::string, std::string> split_preset(const std::string& text) {
  if (is_preset(text)) return {{}, text};
  for (auto colon = text.find(':'); colon != std::string::npos; colon = text.find(':', colon + 1))
    if (std::string rest = text.substr(colon + 1); is_preset(rest)) return {text.substr(0, colon), std::move(rest)};
  return {{}, text};
}

std::map<std::string, samples::PreprocessingOptions> read_preprocessing(const Arguments& arguments) {
  std::map<std::string, samples::PreprocessingOptions> out;
  for (const Entry& e : entries())
    for (const std::string& text : arguments.values(e.name)) {
      if (e.field == &samples::PreprocessingOptions::preset) {
        auto [input, value] = split_preset(text);
        out[input].*e.field = std::move(value);
      } else {
        NamedText named = split_input(text);
        out[named.input].*e.field = std::move(named.value);
      }
    }
  return out;
}

}  // namespace xpuq::cli
