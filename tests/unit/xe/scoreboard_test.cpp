// The rules of the scoreboard, one by one, on instructions made by hand.
#include "catch.h"

#include "one_thread.h"
#include "xe/scoreboard.h"

using namespace xe_test;

namespace {

Annotation distance(DistancePipe pipe, int n) {
  Annotation a;
  a.pipe = pipe;
  a.distance = static_cast<std::uint8_t>(n);
  return a;
}
Annotation token(TokenUse use, int id) {
  Annotation a;
  a.use = use;
  a.token = static_cast<std::uint8_t>(id);
  return a;
}

Instruction with(Instruction i, const Annotation& a) {
  i.annotation = a;
  return i;
}
Instruction add(int d, int a, int b, Type type = Type::d) { return make(Opcode::add, 8, to(d, type), grf(a, type, 8, 8, 1), grf(b, type, 8, 8, 1)); }
Instruction nothing() { return make(Opcode::sync, 1, {}, {}); }
/// A load of one register from addresses in one, or a store of one register.
Instruction load(int d, int a) {
  Instruction i = make(Opcode::send, 8, to(d, Type::ud), grf(a, Type::ud), {});
  i.send.unit = Unit::ugm;
  i.send.descriptor = 1 << 25 | 1 << 20;
  return i;
}
Instruction store(int a, int data, Unit unit = Unit::ugm) {
  Operand null;
  null.file = File::null;
  Instruction i = make(Opcode::send, 8, null, grf(a, Type::ud), grf(data, Type::ud));
  i.send.unit = unit;
  i.send.descriptor = 1 << 25 | 4;
  i.send.source1_registers = 1;
  return i;
}

/// What is wrong with the first instruction that is; with its number.
std::string finding(std::vector<Instruction> all, Platform platform = Platform::bmg) {
  for (std::size_t k = 0; k < all.size(); ++k) all[k].offset = static_cast<std::uint32_t>(16 * k);
  const OneThread thread(std::move(all), platform);
  const ScoreboardCode code(platform, thread.code);
  Scoreboard board;
  board.reset(code);
  for (const Step& s : thread.code->steps) {
    const std::string said = board.issue(*thread.t, s, true);
    if (!said.empty()) return std::to_string(s.index) + ": " + said;
  }
  return "";
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

const std::string kRead = "is read without a wait for the instruction that still writes it";
const std::string kOverwritten = "is written without a wait for the instruction that still writes it";
const std::string kDisturbed = "is written without a wait for the instruction that still reads it";

}  // namespace

TEST_CASE("a result of the same pipe needs a distance") {
  CHECK(has(finding({add(10, 1, 2), add(11, 10, 2)}), "1: r10 " + kRead));
  CHECK(finding({add(10, 1, 2), with(add(11, 10, 2), distance(DistancePipe::own, 1))}) == "");
  CHECK(finding({add(10, 1, 2), with(add(11, 10, 2), distance(DistancePipe::integer, 1))}) == "");
  CHECK(finding({add(10, 1, 2), with(add(11, 10, 2), distance(DistancePipe::all, 1))}) == "");
  CHECK(has(finding({add(10, 1, 2), with(add(11, 10, 2), distance(DistancePipe::floating, 1))}), "1: "));
  // The distance must reach far enough, and an earlier wait counts.
  CHECK(has(finding({add(10, 1, 2), with(add(11, 10, 2), distance(DistancePipe::own, 2))}), "1: "));
  CHECK(finding({add(10, 1, 2), add(12, 1, 2), with(add(11, 10, 2), distance(DistancePipe::own, 2))}) == "");
  CHECK(finding({add(10, 1, 2), with(nothing(), distance(DistancePipe::integer, 1)), add(11, 10, 2)}) == "");
  // What was written long ago is there.
  std::vector<Instruction> late{add(10, 1, 2)};
  for (int k = 0; k < 10; ++k) late.push_back(add(20 + k, 1, 2));
  late.push_back(add(11, 10, 2));
  CHECK(finding(late) == "");
  late.erase(late.begin() + 1);
  CHECK(has(finding(late), "10: "));
  // Writing twice, and over what was read, is in order inside a pipe.
  CHECK(finding({add(10, 1, 2), add(10, 3, 4), add(3, 1, 2)}) == "");
}

TEST_CASE("pipes do not wait for each other") {
  CHECK(has(finding({add(10, 1, 2, Type::f), add(11, 10, 2)}), "1: r10 " + kRead));
  CHECK(has(finding({add(10, 1, 2, Type::f), add(10, 3, 4)}), "1: r10 " + kOverwritten));
  CHECK(has(finding({add(10, 1, 2, Type::f), add(1, 3, 4)}), "1: r1 " + kDisturbed));
  CHECK(finding({add(10, 1, 2, Type::f), with(add(1, 10, 4), distance(DistancePipe::floating, 1))}) == "");
  // 64-bit integers have a pipe of their own on Xe-HPG only.
  const std::vector<Instruction> wide{make(Opcode::add, 1, to(10, Type::q), grf(1, Type::q), grf(2, Type::q)), with(make(Opcode::mov, 1, to(11, Type::d), grf(10, Type::d)), distance(DistancePipe::integer, 1))};
  CHECK(finding(wide, Platform::pvc) == "");
  CHECK(has(finding(wide, Platform::dg2), "1: "));
}

TEST_CASE("messages are waited for by their token") {
  const auto set = [](Instruction i, int id) { return with(std::move(i), token(TokenUse::set, id)); };
  const auto after = [](Instruction i, int id) { return with(std::move(i), token(TokenUse::destination, id)); };
  const auto behind = [](Instruction i, int id) { return with(std::move(i), token(TokenUse::source, id)); };
  CHECK(has(finding({set(load(10, 1), 3), add(11, 10, 2)}), "1: r10 " + kRead + " (token 3), byte 0: (W) send"));
  CHECK(has(finding({set(load(10, 1), 3), after(add(11, 10, 2), 4)}), "1: "));
  CHECK(has(finding({set(load(10, 1), 3), behind(add(11, 10, 2), 3)}), "1: "));  // sources only
  CHECK(finding({set(load(10, 1), 3), after(add(11, 10, 2), 3)}) == "");
  CHECK(has(finding({set(load(10, 1), 3), add(10, 3, 2)}), "1: r10 " + kOverwritten));
  CHECK(has(finding({set(load(10, 1), 3), add(1, 3, 2)}), "1: r1 " + kDisturbed));
  CHECK(finding({set(load(10, 1), 3), behind(add(1, 3, 2), 3)}) == "");
  // Whoever takes a token that is in use waits for it.
  CHECK(finding({set(load(10, 1), 3), set(load(12, 1), 3), add(11, 10, 2)}) == "");
  // Some tokens, or all, at once.
  Instruction all = nothing();
  all.sync = SyncFunction::allwr;
  CHECK(finding({set(load(10, 1), 3), set(load(12, 1), 31), all, add(11, 10, 12)}) == "");
  all.tokens = 1u << 3;
  CHECK(has(finding({set(load(10, 1), 3), set(load(12, 1), 31), all, add(11, 10, 12)}), "3: r12 "));
  all.sync = SyncFunction::allrd;
  CHECK(finding({set(load(10, 1), 3), all, add(1, 3, 4)}) == "");
  CHECK(has(finding({set(load(10, 1), 3), all, add(11, 10, 4)}), "2: "));
  // A unit reads the sources of its messages in order; another one may be slower.
  CHECK(finding({set(store(1, 20), 3), set(load(10, 2), 4), after(add(20, 10, 2), 4)}) == "");
  CHECK(has(finding({set(store(1, 20, Unit::slm), 3), set(load(10, 2), 4), after(add(20, 10, 2), 4)}), "2: r20 " + kDisturbed));
  CHECK(finding({set(store(1, 20), 3), set(load(20, 2), 4)}) == "");
  // Addresses that arithmetic has just made.
  CHECK(has(finding({add(1, 3, 4), set(load(10, 1), 3)}), "1: r1 " + kRead));
}

TEST_CASE("dpas finish in order, and the last token is the token of all") {
  const auto dpas = [](int d, int w, int x) {
    Instruction i = make(Opcode::dpas, 16, to(d, Type::d), to(d, Type::d), to(w, Type::b), to(x, Type::b));
    i.depth = 8;
    i.repeat = 8;
    return i;
  };
  const std::vector<Instruction> chain{dpas(40, 10, 20), with(dpas(60, 10, 24), token(TokenUse::set, 5))};
  auto waits = chain;
  waits.push_back(with(add(1, 40, 60), token(TokenUse::destination, 5)));
  CHECK(finding(waits) == "");
  waits.back().annotation = {};
  CHECK(has(finding(waits), "2: r40 " + kRead + " (token 5), byte 0: (W) dpas.8x8"));
  auto lost = chain;
  lost[1].annotation = {};
  lost.push_back(with(add(1, 40, 60), token(TokenUse::destination, 5)));
  CHECK(has(finding(lost), "2: "));
}

TEST_CASE("math is in order since Xe-HPC and has tokens before") {
  const auto inverse = make(Opcode::math, 8, to(10, Type::f), grf(1, Type::f, 8, 8, 1));
  CHECK(finding({inverse, with(add(11, 10, 2, Type::f), distance(DistancePipe::math, 1))}) == "");
  CHECK(has(finding({inverse, with(add(11, 10, 2, Type::f), distance(DistancePipe::own, 1))}), "1: "));
  CHECK(has(finding({inverse, with(add(11, 10, 2, Type::f), distance(DistancePipe::all, 1))}, Platform::dg2), "1: "));
  CHECK(finding({with(inverse, token(TokenUse::set, 2)), with(add(11, 10, 2, Type::f), token(TokenUse::destination, 2))}, Platform::dg2) == "");
}
