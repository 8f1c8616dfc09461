// State of hardware threads, work-groups and the host thread that runs them. Internal.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "xe/address_space.h"
#include "xe/counts.h"
#include "xe/prepare.h"
#include "xe/registers.h"

namespace xpuq::xe {

class LaunchChecks;
struct Worker;

/// A barrier of a group. Threads signal that they produced, will consume, or both; it opens when as many have come as
/// their messages say. Source: PRM, "Message Gateway", barrier message payload.
struct Barrier {
  int produced = 0;
  int consumed = 0;
  int opened = 0;  ///< how often
};
inline constexpr int kBarriers = 32;

struct Group {
  std::vector<std::uint8_t> local;  ///< shared local memory
  int threads = 0;                  ///< that take part in a barrier whose messages give no number
  std::array<Barrier, kBarriers> barriers{};
};

enum class ThreadState : std::uint8_t { running, waits_barrier, waits_pair, done, failed };

struct Thread {
  alignas(64) std::uint8_t r[RegisterFile::total];
  std::uint64_t wide[256];    ///< accumulators in full width, by 32-bit element
  double macro[8][32];        ///< extended-precision registers of division macros
  std::uint32_t active = 0;   ///< channels that execute
  std::uint32_t dispatch = 0; ///< channels that exist
  std::int32_t waiting[32];   ///< where channels that are off go on: a step
  std::uint32_t ip = 0;       ///< step
  int number = 0;
  std::array<int, kBarriers> awaits{};  ///< how often each barrier must have opened before a thread goes on
  int waits_for = 0;                    ///< the barrier, where it waits
  ThreadState state = ThreadState::running;
  Group* group = nullptr;
  Thread* pair = nullptr;     ///< the other thread of a fused pair
  Worker* worker = nullptr;
  std::vector<std::uint8_t> scratch;
};

/// A buffer that messages name by a number.
struct BoundSurface {
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
};
/// The number of argument `index`'s surface in the payload of bindless arguments: offsets into a heap of 64-byte entries.
constexpr std::uint32_t surface_handle(int index) { return static_cast<std::uint32_t>(index + 1) * 64; }

/// What a host thread needs to run groups.
struct Worker {
  const PreparedCode* code = nullptr;
  AddressSpace space;
  StepCounter counter;
  std::uint64_t local_bytes = 0;          ///< of shared local memory, read and written so far
  int register_bytes = 32;
  int simd = 16;
  bool drop_writes = false;
  std::map<int, int> table;               ///< binding table index -> argument
  std::vector<BoundSurface> surfaces;     ///< by argument; no bytes: not a buffer
  BoundSurface constants, globals;
  LaunchChecks* checks = nullptr;         ///< null: none

  const BoundSurface* surface_of_argument(int index) const {
    if (index == kConstantsIndex || index == kGlobalsIndex) {
      const BoundSurface& s = index == kConstantsIndex ? constants : globals;
      return s.address != 0 ? &s : nullptr;
    }
    const auto i = static_cast<std::size_t>(index);
    return index >= 0 && i < surfaces.size() && surfaces[i].address != 0 ? &surfaces[i] : nullptr;
  }
  const BoundSurface* surface_of_table(std::uint32_t entry) const {
    const auto at = table.find(static_cast<int>(entry));
    return at == table.end() ? nullptr : surface_of_argument(at->second);
  }
  const BoundSurface* surface_of_handle(std::uint32_t handle) const {
    return handle == 0 || handle > 64u * 65536 ? nullptr : surface_of_argument(static_cast<int>(handle / 64) - 1);
  }

  const char* code_of_problem = "";
  std::string problem;   ///< of the thread that failed: lower-case, no period
  std::string got;
};

// Codes of what a thread can fail with.
inline constexpr const char* kUnknownInstruction = "E621";
inline constexpr const char* kBadAccess = "E622";
inline constexpr const char* kNoEnd = "E623";  ///< budget, or threads that wait for each other

inline void fail(Thread& t, std::string what, std::string got = {}, const char* code = kBadAccess) {
  if (t.state == ThreadState::failed) return;
  t.state = ThreadState::failed;
  t.worker->code_of_problem = code;
  t.worker->problem = std::move(what);
  t.worker->got = std::move(got);
}

template <class T>
T peek(const std::uint8_t* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}
template <class T>
void poke(std::uint8_t* p, T value) {
  std::memcpy(p, &value, sizeof value);
}

constexpr std::uint32_t lanes(int n) { return n >= 32 ? ~0u : (1u << n) - 1; }

/// Channels of the instruction whose predicate holds (all, without one); not yet combined with the execution mask.
std::uint32_t predicate_mask(const Thread& t, const Step& s, std::uint32_t mask);

/// Channels that the execution mask lets through.
inline std::uint32_t execution_mask(const Thread& t, const Step& s) {
  const std::uint32_t all = lanes(s.channels);
  return s.no_mask ? all : (t.active >> s.first_channel) & all;
}

/// Where, in the accumulators, channel 0 of what an instruction reads or writes besides its destination lies.
inline std::uint32_t implicit_accumulator(const Thread& t, const Step& s) {
  const Destination& d = s.destination;
  return d.none ? 0 : d.base % static_cast<std::uint32_t>(t.worker->register_bytes);
}

/// Executes one thread until it ends, waits, fails or has executed `budget` instructions; takes those off `budget`.
void run_thread(Thread& t, std::uint64_t& budget);

// Steps that are no arithmetic.
void run_unsupported(Thread& t, const Step& s);
void run_nop(Thread& t, const Step& s);
void run_sync_barrier(Thread& t, const Step& s);
void run_jmpi(Thread& t, const Step& s);
void run_goto(Thread& t, const Step& s);
void run_if(Thread& t, const Step& s);
void run_else(Thread& t, const Step& s);
void run_join(Thread& t, const Step& s);
void run_while(Thread& t, const Step& s);
void run_break(Thread& t, const Step& s);
void run_brd(Thread& t, const Step& s);
void run_call(Thread& t, const Step& s);
void run_ret(Thread& t, const Step& s);
void run_send(Thread& t, const Step& s);
void run_dpasw(Thread& t, const Step& s);

/// Where channel c's element of a source lies; harmless where a0 names none.
inline const std::uint8_t* element_of(const Thread& t, const Source& s, int c) {
  const std::uint8_t* p = s.fixed ? s.fixed : t.r + s.base;
  const int row = c >> s.width_shift, column = c & ((1 << s.width_shift) - 1);
  switch (s.shape) {
    case Shape::flat: return p + c * size_of(s.type);
    case Shape::scalar: return p;
    case Shape::strided: return p + c * s.step;
    case Shape::rows: return p + row * s.vertical + column * s.step;
    case Shape::indirect: break;
  }
  const int a = peek<std::uint16_t>(t.r + RegisterFile::address + 2 * ((s.address_word + (s.per_row ? row : 0)) & 15));
  const int at = a + s.address_offset + (s.per_row ? 0 : row * s.vertical) + column * s.step;
  return t.r + (at >= 0 && at < static_cast<int>(RegisterFile::accumulator) ? at : 0);
}

/// Conversions of 8-bit floats and of tf32, random rounding, moves by index.
void run_small_float(Thread& t, const Step& s);
void run_srnd(Thread& t, const Step& s);
void run_movi(Thread& t, const Step& s);

/// Whether 64-bit arithmetic of this step can need more than 64 bits; run_exact() then does it.
bool needs_exact(const Step& s);
void run_exact(Thread& t, const Step& s);

/// Sets the host's rounding to what cr0 says.
void apply_rounding(const Thread& t);
void restore_rounding();
/// Before a source that changes by itself is read, after a control register was written.
void refresh_special(Thread& t, const Step& s);
void wrote_special(Thread& t, const Step& s);

/// Register bytes that an indirect operand names for channel c; fails the thread when outside.
std::uint32_t indirect_base(Thread& t, int word, int offset, std::uint32_t bytes);

}  // namespace xpuq::xe
