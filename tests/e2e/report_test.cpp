// What the quantization report tells beside its table.
#include "catch.h"
#include "driver/layer_report.h"
#include "ir/text.h"

using namespace xpuq;

TEST_CASE("modules that are called several times are noted, operations of a forward are not") {
  const auto g = parse_graph(R"(graph (%x: f32[1,1,4,4]) {
  %w = const f32[1,1,1,1] [1]
  %a = conv(%x, %w) {dilations=[1, 1], groups=1, pads_begin=[0, 0], pads_end=[0, 0], strides=[1, 1]} : f32[1,1,4,4]  "block.conv"
  %b = relu(%a) {} : f32[1,1,4,4]  "block.act"
  %c = add(%b, %x) {} : f32[1,1,4,4]  "block/add"
  %d = conv(%c, %w) {dilations=[1, 1], groups=1, pads_begin=[0, 0], pads_end=[0, 0], strides=[1, 1]} : f32[1,1,4,4]  "block.conv"
  %e = relu(%d) {} : f32[1,1,4,4]  "out.act"
  %f = add(%e, %x) {} : f32[1,1,4,4]  "block/add"
  return %f
})", "test");
  REQUIRE(g.ok());
  const std::vector<std::string> notes = reuse_notes(*g);
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].starts_with("module 'block.conv' (conv) is called 2 times"));
}
