#include "catch.h"
#include "ir/hash.h"
#include "ir/text.h"
#include "ir/verify.h"

using namespace xpuq;

namespace {
const char* kModel = R"(graph (%x: f32[1,3,8,8]) {
  %w = const f32[4,3,3,3] uniform(7, -0.5, 0.5)
  %b = const f32[4] [0.5, -1, 2, 3.25]
  %y = conv(%x, %w, %b) {dilations=[1, 1], groups=1, pads_begin=[1, 1], pads_end=[1, 1], strides=[1, 1]} : f32[1,4,8,8]  "layer1.conv"
  %z = clip(%y) {max=6.0, min=0.0} : f32[1,4,8,8]  "relu6", "odd \"name\""
  return %z, %y
}
)";
Graph parse(const std::string& text) {
  auto g = parse_graph(text, "test");
  INFO((g.ok() ? std::string() : g.error().text()));
  REQUIRE(g.ok());
  return std::move(*g);
}
}  // namespace

TEST_CASE("a graph text is read, verified and printed") {
  const Graph g = parse(kModel);
  REQUIRE(verify(g).empty());
  REQUIRE(g.order().size() == 2);
  CHECK(g.outputs().size() == 2);
  CHECK(g.output_of(g.order()[0]).type.shape == Shape{1, 4, 8, 8});
  CHECK(g.node(g.order()[1]).origin == std::vector<std::string>{"relu6", "odd \"name\""});
  const std::string text = to_text(g);
  CHECK_THAT(text, ContainsSubstring("%b = const f32[4] [0.5, -1, 2, 3.25]"));
  CHECK_THAT(text, ContainsSubstring("{max=6.0, min=0.0}"));
  CHECK_THAT(text, ContainsSubstring("return %z, %y"));
}

TEST_CASE("quantized types and layouts survive the text form") {
  const std::string text = R"(graph (%q: s8[1,4,2,2]<0.5:-3> channels_last) {
  %w = const s8[2,4,1,1]<axis 0: 0.25, 0.125> [1, 2, 3, 4, 5, 6, 7, -8]
  %y = conv(%q, %w) {dilations=[1, 1], dst_scale=0.75, dst_zero_point=-128, groups=1, pads_begin=[0, 0], pads_end=[0, 0], strides=[1, 1]} : s8[1,2,2,2]<0.75:-128> channels_last
  return %y
}
)";
  const Graph g = parse(text);
  CHECK(to_text(g) == text);
  CHECK(to_text(parse(to_text(g))) == text);
}

TEST_CASE("a broken graph text says where and what was expected") {
  struct Case {
    const char* text;
    const char* expected;
  };
  const Case cases[] = {
      {"graf (", "'graph'"},
      {"graph (%x: f33[1]) { return %x }", "an element type"},
      {"graph (%x: f32[-1]) { return %x }", "dimensions that are not negative"},
      {"graph (%x: f32[4611686018427387905,2]) { return %x }", "whose product fits"},
      {"graph (%x: f32[1]) { return %y }", "'y' is not"},
      {"graph (%x: f32[1]) { %x = relu(%x) return %x }", "a name that is not taken"},
      {"graph (%x: f32[1]) { %y = reluu(%x) return %y }", "an operation name"},
      {"graph (%x: f32[1]) { %y = relu(%x, %x) return %y }", "keeps its rules"},
      {"graph (%x: f32[1]) { %y = relu(%x) : f32[2] return %y }", "the type f32[1]"},
      {"graph (%x: f32[1]) { %w = const f32[2] [1] return %x }", "','"},
      {"graph (%x: f32[1]) { %w = const f32[2] #abc return %x }", "'uniform('"},
      {"graph (%x: f32[1]) { return %x } trailing", "end of text"},
      {"graph (%x: f32[1]) { ", "a name"},
  };
  for (const Case& c : cases) {
    const auto g = parse_graph(c.text, "broken.xir");
    INFO(c.text);
    REQUIRE_FALSE(g.ok());
    CHECK(g.error().code == "E305");
    CHECK_THAT(g.error().text(), ContainsSubstring("broken.xir:1"));
    CHECK_THAT(g.error().expected, ContainsSubstring(c.expected));
  }
}

TEST_CASE("the graph hash is blind to names and order, not to topology") {
  const auto hash = [](const std::string& text) { return hash_graph(parse(text)); };
  const GraphHash base = hash("graph (%x: f32[2]) { %a = relu(%x) \"p\" %b = neg(%x) %c = add(%a, %b) return %c }");
  CHECK(hash("graph (%in: f32[2]) { %n = neg(%in) %r = relu(%in) \"q\" %sum = add(%r, %n) return %sum }") == base);
  CHECK(hash("graph (%x: f32[2]) { %a = relu(%x) %b = neg(%x) %c = add(%b, %a) return %c }").graph != base.graph);
  CHECK(hash("graph (%x: f32[3]) { %a = relu(%x) %b = neg(%x) %c = add(%a, %b) return %c }").graph != base.graph);
  // Dead nodes do not count.
  CHECK(hash("graph (%x: f32[2]) { %a = relu(%x) %d = exp(%x) %b = neg(%x) %c = add(%a, %b) return %c }") == base);
  // Spellings of exporters: dropout, nested and single concats, flatten, and padding in front of a convolution.
  CHECK(hash("graph (%x: f32[2]) { %d = dropout(%x) %a = relu(%d) %b = neg(%x) %e = concat(%b) {axis=0} %c = add(%a, %e) return %c }") == base);
  const std::string head = "graph (%x: f32[1,2,4,4], %y: f32[1,1,4,4]) { %w = const f32[1,2,3,3] [1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9] ";
  const std::string conv = "{dilations=[1, 1], groups=1, strides=[1, 1], ";
  CHECK(hash(head + "%p = pad(%x) {begin=[0, 0, 1, 0], end=[0, 0, 1, 2], mode=\"constant\", value=0.0} %c = conv(%p, %w) " + conv + "pads_begin=[0, 1], pads_end=[0, 0]} return %c }") ==
        hash(head + "%c = conv(%x, %w) " + conv + "pads_begin=[1, 1], pads_end=[1, 2]} return %c }"));
  CHECK(hash(head + "%p = pad(%x) {begin=[0, 0, 1, 1], end=[0, 0, 1, 1], mode=\"constant\", value=1.0} %c = conv(%p, %w) " + conv + "pads_begin=[0, 0], pads_end=[0, 0]} return %c }") !=
        hash(head + "%c = conv(%x, %w) " + conv + "pads_begin=[1, 1], pads_end=[1, 1]} return %c }"));
  CHECK(hash(head + "%a = concat(%x, %y) {axis=1} %b = concat(%y, %a) {axis=1} return %b }") == hash(head + "%b = concat(%y, %x, %y) {axis=1} return %b }"));
  CHECK(hash(head + "%a = concat(%y, %y) {axis=2} %b = concat(%a, %a) {axis=3} return %b }") != hash(head + "%a = concat(%y, %y) {axis=3} %b = concat(%a, %a) {axis=2} return %b }"));
  CHECK(hash(head + "%f = flatten(%x) {axis=1} return %f }") == hash(head + "%f = reshape(%x) {shape=[1, 32]} return %f }"));
  const GraphHash one = hash("graph (%x: f32[2]) { %w = const f32[2] [1, 2] %y = mul(%x, %w) return %y }");
  const GraphHash two = hash("graph (%x: f32[2]) { %w = const f32[2] [1, 3] %y = mul(%x, %w) return %y }");
  CHECK(one.graph == two.graph);
  CHECK(one.weights != two.weights);
}
