#include "catch.h"
#include "ir/rewriter.h"
#include "ir/text.h"
#include "ir/verify.h"

using namespace xpuq;

TEST_CASE("edits keep uses, names and order consistent") {
  Graph g;
  Rewriter rw(g);
  const ValueId x = rw.add_input("x", {.dtype = DataType::f32, .shape = {4}, .layout = Layout::plain, .quant = {}});
  const ValueId a = rw.append(OpKind::relu, {x}, {}, "a", {"one"});
  const ValueId b = rw.append(OpKind::neg, {a}, {}, "b", {"two"});
  rw.add_output(b);
  REQUIRE(rw.commit() == Change::some);
  REQUIRE(rw.commit() == Change::none);
  REQUIRE(verify(g).empty());

  const NodeId neg = g.value(b).producer;
  const ValueId c = rw.insert_before(neg, OpKind::exp, {a}, {}, "a", {});
  CHECK(g.value(c).name == "a.1");  // the name was taken
  rw.replace_input(neg, 0, c);
  rw.take_name(c, a);
  rw.commit();
  CHECK(g.value(c).name == "a");
  CHECK(g.find("a") == c);
  CHECK(g.uses(a).size() == 1);
  CHECK(g.sole_user(a) == g.value(c).producer);
  CHECK(verify(g).empty());
  CHECK(to_text(g).find("exp") < to_text(g).find("neg"));

  rw.replace_all_uses(b, c);
  rw.erase(neg);
  rw.commit();
  CHECK(g.order().size() == 2);
  CHECK(g.is_output(c));
  CHECK(g.find("b") == ValueId::none);
  CHECK(verify(g).empty());
}

TEST_CASE("origins merge in order without repeats") {
  const std::vector<std::string> a{"conv", "bn"}, b{"bn", "relu"};
  CHECK(merge_origins({&a, &b}) == std::vector<std::string>{"conv", "bn", "relu"});
}
