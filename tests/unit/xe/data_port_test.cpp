// Messages of the data ports before the load/store unit, as IGA decodes them
// (visa/iga/IGALibrary/Backend/Messages/MessageDecoderHDC.cpp of intel-graphics-compiler).
#include "catch.h"

#include <set>
#include <sstream>

#include "form_parser.h"
#include "forms.h"
#include "message_bench.h"

using namespace xe_test;

TEST_CASE("the old data ports move blocks and scattered elements") {
  std::mt19937 rng(34);
  std::set<std::string> checked;
  for (const ListedForm& listed : listed_forms()) {
    std::istringstream in(listed.form);
    std::string word, unit, type_word, control_word;
    in >> word >> unit >> type_word >> control_word;
    if (word != "send" || (unit != "dc0" && unit != "dc1")) continue;
    const auto type = static_cast<std::uint32_t>(std::stoi(type_word.substr(4))), control = static_cast<std::uint32_t>(std::stoi(control_word.substr(7)));
    const bool writes = type == 0x15 || type == 0x1a;
    Instruction i = message(unit == "dc0" ? Unit::dc0 : Unit::dc1, type << 14 | control << 8 | 1u << 19 | 253, listed.channels, !writes, writes);
    if (listed.form.ends_with(" p")) i.predicate = Predicate::normal;
    INFO(listed.form);
    REQUIRE(form_of(i) == listed.form);
    MessageBench b(i, Platform::dg2, rng);
    std::uint8_t* r = b.one.t->r;
    const std::uint32_t mask = b.mask();
    auto registers = b.registers();
    auto memory = b.memory;
    if (unit == "dc0" || type == 0x14 || type == 0x15) {
      // A block of 16-byte units: one, two, four or eight; the address is in the header.
      static constexpr int units[] = {1, 1, 2, 4, 8};
      const int bytes = 16 * units[control & 7];
      const std::uint64_t offset = 16 * (rng() % 100);
      if (unit == "dc0") poke(r + kAddresses * 32 + 8, static_cast<std::uint32_t>(kBuffer + offset));
      else poke(r + kAddresses * 32, kBuffer + offset);
      registers = b.registers();
      for (int k = 0; k < bytes; ++k) {
        if (unit != "dc0" && (mask >> (k / 4 % listed.channels) & 1) == 0) continue;
        if (writes) memory[offset + static_cast<std::uint64_t>(k)] = registers[static_cast<std::size_t>(kData * 32 + k)];
        else registers[static_cast<std::size_t>(kResult * 32 + k)] = memory[offset + static_cast<std::uint64_t>(k)];
      }
    } else {
      // An element per channel: a byte, two or four in a slot of four, or eight bytes in eight.
      const int bytes = (control & 3) == 2 ? 8 : 1 << (control >> 2 & 3), slot = bytes == 8 ? 8 : 4;
      for (int c = 0; c < listed.channels; ++c) {
        const std::uint64_t offset = (static_cast<std::uint64_t>(c) * 64 + rng() % 48) / static_cast<std::uint64_t>(slot) * static_cast<std::uint64_t>(slot);
        poke(r + kAddresses * 32 + 8 * c, kBuffer + offset);
        registers = b.registers();
      }
      for (int c = 0; c < listed.channels; ++c) {
        if ((mask >> c & 1) == 0) continue;
        const std::uint64_t offset = peek<std::uint64_t>(r + kAddresses * 32 + 8 * c) - kBuffer;
        for (int k = 0; k < bytes; ++k) {
          if (writes) memory[offset + static_cast<std::uint64_t>(k)] = registers[static_cast<std::size_t>(kData * 32 + c * slot + k)];
          else registers[static_cast<std::size_t>(kResult * 32 + c * slot + k)] = memory[offset + static_cast<std::uint64_t>(k)];
        }
      }
    }
    b.one.run();
    CHECK(b.one.worker.problem == "");
    CHECK(b.registers() == registers);
    CHECK(b.memory == memory);
    checked.insert(listed.form);
  }
  CHECK(checked.size() == 9);
}
