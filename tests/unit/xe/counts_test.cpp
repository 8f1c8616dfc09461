#include "catch.h"

#include "one_thread.h"

using namespace xe_test;

namespace {

/// Counts to 5 in a loop, then ends.
std::vector<Instruction> loop() {
  Instruction less = make(Opcode::cmp, 1, {}, grf(10, Type::d, 0), value(Type::d, 5));
  less.destination.file = File::null;
  less.destination.type = Type::d;
  less.condition = Condition::lt;
  Instruction back = make(Opcode::jmpi, 1, {}, {});
  back.predicate = Predicate::normal;
  Instruction end = make(Opcode::send, 8, {}, grf(1, Type::ud));
  end.destination.file = end.source[1].file = File::null;
  end.send.unit = Unit::gateway;
  end.send.end_of_thread = true;
  std::vector<Instruction> code{make(Opcode::mov, 1, to(10, Type::d), value(Type::d, 0)), make(Opcode::add, 1, to(10, Type::d), grf(10, Type::d, 0), value(Type::d, 1)), less, back, end};
  for (std::size_t i = 0; i < code.size(); ++i) code[i].offset = static_cast<std::uint32_t>(16 * i);
  code[3].jump = -32;
  return code;
}

}  // namespace

TEST_CASE("executions of each instruction are exact, wherever a thread is stopped") {
  for (const std::uint64_t slice : {1, 2, 3, 1000}) {
    OneThread one(loop());
    one.worker.counter.start(one.code->steps.size());
    std::uint64_t taken = 0;
    do {
      std::uint64_t budget = slice;
      run_thread(*one.t, budget);
      taken += slice - budget;
    } while (one.t->state == ThreadState::running);
    CHECK(one.t->state == ThreadState::done);
    LaunchCounts counts;
    counts.executed.resize(one.code->steps.size());
    one.worker.counter.add_to(counts.executed);
    add_up(*one.code, counts);
    CHECK(counts.executed == std::vector<std::uint64_t>{1, 5, 5, 5, 1});
    CHECK(counts.integer == 11);
    CHECK(counts.control == 5);
    CHECK(counts.messages == 1);
    CHECK(counts.instructions() == taken);
  }
}

TEST_CASE("multiplications of dpas: as many values a word as the wider type leaves room for") {
  const auto of = [](Type w, Type x, Type d) {
    Instruction i = make(Opcode::dpas, 8, to(40, d), grf(50, d), grf(60, w), grf(70, x));
    i.depth = 8;
    i.repeat = 4;
    OneThread one(i);
    LaunchCounts counts;
    counts.executed = {2};
    add_up(*one.code, counts);
    CHECK(counts.systolic == 2);
    return counts.multiply_adds;
  };
  CHECK(of(Type::b, Type::ub, Type::d) == 2 * 8 * 4 * 8 * 4);
  CHECK(of(Type::s4, Type::ub, Type::d) == 2 * 8 * 4 * 8 * 4);
  CHECK(of(Type::s4, Type::u4, Type::d) == 2 * 8 * 8 * 8 * 4);
  CHECK(of(Type::bf, Type::bf, Type::f) == 2 * 8 * 2 * 8 * 4);
}
