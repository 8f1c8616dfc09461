// Every golden graph computes the same before and after its pass, by the interpreter, on seeded inputs.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "catch.h"
#include "ir/text.h"
#include "pipeline/pipeline.h"
#include "run_graph.h"

using namespace xpuq;

namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

/// "// RUN: xpuq-opt --pass=a --pass=b" -> {"a", "b"}
std::vector<std::string> pass_names(const std::string& text) {
  std::vector<std::string> names;
  std::istringstream line(text.substr(0, text.find('\n')));
  for (std::string word; line >> word;)
    if (word.starts_with("--pass=")) names.push_back(word.substr(7));
  return names;
}

/// "--channel-range=v=4,-1:1" -> {"v": {{0, 4}, {-1, 1}}}
ChannelRanges channel_ranges(const std::string& text) {
  ChannelRanges ranges;
  std::istringstream line(text.substr(0, text.find('\n')));
  const std::string option = "--channel-range=";
  for (std::string word; line >> word;) {
    if (!word.starts_with(option)) continue;
    const std::size_t equals = word.find('=', option.size());
    std::istringstream numbers(word.substr(equals + 1));
    for (std::string number; std::getline(numbers, number, ',');) {
      const std::size_t colon = number.find(':');
      const bool both = colon != std::string::npos;
      ranges[word.substr(option.size(), equals - option.size())].push_back({both ? std::stof(number) : 0.0f, std::stof(both ? number.substr(colon + 1) : number)});
    }
  }
  return ranges;
}

/// Largest difference over all outputs, relative to the largest element.
void check_equal(const std::vector<Tensor>& a, const std::vector<Tensor>& b, double tolerance) {
  REQUIRE(a.size() == b.size());
  REQUIRE(!a.empty());
  for (std::size_t o = 0; o < a.size(); ++o) {
    REQUIRE(a[o].shape() == b[o].shape());
    REQUIRE(a[o].elements() > 0);
    REQUIRE(a[o].dtype() == DataType::f32);
    double largest = 0, difference = 0;
    for (std::int64_t i = 0; i < a[o].elements(); ++i) {
      largest = std::max(largest, std::abs(static_cast<double>(a[o].data<float>()[i])));
      difference = std::max(difference, std::abs(static_cast<double>(a[o].data<float>()[i]) - b[o].data<float>()[i]));
    }
    CHECK(difference <= tolerance * largest);
  }
}

}  // namespace

TEST_CASE("passes keep what a graph computes and stand still the second time") {
  std::size_t compared = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(XPUQ_TESTS) + "/golden/pass")) {
    const std::string text = read(entry.path());
    INFO(entry.path().filename());
    const std::string before_text = text.substr(0, text.find("// -----"));
    auto before = parse_graph(before_text, entry.path().filename());
    INFO((before.ok() ? std::string() : before.error().text()));
    REQUIRE(before.ok());
    Graph after = before->clone();
    const std::vector<std::string> names = pass_names(text);
    REQUIRE(!names.empty());
    const ChannelRanges ranges = channel_ranges(text);
    const PassContext context{.channel_ranges = ranges.empty() ? nullptr : &ranges, .split_conv_transpose = true, .bf16 = text.find("--bf16") < text.find('\n')};
    for (const std::string& name : names) {
      const Pass* pass = find_pass(name);
      REQUIRE(pass != nullptr);
      auto change = pass->run(after, context);
      REQUIRE(change.ok());
      CHECK(*change == Change::some);
      PassContext second = context;
      second.channel_ranges = nullptr;  // they are those of the graph as it was
      auto again = pass->run(after, second);
      REQUIRE(again.ok());
      CHECK(*again == Change::none);
    }
    for (std::uint64_t seed : {1, 2, 3}) {
      const auto inputs = test::random_inputs(*before, seed);
      // bf16 has 8 bits of mantissa, and a few roundings follow each other.
      check_equal(test::outputs_of(*before, inputs), test::outputs_of(after, inputs), context.bf16 ? 0x1p-6 : 2e-6);
    }
    ++compared;
  }
  CHECK(compared >= 15);
}
