// Finds accesses to shared memory that nothing orders: threads of a group on local memory without a barrier in between, and
// groups of a launch on its buffers without atomics. By vector clocks (Fidge, Mattern), kept per byte as FastTrack does
// (Flanagan and Freund, PLDI 2009).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace xpuq::xe {

/// One message of a thread.
struct MessageAccess {
  std::uint64_t group = 0;
  std::uint32_t step = 0;
  std::uint32_t time = 0;     ///< of its thread
  std::uint16_t thread = 0;
  bool atomic = false;
};

struct Race {
  MessageAccess other;
  bool other_writes = false;
  std::uint64_t address = 0;  ///< first byte that both touch
};

class Races {
 public:
  struct Range {
    std::uint64_t begin = 0, end = 0;
  };
  /// `buffers`: memory that the groups share; accesses elsewhere are not looked at.
  explicit Races(std::vector<Range> buffers);

  void start_group(std::uint64_t group, int threads, std::uint64_t local_bytes);
  void start_message(int thread, std::uint32_t step, bool atomic);
  /// An access of the message that was started last. The race that it ends, if any.
  std::optional<Race> touch_local(std::uint64_t address, std::uint64_t bytes, bool write);
  std::optional<Race> touch_global(std::uint64_t address, std::uint64_t bytes, bool write);
  /// Thread arrives at a barrier; `produces`: others may rely on what it did before. `opened`: it was the last.
  void signal(int thread, int barrier, bool produces, bool opened);
  /// Thread goes on behind the barrier.
  void pass(int thread, int barrier);

 private:
  /// Messages by their place in the log; 0: none.
  struct Cell {
    std::uint32_t writer = 0;  ///< kSynchronizes: atomics use the place
    std::uint32_t reader = 0;  ///< kSeveral: and others, too
  };
  struct Buffer {
    Range range;
    std::vector<Cell> cells;
  };
  using Clock = std::vector<std::uint32_t>;

  std::uint32_t now();
  /// Whether the message of the log and the current one, of which at least one writes, cannot disturb each other.
  bool harmless(bool other_atomic, bool other_writes, bool write) const;
  bool ordered(std::uint32_t message, bool other_writes, bool write) const;
  /// Likewise for messages of groups.
  bool in_order(std::uint32_t message) const;
  void meet(std::uint64_t group);
  static void join(Clock& to, const Clock& from);

  std::vector<Buffer> buffers_;
  std::vector<Cell> local_;
  std::vector<std::vector<std::uint32_t>> readers_;  ///< of local cells with several: by thread
  std::vector<MessageAccess> log_{1};
  MessageAccess message_;
  bool logged_ = false;
  std::vector<Clock> clocks_;
  std::array<Clock, 32> gathered_, released_;
  /// Groups whose atomics a group saw by its own on the same place: it may rely on what they did before.
  std::unordered_map<std::uint64_t, std::unordered_set<std::uint64_t>> met_;
};

}  // namespace xpuq::xe
