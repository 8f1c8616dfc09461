// Rectangles: every shape against vISA's description (documentation/visa/instructions/LSC_UNTYPED.md of
// intel-graphics-compiler, LOAD_BLOCK2D and STORE_BLOCK2D), element by element; what lies outside the surface reads as
// zero and is not written.
#include "catch.h"

#include <bit>
#include <set>

#include "assembler.h"
#include "form_parser.h"
#include "forms.h"
#include "message_bench.h"
#include "xe/decode.h"

using namespace xe_test;

namespace {

struct Shape2d {
  int element = 1, columns = 16, rows = 8, blocks = 1;
  bool transposed = false, vnni = false;
  int x = 0, y = 0, width = 64, height = 32, pitch = 64;  ///< of the surface: bytes and rows
};

int to_power(int n) { return static_cast<int>(std::bit_ceil(static_cast<unsigned>(n))); }

/// The element of the surface at (column, row), in bytes from its start; -1 where there is none.
int surface_offset(const Shape2d& s, int column, int row) {
  const int at = (s.x + column) * s.element, line = s.y + row;
  return at < 0 || at + s.element > s.width || line < 0 || line >= s.height ? -1 : line * s.pitch + at;
}

/// Bytes of a block in registers, filled up to whole ones.
int block_bytes(const Shape2d& s, int grf) {
  const int per_word = s.vnni ? 4 / s.element : 1, across = s.transposed ? s.rows : s.columns, down = s.transposed ? s.columns : s.rows;
  const int bytes = to_power(across) * ((down + per_word - 1) / per_word * per_word) * s.element;
  return (bytes + grf - 1) / grf * grf;
}

std::vector<std::uint8_t> expected_load(const Shape2d& s, const std::vector<std::uint8_t>& memory, int grf) {
  const int block = block_bytes(s, grf), per_word = s.vnni ? 4 / s.element : 1;
  std::vector<std::uint8_t> out(static_cast<std::size_t>(block * s.blocks));
  for (int b = 0; b < s.blocks; ++b) {
    for (int x = 0; x < s.columns; ++x) {
      for (int y = 0; y < s.rows; ++y) {
        // Rows one behind the other; transposed, columns; with VNNI, so many of them interleaved as make 32 bits.
        const int line = s.transposed ? x : y, position = s.transposed ? y : x, pitch = to_power(s.transposed ? s.rows : s.columns);
        const int place = line / per_word * per_word * pitch + position * per_word + line % per_word;
        const int from = surface_offset(s, b * s.columns + x, y);
        for (int k = 0; from >= 0 && k < s.element; ++k) out[static_cast<std::size_t>(b * block + place * s.element + k)] = memory[static_cast<std::size_t>(from + k)];
      }
    }
  }
  return out;
}

void check_rectangle(const Shape2d& s, bool store, Platform platform, std::mt19937& rng, std::set<std::string>* forms = nullptr) {
  std::uint32_t descriptor = (store ? 7u : 3u) | 3u << 7 | static_cast<std::uint32_t>(std::countr_zero(static_cast<unsigned>(s.element))) << 9;
  descriptor = (descriptor & ~(1u << 7)) | (s.vnni ? 1u << 7 : 0) | (s.transposed ? 1u << 15 : 0);
  Instruction wanted = message(Unit::ugm, descriptor, 1, !store, store);
  wanted.no_mask = true;
  const auto i = decode_instruction(platform, encode(platform, wanted), 0, "test");
  REQUIRE(i.ok());
  if (forms) forms->insert(form_of(*i));
  MessageBench b(*i, platform, rng);
  const int grf = b.one.worker.register_bytes;
  std::uint8_t* p = b.one.t->r + kAddresses * grf;
  poke(p, kBuffer);
  const std::uint32_t words[] = {static_cast<std::uint32_t>(s.width - 1), static_cast<std::uint32_t>(s.height - 1), static_cast<std::uint32_t>(s.pitch - 1),
                                 static_cast<std::uint32_t>(s.x), static_cast<std::uint32_t>(s.y),
                                 static_cast<std::uint32_t>((s.columns - 1) | (s.rows - 1) << 8 | (s.blocks - 1) << 16)};
  std::memcpy(p + 8, words, sizeof words);
  auto registers = b.registers();
  auto memory = b.memory;
  if (store) {
    const int pitch = to_power(s.columns);
    for (int y = 0; y < s.rows; ++y) {
      for (int x = 0; x < s.columns; ++x) {
        const int at = surface_offset(s, x, y);
        for (int k = 0; at >= 0 && k < s.element; ++k) memory[static_cast<std::size_t>(at + k)] = registers[static_cast<std::size_t>(kData * grf + (y * pitch + x) * s.element + k)];
      }
    }
  } else {
    const auto loaded = expected_load(s, b.memory, grf);
    std::copy(loaded.begin(), loaded.end(), registers.begin() + kResult * grf);
  }
  b.one.run();
  INFO(form_of(*i) << ": " << s.columns << " x " << s.rows << " x " << s.blocks << " at " << s.x << "," << s.y);
  REQUIRE(b.one.worker.problem == "");
  CHECK(b.registers() == registers);
  CHECK(b.memory == memory);
}

}  // namespace

TEST_CASE("rectangles inside and across the edges of a surface, plain, transposed, interleaved") {
  std::mt19937 rng(41);
  std::set<std::string> forms;
  for (const Platform platform : {Platform::pvc, Platform::bmg, Platform::ptl}) {
    for (int round = 0; round < 300; ++round) {
      Shape2d s;
      s.element = 1 << rng() % 4;
      const int kind = static_cast<int>(rng() % 4);  // plain, VNNI, transposed, store
      if (kind == 1) s.element = 1 << rng() % 2, s.vnni = true;
      if (kind == 2) s.element = 4 << rng() % 2, s.transposed = true;
      const bool store = kind == 3;
      s.blocks = store || s.transposed ? 1 : 1 << rng() % 3;
      const int most = std::min(64 / (s.element * s.blocks), s.transposed ? 8 : 64);
      s.columns = 1 + static_cast<int>(rng() % static_cast<unsigned>(std::max(most, 1)));
      // Lines of a block are whole words, and begin at one.
      const int word = std::max(4 / s.element, 1);
      s.columns = std::min(most, (s.columns + word - 1) / word * word);
      if (s.blocks > 1) s.columns = to_power(s.columns) > most ? most : to_power(s.columns);
      s.rows = 1 + static_cast<int>(rng() % (store ? 8u : s.transposed ? 8u : 32u));
      if (s.vnni) s.rows = (s.rows + 3) / 4 * 4;
      // Results of more than 32 registers have no message.
      while (block_bytes(s, 64) * s.blocks > 2048 && s.rows > 4) s.rows /= 2;
      s.height = 1 + static_cast<int>(rng() % 32);
      s.width = 64 + static_cast<int>(rng() % 8) * 8;
      s.pitch = 128;
      s.x = static_cast<int>(rng() % 24) - 12;
      s.y = static_cast<int>(rng() % 40) - 12;
      if (rng() % 4 == 0) s.x = s.width / s.element - 1 - static_cast<int>(rng() % 4);
      s.x = s.x / word * word;
      check_rectangle(s, store, platform, rng, &forms);
    }
  }
  // Every form that recorded plans contain is among them; prefetches load nothing.
  for (const ListedForm& listed : listed_forms()) {
    std::string form = listed.form;
    if (!form.starts_with("send ugm 3 ") && !form.starts_with("send ugm 7 ")) continue;
    const bool prefetch = form.starts_with("send ugm 3 ") && form.find(" null") != std::string::npos;
    if (form.ends_with(" p")) form.resize(form.size() - 2);
    if (prefetch) form.erase(form.find(" null"), 5);
    INFO(listed.form);
    CHECK(forms.count(form) == 1);
  }
}

TEST_CASE("a rectangle is loaded or not by the first channel alone, and prefetched without a trace") {
  std::mt19937 rng(42);
  for (const bool prefetch : {false, true}) {
    Instruction i = message(Unit::ugm, 3 | 1u << 8, 1, !prefetch, false);
    i.predicate = Predicate::normal;
    MessageBench b(i, Platform::bmg, rng);
    b.one.t->active = 1;
    poke(b.one.t->r + RegisterFile::flag, std::uint32_t{0});
    const auto before = b.registers();
    b.one.run();
    CHECK(b.one.worker.problem == "");
    CHECK(b.registers() == before);
  }
}

TEST_CASE("rectangles that the hardware does not take are errors") {
  std::mt19937 rng(43);
  const auto problem = [&](std::uint32_t descriptor, std::uint32_t shape, std::uint64_t base, std::uint32_t pitch) {
    Instruction i = message(Unit::ugm, descriptor, 1, true, false);
    MessageBench b(i, Platform::bmg, rng);
    std::uint8_t* p = b.one.t->r + kAddresses * 64;
    poke(p, base);
    const std::uint32_t words[] = {63, 31, pitch, 0, 0, shape};
    std::memcpy(p + 8, words, sizeof words);
    b.one.run();
    return b.one.worker.problem;
  };
  constexpr std::uint32_t load = 3 | 1u << 8;
  CHECK(problem(load, 15 | 7 << 8, kBuffer, 63).empty());
  CHECK_FALSE(problem(load, 127 | 7 << 8, kBuffer, 63).empty());      // wider than 64 bytes
  CHECK_FALSE(problem(load, 15 | 63 << 8, kBuffer, 63).empty());      // higher than 32 rows
  CHECK_FALSE(problem(load, 15 | 7 << 8, kBuffer + 4, 63).empty());   // not aligned
  CHECK_FALSE(problem(load, 15 | 7 << 8, kBuffer, 31).empty());       // rows overlap
  CHECK_FALSE(problem(load | 1u << 7 | 2u << 9, 7 | 7 << 8, kBuffer, 63).empty());  // words of 32 bits need no interleaving
}
