// Loads, stores and atomics of the load/store unit.
// Source: IGA's decoder of LSC descriptors (visa/iga/IGALibrary/Backend/Messages/MessageDecoderLSC.cpp), nGEN's LSCOpcode.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "xe/checks.h"
#include "xe/numbers.h"
#include "xe/send.h"

namespace xpuq::xe {
namespace {

enum class Operation : std::uint32_t {
  load = 0, load_components = 2, load_2d = 3, store = 4, store_components = 6, store_2d = 7, increment = 8, decrement = 9,
  atomic_load = 10, exchange = 11, add = 12, subtract = 13, min = 14, max = 15, umin = 16, umax = 17, compare_exchange = 18,
  fadd = 19, fsub = 20, fmin = 21, fmax = 22, fcompare_exchange = 23, and_ = 24, or_ = 25, xor_ = 26, fence = 31,
};

enum class SurfaceKind : std::uint32_t { flat = 0, bindless = 1, scratch = 2, table = 3 };

/// Where addresses of a message count from, and where reads begin to give zero.
struct Surface {
  std::uint64_t base = 0;
  std::int64_t offset = 0;
  bool bounded = false;
  std::uint64_t bytes = 0;
  std::uint8_t* host = nullptr;  ///< local memory or scratch: not in the device's address space
  std::uint64_t host_bytes = 0;
  const char* name = "";
};

struct Access {
  Message& m;
  Operation operation;
  int element;            ///< bytes in memory
  int in_register;        ///< bytes in a register
  int vector;             ///< elements per address
  int address_bytes;
  Surface surface;

  bool loads() const { return operation == Operation::load || operation == Operation::load_components; }
  bool stores() const { return operation == Operation::store || operation == Operation::store_components; }

  std::uint64_t address(int channel) const {
    const std::uint8_t* p = m.address + address_bytes * channel;
    std::uint64_t value = address_bytes == 8 ? peek<std::uint64_t>(p) : address_bytes == 4 ? peek<std::uint32_t>(p) : peek<std::uint16_t>(p);
    value += static_cast<std::uint64_t>(surface.offset);
    if (address_bytes == 4) value &= 0xffffffffu;
    // Pointers to local memory carry this bit, so that none of them is null (VALID_LOCAL_HIGH_BITS of the compiler, IGC);
    // the unit does not look at it.
    if (m.step.send.unit == Unit::slm) value &= ~std::uint64_t{0x10000000};
    return value;
  }

  /// Registers that a load fills or a store sends, `bytes` of them; null after a failure. A store does not change them.
  std::uint8_t* operand(std::uint64_t bytes) const {
    if (loads()) return m.fits_destination(bytes) ? m.destination() : nullptr;
    return m.fits_data(bytes) ? const_cast<std::uint8_t*>(m.data) : nullptr;
  }

  /// Addresses of channels may be any in device memory: the offline compiler writes d32 for vstore4 of bytes, whose
  /// address OpenCL aligns to one. In local memory it never does.
  bool channel_aligned(std::uint64_t at) const { return !surface.host || aligned(at); }
  /// Elements lie at multiples of their size; else the thread fails.
  bool aligned(std::uint64_t at) const {
    if ((at + surface.base) % static_cast<std::uint64_t>(element) == 0) return true;
    fail(m.thread, "a message with an unaligned address", text_of(m.thread.worker->code->instructions[m.step.index]));
    return false;
  }
  bool beyond(std::uint64_t at, std::uint64_t bytes) const { return surface.bounded && (at > surface.bytes || bytes > surface.bytes - at); }
  /// A write behind a surface: the hardware drops it, and no correct kernel does it.
  void dropped(std::uint64_t at, std::uint64_t bytes) const {
    if (m.thread.worker->drop_writes) return;
    fail(m.thread, "a write behind the end of a surface", std::to_string(bytes) + " bytes at " + std::to_string(at) + " of " + std::to_string(surface.bytes));
  }

  std::uint8_t* local(std::uint64_t at, std::uint64_t bytes, bool write) const {
    if (at <= surface.host_bytes && bytes <= surface.host_bytes - at) {
      m.thread.worker->local_bytes += bytes;
      LaunchChecks* checks = m.thread.worker->checks;
      if (checks && m.step.send.unit == Unit::slm) checks->accessed(true, at, bytes, surface.host + at, write);
      return surface.host + at;
    }
    fail(m.thread, std::string("an access outside ") + surface.name,
         std::to_string(bytes) + " bytes at " + std::to_string(at) + " of " + std::to_string(surface.host_bytes));
    return nullptr;
  }
  const std::uint8_t* read(std::uint64_t at, std::uint64_t bytes) const {
    return surface.host ? local(at, bytes, false) : m.read(surface.base + at, bytes);
  }
  std::uint8_t* write(std::uint64_t at, std::uint64_t bytes) const {
    return surface.host ? local(at, bytes, true) : m.write(surface.base + at, bytes);
  }
};

bool find_surface(Access& a, bool is_local) {
  Message& m = a.m;
  Thread& t = m.thread;
  if (is_local) {
    a.surface.host = t.group->local.data();
    a.surface.host_bytes = t.group->local.size();
    a.surface.name = "local memory";
    // A group without local memory still has an address to compare with.
    static std::uint8_t nothing = 0;
    if (!a.surface.host) a.surface.host = &nothing;
    a.surface.offset = static_cast<std::int32_t>(m.extended) >> 12;
    return true;
  }
  const auto bounded_by = [&](const BoundSurface* s) {
    if (!s) {
      fail(t, "a message names a surface that the launch does not have", text_of(t.worker->code->instructions[m.step.index]));
      return false;
    }
    a.surface.base = s->address;
    a.surface.bytes = (s->bytes + 3) / 4 * 4;
    a.surface.bounded = true;
    return true;
  };
  switch (static_cast<SurfaceKind>(m.descriptor >> 29 & 3)) {
    case SurfaceKind::flat:
      a.surface.offset = m.step.send.extended_in_register ? 0 : static_cast<std::int32_t>(m.extended) >> 12;
      return true;
    case SurfaceKind::table: {
      const std::uint32_t index = m.extended >> 24;
      a.surface.offset = static_cast<std::int32_t>(m.extended << 8) >> 20;
      if (index == 255) return true;  // stateless, below 4 GiB
      return bounded_by(t.worker->surface_of_table(index));
    }
    case SurfaceKind::bindless: return bounded_by(t.worker->surface_of_handle(m.extended & ~63u));
    default:
      if (t.scratch.empty()) return bounded_by(nullptr);
      a.surface.host = t.scratch.data();
      a.surface.host_bytes = t.scratch.size();
      a.surface.name = "the thread's scratch memory";
      return true;
  }
}

/// `body(memory, reg)` with types of an element in memory and of its place in a register, so that copies become moves.
template <class Body>
void by_size(const Access& a, Body body) {
  if (a.in_register != a.element) return a.element == 1 ? body(std::uint8_t{}, std::uint32_t{}) : body(std::uint16_t{}, std::uint32_t{});
  switch (a.element) {
    case 1: return body(std::uint8_t{}, std::uint8_t{});
    case 2: return body(std::uint16_t{}, std::uint16_t{});
    case 4: return body(std::uint32_t{}, std::uint32_t{});
    default: return body(std::uint64_t{}, std::uint64_t{});
  }
}

void copy_in(const Access& a, std::uint8_t* to, const std::uint8_t* from) {
  by_size(a, [&]<class E, class R>(E, R) { poke<R>(to, peek<E>(from)); });
}
void copy_out(const Access& a, std::uint8_t* to, const std::uint8_t* from) {
  by_size(a, [&]<class E, class R>(E, R) { poke(to, peek<E>(from)); });
}

/// Blocks are a few registers: shorter than a call.
void copy_block(std::uint8_t* to, const std::uint8_t* from, std::uint64_t bytes) {
  struct Piece { std::uint64_t words[2]; };
  if (bytes % sizeof(Piece) != 0) {
    std::memcpy(to, from, bytes);
    return;
  }
  for (std::uint64_t k = 0; k < bytes; k += sizeof(Piece)) poke(to + k, peek<Piece>(from + k));
}

/// Bytes between the registers of one component and the next.
int component_step(const Access& a) {
  const int grf = a.m.thread.worker->register_bytes, native = grf / 2;
  const int lanes_of_message = a.m.step.channels > native / 2 ? native : native / 2;
  return std::max(grf, lanes_of_message * a.in_register);
}

/// Some of four components, packed in registers.
void components(const Access& a) {
  Message& m = a.m;
  const int step = component_step(a);
  int shown = 0;
  for (int v = 0; v < 4; ++v) {
    if ((m.descriptor >> (12 + v) & 1) == 0) continue;
    std::uint8_t* base = a.operand(static_cast<std::uint64_t>(shown) * step + static_cast<std::uint64_t>(m.step.channels) * a.in_register);
    if (!base) return;
    for (int c = 0; c < m.step.channels; ++c) {
      if ((m.mask >> c & 1) == 0) continue;
      const std::uint64_t at = a.address(c) + static_cast<std::uint64_t>(v * a.element);
      if (!a.channel_aligned(at)) return;
      std::uint8_t* reg = base + shown * step + c * a.in_register;
      if (a.beyond(at, static_cast<std::uint64_t>(a.element))) {
        if (a.loads()) std::memset(reg, 0, static_cast<std::size_t>(a.in_register));
        else a.dropped(at, static_cast<std::uint64_t>(a.element));
        continue;
      }
      if (a.loads()) {
        const std::uint8_t* p = a.read(at, static_cast<std::uint64_t>(a.element));
        if (!p) return;
        copy_in(a, reg, p);
      } else {
        std::uint8_t* p = a.write(at, static_cast<std::uint64_t>(a.element));
        if (!p) return;
        copy_out(a, p, reg);
      }
    }
    ++shown;
  }
}

/// One address, elements one behind the other in registers.
void transposed(const Access& a) {
  Message& m = a.m;
  if ((m.mask & 1) == 0) return;
  const std::uint64_t at = a.address(0), bytes = static_cast<std::uint64_t>(a.element) * static_cast<std::uint64_t>(a.vector);
  if (!a.aligned(at)) return;
  std::uint8_t* reg = a.operand(bytes);
  if (!reg) return;
  if (a.beyond(at, bytes)) {
    if (!a.loads()) a.dropped(at, bytes);
    for (int v = 0; v < a.vector; ++v) {
      const std::uint64_t one = at + static_cast<std::uint64_t>(v * a.element);
      std::uint8_t* to = reg + v * a.element;
      const bool out = a.beyond(one, static_cast<std::uint64_t>(a.element));
      if (a.loads()) {
        const std::uint8_t* p = out ? nullptr : a.read(one, static_cast<std::uint64_t>(a.element));
        if (!out && !p) return;
        if (p) std::memcpy(to, p, static_cast<std::size_t>(a.element));
        else std::memset(to, 0, static_cast<std::size_t>(a.element));
      } else if (!out) {
        std::uint8_t* p = a.write(one, static_cast<std::uint64_t>(a.element));
        if (!p) return;
        std::memcpy(p, to, static_cast<std::size_t>(a.element));
      }
    }
    return;
  }
  if (a.loads()) {
    if (const std::uint8_t* p = a.read(at, bytes)) copy_block(reg, p, bytes);
  } else if (std::uint8_t* p = a.write(at, bytes)) {
    copy_block(p, reg, bytes);
  }
}

/// One address per channel, all of them in one window: true if that is so and it is done.
bool scattered_in_window(const Access& a, std::uint8_t* base, int step, std::uint64_t bytes) {
  Message& m = a.m;
  if (a.surface.host || m.mask == 0) return false;
  std::uint64_t at[32], first = ~std::uint64_t{0}, last = 0;
  for (std::uint32_t on = m.mask; on != 0; on &= on - 1) {
    const int c = std::countr_zero(on);
    at[c] = a.address(c);
    first = std::min(first, at[c]);
    last = std::max(last, at[c]);
  }
  if (a.beyond(last, bytes)) return false;
  AddressSpace& space = m.thread.worker->space;
  std::uint8_t* host = space.whole(a.surface.base + first, a.surface.base + last + bytes, !a.loads());
  if (!host) return false;
  (a.loads() ? space.bytes_read : space.bytes_written) += bytes * static_cast<std::uint64_t>(std::popcount(m.mask));
  by_size(a, [&]<class E, class R>(E, R) {
    for (std::uint32_t on = m.mask; on != 0; on &= on - 1) {
      const int c = std::countr_zero(on);
      std::uint8_t *p = host + (at[c] - first), *reg = base + c * static_cast<int>(sizeof(R));
      for (int v = 0; v < a.vector; ++v, p += sizeof(E), reg += step) {
        if (a.loads()) poke<R>(reg, peek<E>(p));
        else poke(p, peek<E>(reg));
      }
    }
  });
  return true;
}

/// One address per channel.
void scattered(const Access& a) {
  Message& m = a.m;
  const int step = component_step(a);
  const std::uint64_t bytes = static_cast<std::uint64_t>(a.element) * static_cast<std::uint64_t>(a.vector);
  std::uint8_t* base = a.operand(static_cast<std::uint64_t>(a.vector - 1) * step + static_cast<std::uint64_t>(m.step.channels) * a.in_register);
  if (!base || scattered_in_window(a, base, step, bytes)) return;
  for (int c = 0; c < m.step.channels; ++c) {
    if ((m.mask >> c & 1) == 0) continue;
    const std::uint64_t at = a.address(c);
    if (!a.channel_aligned(at)) return;
    std::uint8_t* reg = base + c * a.in_register;
    if (a.beyond(at, bytes)) {
      if (!a.loads()) a.dropped(at, bytes);
      for (int v = 0; a.loads() && v < a.vector; ++v) std::memset(reg + v * step, 0, static_cast<std::size_t>(a.in_register));
      continue;
    }
    if (a.loads()) {
      const std::uint8_t* p = a.read(at, bytes);
      if (!p) return;
      for (int v = 0; v < a.vector; ++v) copy_in(a, reg + v * step, p + v * a.element);
    } else {
      std::uint8_t* p = a.write(at, bytes);
      if (!p) return;
      for (int v = 0; v < a.vector; ++v) copy_out(a, p + v * a.element, reg + v * step);
    }
  }
}

template <class F>
F float_result(Operation operation, F old, F x) {
  switch (operation) {
    case Operation::fadd: return old + x;
    case Operation::fsub: return old - x;
    case Operation::fmin: return std::fmin(old, x);
    default: return std::fmax(old, x);
  }
}

/// False: not an operation of this kind.
bool atomic_result(const Access& a, std::uint64_t old, std::uint64_t x, std::uint64_t y, std::uint64_t& out) {
  const int bits = 8 * a.element;
  const std::uint64_t mask = bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
  const auto sign = [&](std::uint64_t v) { return static_cast<std::int64_t>(v << (64 - bits)) >> (64 - bits); };
  switch (a.operation) {
    case Operation::increment: out = old + 1; break;
    case Operation::decrement: out = old - 1; break;
    case Operation::atomic_load: out = old; break;
    case Operation::exchange: out = x; break;
    case Operation::add: out = old + x; break;
    case Operation::subtract: out = old - x; break;
    case Operation::min: out = sign(old) < sign(x) ? old : x; break;
    case Operation::max: out = sign(old) > sign(x) ? old : x; break;
    case Operation::umin: out = std::min(old, x); break;
    case Operation::umax: out = std::max(old, x); break;
    case Operation::compare_exchange: out = old == x ? y : old; break;
    case Operation::and_: out = old & x; break;
    case Operation::or_: out = old | x; break;
    case Operation::xor_: out = old ^ x; break;
    case Operation::fadd: case Operation::fsub: case Operation::fmin: case Operation::fmax: {
      if (a.element == 4) {
        out = std::bit_cast<std::uint32_t>(float_result(a.operation, std::bit_cast<float>(static_cast<std::uint32_t>(old)),
                                                        std::bit_cast<float>(static_cast<std::uint32_t>(x))));
      } else if (a.element == 8) {
        out = std::bit_cast<std::uint64_t>(float_result(a.operation, std::bit_cast<double>(old), std::bit_cast<double>(x)));
      } else {
        out = half_of_float(float_result(a.operation, float_of_half(static_cast<std::uint16_t>(old)), float_of_half(static_cast<std::uint16_t>(x))));
      }
      break;
    }
    case Operation::fcompare_exchange: {
      if (a.element != 4) return false;
      const bool same = std::bit_cast<float>(static_cast<std::uint32_t>(old)) == std::bit_cast<float>(static_cast<std::uint32_t>(x));
      out = same ? y : old;
      break;
    }
    default: return false;
  }
  out &= mask;
  return true;
}

void atomic(const Access& a) {
  Message& m = a.m;
  const int step = component_step(a);
  const auto size = static_cast<std::size_t>(a.element);
  const bool has_data = m.data_bytes != 0;
  const bool two = a.operation == Operation::compare_exchange || a.operation == Operation::fcompare_exchange;
  const auto registers = static_cast<std::uint64_t>(m.step.channels) * static_cast<std::uint64_t>(a.in_register);
  if (has_data && !m.fits_data(registers + (two ? static_cast<std::uint64_t>(step) : 0))) return;
  if (!m.step.destination.none && !m.fits_destination(registers)) return;
  for (int c = 0; c < m.step.channels; ++c) {
    if ((m.mask >> c & 1) == 0) continue;
    const std::uint64_t at = a.address(c);
    if (!a.aligned(at)) return;
    if (a.beyond(at, size)) {
      if (a.operation != Operation::atomic_load) a.dropped(at, size);
      if (!m.step.destination.none) std::memset(m.destination() + c * a.in_register, 0, static_cast<std::size_t>(a.in_register));
      continue;
    }
    std::uint8_t* p = a.write(at, size);
    if (!p) return;
    std::uint64_t old = 0, x = 0, y = 0, result = 0;
    std::memcpy(&old, p, size);
    if (has_data) {
      std::memcpy(&x, m.data + c * a.in_register, size);
      if (two) {
        std::memcpy(&y, m.data + step + c * a.in_register, size);
      }
    }
    if (!atomic_result(a, old, x, y, result)) return m.unknown("atomic operation");
    std::memcpy(p, &result, size);
    if (!m.step.destination.none) std::memcpy(m.destination() + c * a.in_register, &old, static_cast<std::size_t>(a.in_register));
  }
}

}  // namespace

void load_store(Message& m) {
  const auto operation = static_cast<Operation>(m.descriptor & 63);
  if (operation == Operation::fence) return;
  const bool is_local = m.step.send.unit == Unit::slm;
  if (operation == Operation::load_2d || operation == Operation::store_2d) return is_local ? m.unknown("2D block") : block_2d(m);
  static constexpr int elements[] = {1, 2, 4, 8, 1, 2, 2, 0}, in_registers[] = {1, 2, 4, 8, 4, 4, 4, 0};
  static constexpr int vectors[] = {1, 2, 3, 4, 8, 16, 32, 64};
  static constexpr int address_sizes[] = {0, 2, 4, 8};
  const std::uint32_t type = m.descriptor >> 9 & 7;
  Access a{m, operation, elements[type], in_registers[type], vectors[m.descriptor >> 12 & 7], address_sizes[m.descriptor >> 7 & 3], {}};
  if (a.element == 0 || a.address_bytes == 0 || type == 6) return m.unknown("data or address size");
  const bool transpose = (m.descriptor >> 15 & 1) != 0;
  const bool one_address = transpose && (operation == Operation::load || operation == Operation::store);
  if (!m.fits_address(static_cast<std::uint64_t>(a.address_bytes) * (one_address ? 1u : m.step.channels))) return;
  if (!find_surface(a, is_local)) return;
  if (a.loads() && m.step.destination.none) return;  // a prefetch
  switch (operation) {
    case Operation::load: case Operation::store: return transpose ? transposed(a) : scattered(a);
    case Operation::load_components: case Operation::store_components: return components(a);
    default: break;
  }
  if (static_cast<std::uint32_t>(operation) < 8 || transpose) return m.unknown("operation");
  atomic(a);
}

}  // namespace xpuq::xe
