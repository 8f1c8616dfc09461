// Every form of message in recorded plans (forms.txt), and those beside them that compilers can write, against what vISA
// says about one channel (documentation/visa/instructions/LSC_UNTYPED.md of intel-graphics-compiler). Rectangles and the
// old data ports have tests of their own.
#include "catch.h"

#include <bit>
#include <cmath>
#include <set>
#include <sstream>

#include "assembler.h"
#include "form_parser.h"
#include "forms.h"
#include "message_bench.h"
#include "xe/decode.h"

using namespace xe_test;

namespace {

/// What a descriptor of the load/store unit says.
struct Access {
  int operation, element, in_register, vector, address_bytes;
  bool transposed;
  std::uint32_t mask;  ///< of components
  explicit Access(std::uint32_t d) {
    static constexpr int bytes[] = {1, 2, 4, 8, 1, 2, 2, 0}, slots[] = {1, 2, 4, 8, 4, 4, 4, 0}, vectors[] = {1, 2, 3, 4, 8, 16, 32, 64};
    operation = static_cast<int>(d & 63);
    element = bytes[d >> 9 & 7];
    in_register = slots[d >> 9 & 7];
    vector = vectors[d >> 12 & 7];
    address_bytes = 1 << (d >> 7 & 3);
    transposed = (d >> 15 & 1) != 0 && !quad();
    mask = d >> 12 & 15;
  }
  bool quad() const { return operation == 2 || operation == 6; }
  bool loads() const { return operation == 0 || operation == 2; }
  bool stores() const { return operation == 4 || operation == 6; }
};

std::uint64_t atomic_result(int operation, int bytes, std::uint64_t old, std::uint64_t x, std::uint64_t y) {
  const auto sign = [&](std::uint64_t v) { return bytes == 8 ? static_cast<std::int64_t>(v) : bytes == 4 ? static_cast<std::int32_t>(v) : static_cast<std::int16_t>(v); };
  const auto real = [&](std::uint64_t v) { return bytes == 8 ? std::bit_cast<double>(v) : static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(v))); };
  const auto bits = [&](double v) { return bytes == 8 ? std::bit_cast<std::uint64_t>(v) : std::uint64_t{std::bit_cast<std::uint32_t>(static_cast<float>(v))}; };
  switch (operation) {
    case 8: return old + 1;
    case 9: return old - 1;
    case 10: return old;
    case 11: return x;
    case 12: return old + x;
    case 13: return old - x;
    case 14: return sign(old) < sign(x) ? old : x;
    case 15: return sign(old) > sign(x) ? old : x;
    case 16: return std::min(old, x);
    case 17: return std::max(old, x);
    case 18: return old == x ? y : old;
    case 19: return bits(real(old) + real(x));
    case 20: return bits(real(old) - real(x));
    case 21: return bits(std::fmin(real(old), real(x)));
    case 22: return bits(std::fmax(real(old), real(x)));
    case 23: return real(old) == real(x) ? y : old;
    case 24: return old & x;
    case 25: return old | x;
    default: return old ^ x;
  }
}

/// The message on plain arrays. Offsets count from the buffer, what lies outside reads as zero and is not written.
void expect_access(const Instruction& i, const MessageBench& b, std::uint64_t base, std::vector<std::uint8_t>& memory, std::vector<std::uint8_t>& r) {
  const Access a(i.send.descriptor);
  const int grf = b.one.worker.register_bytes, native = grf / 2, slots = i.channels > native / 2 ? native : native / 2;
  const int step = std::max(grf, slots * a.in_register);  // from one component's registers to the next's
  const std::vector<std::uint8_t> before = r;
  const bool answers = i.destination.file != File::null;
  for (int c = 0; c < (a.transposed ? 1 : i.channels); ++c) {
    if ((b.mask() >> c & 1) == 0) continue;
    std::uint64_t address = 0;
    std::memcpy(&address, &before[static_cast<std::size_t>(kAddresses * grf + c * a.address_bytes)], static_cast<std::size_t>(a.address_bytes));
    address -= base;
    int shown = 0;
    for (int v = 0; v < (a.quad() ? 4 : a.operation >= 8 ? 1 : a.vector); ++v) {
      if (a.quad() && (a.mask >> v & 1) == 0) continue;
      const std::size_t slot = static_cast<std::size_t>(a.transposed ? shown * a.in_register : shown * step + c * a.in_register);
      ++shown;
      const std::uint64_t at = address + static_cast<std::uint64_t>(v * a.element);
      // A vector is inside or outside as a whole, unless its elements lie one behind the other in registers.
      const std::uint64_t end = a.quad() || a.transposed || a.operation >= 8 ? at + static_cast<std::uint64_t>(a.element) : address + static_cast<std::uint64_t>(a.vector * a.element);
      const bool inside = at < memory.size() && end <= memory.size();
      const auto size = static_cast<std::size_t>(a.element);
      std::uint64_t old = 0;
      if (inside) std::memcpy(&old, &memory[at], size);
      if (a.loads() || (a.operation >= 8 && answers)) {
        if (answers) std::memcpy(&r[static_cast<std::size_t>(kResult * grf) + slot], &old, static_cast<std::size_t>(a.in_register));
      }
      if (a.loads() || !inside) continue;
      std::uint64_t x = 0, y = 0;
      std::memcpy(&x, &before[static_cast<std::size_t>(kData * grf) + slot], size);
      std::memcpy(&y, &before[static_cast<std::size_t>(kData * grf + step) + slot], size);
      const std::uint64_t result = a.stores() ? x : atomic_result(a.operation, a.element, old, x, y);
      std::memcpy(&memory[at], &result, size);
    }
  }
}

/// Sends it with addresses in, and where the surface has an end, around the end of the buffer.
void check_access(const Instruction& wanted, Platform platform, std::mt19937& rng) {
  const auto i = decode_instruction(platform, encode(platform, wanted), 0, "test");
  REQUIRE(i.ok());
  INFO(text_of(*i));
  MessageBench b(*i, platform, rng);
  REQUIRE(b.one.supported());
  const Access a(i->send.descriptor);
  const std::uint32_t kind = i->send.descriptor >> 29 & 3;
  const bool is_local = i->send.unit == Unit::slm, bounded = !is_local && (kind == 1 || (kind == 3 && i->send.extended >> 24 != 255));
  const std::uint64_t base = is_local || bounded || kind == 2 ? 0 : kBuffer;
  const int grf = b.one.worker.register_bytes, bytes = a.transposed ? a.element * a.vector : a.element * (a.quad() ? 4 : a.operation >= 8 ? 1 : a.vector);
  for (int c = 0; c < 32; ++c) {
    std::uint64_t offset = rng() % static_cast<unsigned>((static_cast<int>(kBufferBytes) - bytes) / a.element) * static_cast<unsigned>(a.element);
    if (bounded && rng() % 4 == 0) offset = kBufferBytes + static_cast<unsigned>(a.element) * (rng() % 4);
    if (a.stores() && !a.transposed) offset = static_cast<std::uint64_t>(c) * 64 + (bounded && c == 5 ? kBufferBytes : 0);  // no two to one place
    const std::uint64_t address = base + offset;
    std::memcpy(b.one.t->r + kAddresses * grf + c * a.address_bytes, &address, static_cast<std::size_t>(a.address_bytes));
  }
  if (a.operation >= 19 && a.operation <= 23) {
    for (auto* bytes_of : {&b.memory, &b.local}) {
      for (std::size_t k = 0; k + 8 <= bytes_of->size(); k += static_cast<std::size_t>(a.element)) {
        if (a.element == 8) poke(bytes_of->data() + k, static_cast<double>(rng() % 1000));
        else poke(bytes_of->data() + k, static_cast<float>(rng() % 1000));
      }
    }
    for (int c = 0; c < 64; ++c) {
      if (a.element == 8) poke(b.one.t->r + kData * grf + 8 * c, static_cast<double>(rng() % 1000));
      else poke(b.one.t->r + kData * grf + 4 * c, static_cast<float>(rng() % 1000));
    }
  }
  if (a.operation == 18) {  // a comparison that sometimes holds
    for (int c = 0; c < 32; c += 2) {
      std::uint64_t address = 0, there = 0;
      std::memcpy(&address, b.one.t->r + kAddresses * grf + c * a.address_bytes, static_cast<std::size_t>(a.address_bytes));
      if (address - base + 8 <= kBufferBytes) std::memcpy(&there, (is_local ? b.local : b.memory).data() + (address - base), static_cast<std::size_t>(a.element));
      std::memcpy(b.one.t->r + kData * grf + c * a.in_register, &there, static_cast<std::size_t>(a.element));
    }
  }
  std::vector<std::uint8_t> registers = b.registers(), memory = is_local ? b.local : kind == 2 ? b.scratch : b.memory;
  expect_access(*i, b, base, memory, registers);
  b.one.run();
  REQUIRE(b.one.worker.problem == "");
  CHECK(b.registers() == registers);
  CHECK((is_local ? b.local : kind == 2 ? b.scratch : b.memory) == memory);
}

std::uint32_t surface_bits(const std::string& word) { return word == "bss" ? 1u << 29 : word == "ss" ? 2u << 29 : word == "bti" ? 3u << 29 : 0; }

/// From the text of a form of the load/store unit; empty where it is none.
std::optional<Instruction> access_of(const ListedForm& listed, unsigned variant) {
  std::istringstream in(listed.form);
  std::string word, unit;
  in >> word >> unit;
  if (word != "send" || (unit != "ugm" && unit != "slm")) return std::nullopt;
  std::uint32_t operation = 0, descriptor = 0;
  in >> operation;
  if (operation == 3 || operation == 7 || operation == 31) return std::nullopt;
  descriptor = operation;
  Instruction i = message(unit == "ugm" ? Unit::ugm : Unit::slm, 0, listed.channels, true, true);
  i.no_mask = variant % 2 == 0;
  while (in >> word) {
    static const char* elements[] = {"d8", "d16", "d32", "d64", "d8u32", "d16u32", "d16u32h"};
    for (std::uint32_t k = 0; k < 7; ++k) descriptor |= word == elements[k] ? k << 9 : 0;
    if (word[0] == 'a' && word.size() == 2) descriptor |= static_cast<std::uint32_t>(word[1] - '0') << 7;
    if (word[0] == 'v' && word.size() == 2) descriptor |= static_cast<std::uint32_t>(word[1] - '0') << 12;
    if (word.starts_with("mask")) descriptor |= static_cast<std::uint32_t>(std::stoi(word.substr(4))) << 12;
    if (word == "transposed") descriptor |= 1u << 15;
    descriptor |= surface_bits(word);
    if (word == "bti") i.send.extended = static_cast<std::uint32_t>(variant % 3 == 0 ? 255 : kTableEntry) << 24;
    if (word == "exbso") i.send.extended_in_register = i.send.bindless = true, i.send.extended_word = kHandleWord;
    if (word == "null") i.destination = null();
    if (word == "nodata") i.source[1] = null(), i.send.source1_registers = 0;
    if (word == "p" || word == "~p") i.predicate = Predicate::normal, i.predicate_inverted = word == "~p";
  }
  i.send.descriptor = descriptor;
  return i;
}

}  // namespace

TEST_CASE("every form of load, store and atomic in recorded plans does what vISA says") {
  std::mt19937 rng(31);
  std::set<std::string> checked;
  for (const ListedForm& listed : listed_forms()) {
    for (unsigned variant = 0; variant < 3; ++variant) {
      const auto i = access_of(listed, variant);
      if (!i) continue;
      INFO(listed.form);
      REQUIRE(form_of(*i) == listed.form);
      check_access(*i, platform_of(listed.encoding), rng);
      checked.insert(listed.form);
    }
  }
  CHECK(checked.size() > 130);
}

TEST_CASE("loads, stores and atomics of all sizes, vectors and surfaces do what vISA says") {
  std::mt19937 rng(32);
  for (const Platform platform : {Platform::dg2, Platform::bmg}) {
    const int widths[] = {1, 8, 16, platform == Platform::dg2 ? 16 : 32};
    for (const std::uint32_t kind : {0u, 1u, 2u, 3u, 4u}) {  // the last is local memory
      if (kind == 1 && platform != Platform::dg2) continue;  // Xe2 has no bit for a handle in a register here
      const auto send = [&](std::uint32_t operation, std::uint32_t type, std::uint32_t rest, int channels, bool answer, bool data) {
        const bool is_local = kind == 4;
        const std::uint32_t addresses = is_local || kind != 0 ? 2 : 3;
        Instruction i = message(is_local ? Unit::slm : Unit::ugm, operation | addresses << 7 | type << 9 | rest | (is_local ? 0 : kind << 29), channels, answer, data);
        i.no_mask = rng() % 2 == 0;
        if (kind == 3) i.send.extended = kTableEntry << 24;
        if (kind == 1) i.send.extended_in_register = i.send.bindless = true, i.send.extended_word = kHandleWord;
        check_access(i, platform, rng);
      };
      for (const int channels : widths) {
        for (const std::uint32_t type : {2u, 3u, 4u, 5u}) {
          for (std::uint32_t vector = 0; vector < (type > 3 ? 1u : 4u); ++vector) {
            send(0, type, vector << 12, channels, true, false);
            send(4, type, vector << 12, channels, false, true);
          }
        }
        for (const std::uint32_t mask : {1u, 3u, 10u, 15u}) {
          send(2, 2, mask << 12, channels, true, false);
          send(6, 2, mask << 12, channels, false, true);
        }
        if (kind == 2) continue;
        for (std::uint32_t operation = 8; operation <= 26; ++operation) {
          const bool has_data = operation > 10;
          for (const std::uint32_t type : {2u, 3u}) {
            if (type == 3 && (operation == 23 || kind == 4)) continue;
            send(operation, type, 0, channels, true, has_data);
            if (operation != 10) send(operation, type, 0, channels, false, has_data);
          }
        }
      }
      for (std::uint32_t vector = 0; vector < 8; ++vector) {
        for (const std::uint32_t type : {2u, 3u}) {
          if (type == 3 && vector == 7 && platform == Platform::dg2) continue;
          send(0, type, vector << 12 | 1u << 15, 1, true, false);
          send(4, type, vector << 12 | 1u << 15, 1, false, true);
        }
      }
    }
  }
}

TEST_CASE("messages that are no memory access: barriers, fences, the end of the thread") {
  std::mt19937 rng(33);
  std::set<std::string> seen;
  for (const ListedForm& listed : listed_forms()) {
    const std::string& form = listed.form;
    const bool fence = form == "send slm 31" || form == "send ugm 31", end = form == "send eot", gateway = form == "send gateway 4 null nodata";
    if (!fence && !end && !gateway) continue;
    Instruction i = message(gateway ? Unit::gateway : form == "send slm 31" ? Unit::slm : Unit::ugm, gateway ? 4 : 31, listed.channels, false, false);
    i.send.end_of_thread = end;
    REQUIRE(form_of(i) == form);
    MessageBench b(i, platform_of(listed.encoding), rng);
    const auto registers = b.registers();
    // Two threads meet: byte 11 of the header; barrier 5 where barriers have numbers.
    const std::uint8_t header[] = {5, 0, 2, 2};
    std::memcpy(b.one.t->r + kAddresses * b.one.worker.register_bytes + 8, header, 4);
    b.one.run();
    CHECK(b.one.worker.problem == "");
    CHECK((b.one.t->state == ThreadState::done) == end);
    if (gateway) CHECK(b.one.group.barriers[listed.encoding == Encoding::hpg ? 0 : 5].produced == 1);
    seen.insert(form);
  }
  CHECK(seen.size() == 4);
}
