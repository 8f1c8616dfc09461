// The small parts: symbolic expressions, pickles, strided tensors, zip access, the operator table.
#include <set>

#include "archive_builder.h"
#include "catch.h"
#include "import/pt2/element_type.h"
#include "import/pt2/operators.h"
#include "import/pt2/pickle.h"
#include "import/pt2/symbols.h"
#include "support/zip.h"

namespace xpuq::test {
namespace {

using pt2::SymbolicExpression;

std::optional<std::int64_t> value(const std::string& text, const pt2::SymbolValues& values = {{"s0", 7}, {"s1", 3}}) {
  const auto e = SymbolicExpression::parse(text);
  return e ? e->evaluate(values) : std::nullopt;
}

/// A literal that holds NUL characters.
template <std::size_t N>
std::string raw(const char (&text)[N]) {
  return {text, N - 1};
}

std::span<const std::byte> as_span(const std::string& s) { return std::as_bytes(std::span(s)); }

}  // namespace

TEST_CASE("symbolic expressions in both notations", "[pt2][symbols]") {
  CHECK(value("Symbol('s0', positive=True, integer=True)") == 7);
  CHECK(value("Mul(Integer(2), Symbol('s0', positive=True, integer=True))") == 14);
  CHECK(value("Add(Symbol('s0'), Mul(Integer(-1), Symbol('s1')))") == 4);
  CHECK(value("2*s0 + 1") == 15);
  CHECK(value("(s0 + 3)//2 - s1**2") == -4);
  CHECK(value("FloorDiv(Symbol('s0'), Integer(2))") == 3);
  CHECK(value("-s0 // 2") == -4);
  CHECK(value("Mod(Symbol('s0'), Symbol('s1'))") == 1);
  CHECK(value("Mod(-s0, s1)") == 2);
  CHECK(value("Max(s0, s1, 5) - Min(s0, s1)") == 4);
  CHECK(value("Pow(Symbol('s1'), Integer(3))") == 27);
  CHECK(value("TruncToInt(Mul(Float('1.5', precision=53), ToFloat(Symbol('s0'))))") == 10);
  CHECK(value("CeilToInt(IntTrueDiv(s0, 2))") == 4);
  CHECK(value("ModularIndexing(s0, 2, 2)") == 1);
  CHECK_FALSE(value("s2"));
  CHECK_FALSE(value("s0 // 0"));
  CHECK_FALSE(value("s0/2"));  // 3.5 is no size
  CHECK_FALSE(value("Frobnicate(s0)"));
  CHECK_FALSE(value("9223372036854775807*s0"));
  for (const char* text : {"", "(", "s0 +", "Mul(", "Symbol()", "Symbol('s0", "2 3", "s0)", "$"})
    CHECK_FALSE(SymbolicExpression::parse(text));
  CHECK_FALSE(SymbolicExpression::parse(std::string(5000, '(')));
  CHECK_FALSE(SymbolicExpression::parse(std::string(5000, '-') + "1"));
}

TEST_CASE("expressions print as sympy does and can be solved for one symbol", "[pt2][symbols]") {
  const auto e = *SymbolicExpression::parse("Add(Mul(Integer(2), Symbol('s3')), Integer(1))");
  CHECK(e.text() == "2*s3 + 1");
  CHECK(solve(e, 9, {}) == std::pair<std::string, std::int64_t>{"s3", 4});
  CHECK_FALSE(solve(e, 8, {}));
  CHECK_FALSE(solve(*SymbolicExpression::parse("s0*s1"), 8, {}));
  CHECK(solve(*SymbolicExpression::parse("s0*s1"), 8, {{"s0", 2}})->second == 4);
}

TEST_CASE("pickles: dictionaries of tensors, and nothing that runs code", "[pt2][pickle]") {
  using Kind = pt2::PickledObject::Kind;
  const std::string storage =
      raw("(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0"
          "0X\3\0\0\0cpuK\6tQ");
  const std::string bytes = raw("\x80\2}q\0(X\1\0\0\0a") + "ctorch._utils\n_rebuild_tensor_v2\n(" + storage +
                            raw("K\0K\2K\3\x86K\3K\1\x86\x89") + "ccollections\nOrderedDict\n)RtRu.";
  const auto p = pt2::Pickle::parse(bytes, "file");
  INFO((p.ok() ? std::string() : p.error().text()));
  REQUIRE(p.ok());
  REQUIRE(p->root().kind == Kind::dictionary);
  const auto& entry = p->root().entries.at(0);
  CHECK(entry.first->text == "a");
  CHECK(entry.second->tensor.shape == Shape{2, 3});
  CHECK(entry.second->tensor.strides == Shape{3, 1});
  CHECK(entry.second->tensor.record == "0");

  const auto refused = [](const std::string& text) {
    const auto r = pt2::Pickle::parse(text, "m.pt2: weights");
    REQUIRE(!r.ok());
    CHECK(r.error().code == "E307");
    return r.error().text();
  };
  CHECK_THAT(refused(raw("cos\nsystem\n(X\2\0\0\0lstR.")),
             ContainsSubstring("'os.system'") && ContainsSubstring("m.pt2"));
  CHECK_THAT(refused("}"), ContainsSubstring("STOP"));
  CHECK_THAT(refused("i"), ContainsSubstring("opcode 0x69"));
  CHECK_THAT(refused(")ccollections\nOrderedDict\nR."), ContainsSubstring("not a known function"));
  for (std::size_t cut = 0; cut + 1 < bytes.size(); ++cut)
    CHECK(!pt2::Pickle::parse(bytes.substr(0, cut), "file").ok());
}

TEST_CASE("strided tensors: transposed, expanded, offset, and beyond their storage", "[pt2]") {
  const std::vector<float> data{0, 1, 2, 3, 4, 5};
  const auto view = [&](Shape shape, Shape strides, std::int64_t offset) {
    return pt2::StoredTensor{.dtype = DataType::f32,
                             .shape = shape,
                             .strides = strides,
                             .offset = offset,
                             .storage = std::as_bytes(std::span(data)),
                             .owner = {},
                             .identity = {}};
  };
  std::string why;
  const auto list = [&](const pt2::StoredTensor& s) {
    const auto t = materialize(s, why);
    REQUIRE(t.has_value());
    return std::vector<float>(t->span<float>().begin(), t->span<float>().end());
  };
  CHECK(list(view({2, 3}, {3, 1}, 0)) == data);
  CHECK(list(view({3, 2}, {1, 3}, 0)) == std::vector<float>{0, 3, 1, 4, 2, 5});
  CHECK(list(view({2, 2}, {0, 1}, 4)) == std::vector<float>{4, 5, 4, 5});
  CHECK(list(view({2}, {2}, 1)) == std::vector<float>{1, 3});
  CHECK(list(view({0, 3}, {3, 1}, 100)).empty());
  CHECK(materialize(view({2, 3}, {3, 1}, 0), why)->raw() == reinterpret_cast<const std::byte*>(data.data()));
  CHECK_FALSE(materialize(view({2, 3}, {3, 1}, 1), why));
  CHECK_THAT(why, ContainsSubstring("7 elements") && ContainsSubstring("24 bytes"));
  CHECK_FALSE(materialize(view({2}, {-1}, 1), why));
  CHECK_FALSE(materialize(view({std::int64_t{1} << 40}, {0}, 0), why));
  CHECK_FALSE(materialize(view({3}, {std::int64_t{1} << 62}, 0), why));
  CHECK_FALSE(materialize(view({-1}, {1}, 0), why));
}

TEST_CASE("zip: entries, in-place views and limits", "[zip]") {
  const std::string big(100'000, 'x');
  const std::string bytes = make_zip({{"a/b", "hello"}, {"deflated", big, true}});
  const auto zip = ZipArchive::open(as_span(bytes), "E307", "file.zip");
  REQUIRE(zip.ok());
  REQUIRE(zip->entries().size() == 2);
  const ZipEntry& first = *zip->find("a/b");
  const auto view = zip->view(first);
  REQUIRE(view.ok());
  CHECK(std::string(reinterpret_cast<const char*>(view->data()), view->size()) == "hello");
  CHECK(reinterpret_cast<const char*>(view->data()) >= bytes.data());
  CHECK(*zip->read(*zip->find("deflated"), 1 << 20) == big);
  CHECK(zip->find("b") == nullptr);
  CHECK(!zip->view(*zip->find("deflated")).ok());
  CHECK(!zip->read(*zip->find("deflated"), 1000).ok());
  CHECK_THAT(ZipArchive::open(as_span(bytes), "E307", "file.zip", {.inflated = 1000}).error().text(),
             ContainsSubstring("inflates too much"));
  CHECK_THAT(ZipArchive::open(as_span(bytes), "E307", "file.zip", {.ratio = 10}).error().text(),
             ContainsSubstring("'deflated'"));
}

TEST_CASE("the operator table has every target once, and finds in-place forms", "[pt2]") {
  std::set<std::string_view> seen;
  for (std::string_view target : pt2_operators()) CHECK(seen.insert(target).second);
  CHECK(seen.size() > 200);
  CHECK(pt2::find_operator("aten.relu_.default") == pt2::find_operator("aten.relu.default"));
  CHECK(pt2::is_in_place("aten.relu_.default"));
  CHECK_FALSE(pt2::is_in_place("aten.relu.default"));
  CHECK_FALSE(pt2::is_in_place("aten.__and__.Tensor"));
  CHECK(pt2::find_operator("aten.lgamma.default") == nullptr);
}

}  // namespace xpuq::test
