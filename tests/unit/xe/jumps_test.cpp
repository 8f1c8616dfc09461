// Jumps of whole threads, unconditional ones, and waits: every form of them in recorded plans.
#include "catch.h"

#include <set>

#include "assembler.h"
#include "form_parser.h"
#include "forms.h"
#include "one_thread.h"

using namespace xe_test;

TEST_CASE("jumps of the whole thread, of every channel, and waits: every form in recorded plans") {
  std::set<std::string> known = {"if p", "if ~p", "else", "endif", "goto p", "goto ~p", "join"};  // of flow_test
  for (const ListedForm& listed : listed_forms()) {
    std::string name = listed.form.substr(0, listed.form.find_first_of(" ."));
    const bool whole = name == "jmpi" || name == "sync" || name == "nop", each = listed.form == "goto" || listed.form == "goto anyv";
    if (!whole && !each) {
      for (const char* branch : {"if", "else", "endif", "goto", "join", "while", "break", "cont", "halt", "brd", "brc", "call", "ret"}) {
        if (name == branch) CHECK(known.count(listed.form) == 1);
      }
      continue;
    }
    INFO(listed.form);
    const Platform platform = platform_of(listed.encoding);
    Instruction i;
    i.channels = static_cast<std::uint8_t>(listed.channels);
    i.no_mask = whole;
    i.opcode = name == "jmpi" ? Opcode::jmpi : name == "sync" ? Opcode::sync : name == "nop" ? Opcode::nop : Opcode::goto_;
    i.jump = i.update = i.is_branch() ? 32 : 0;
    if (listed.form.ends_with("p")) i.predicate = Predicate::normal, i.predicate_inverted = listed.form.ends_with("~p");
    if (listed.form.ends_with("anyv")) i.predicate = Predicate::any_vertical;
    if (listed.form == "jmpi d.0") i.source[0] = grf(5, Type::d, 0), i.jump = i.update = 0;
    if (name == "sync") {
      i.sync = static_cast<SyncFunction>(std::stoi(listed.form.substr(5)));
      if (listed.form.ends_with("null")) i.source[0] = null();
      if (listed.form.ends_with("#ud")) i.source[0] = value(Type::ud, 3);
      if (listed.form.ends_with("flag:uw.0")) i.source[0] = null(Type::uw), i.source[0].file = File::flag;
    }
    const auto adds = [&](std::uint64_t n) {
      Instruction a = make(Opcode::add, 16, to(40, Type::d), grf(40, Type::d, 8, 8, 1), value(Type::w, n * 0x10001));
      a.no_mask = false;
      return a;
    };
    Instruction join = make(Opcode::join, 16, {}, {});
    join.no_mask = false;
    join.jump = join.update = 16;
    const auto code = assemble(platform, {i, adds(1), join, adds(2), end_of_thread()});
    REQUIRE_FALSE(code.empty());
    REQUIRE(form_of(code[0]) == listed.form);
    OneThread t(code, platform);
    t.reg<std::int32_t>(5) = 32;
    poke(t.t->r + RegisterFile::flag, std::uint32_t{0x5555});
    poke(t.t->r + RegisterFile::flag + 4, std::uint32_t{0x0102});
    std::uint64_t budget = 100;
    run_thread(*t.t, budget);
    REQUIRE(t.t->state == ThreadState::done);
    for (int c = 0; c < 16; ++c) {
      const int bit = whole ? 0 : c;
      const bool flag = i.predicate == Predicate::none || ((i.predicate == Predicate::normal ? 0x5555 : 0x5555 | 0x0102) >> bit & 1) != i.predicate_inverted;
      const bool jumps = i.is_branch() && flag && c < (whole ? 16 : listed.channels);
      CHECK(t.reg<std::int32_t>(40, c) == (jumps ? 2 : 3));
    }
  }
}
