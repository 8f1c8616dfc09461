// What a launch with checks looks at beside executing: dependency annotations, races, and data that nobody wrote. Internal.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "xe/address_space.h"
#include "xe/races.h"
#include "xe/scoreboard.h"
#include "xe/thread.h"
#include "xe/trace.h"

namespace xpuq::xe {

inline constexpr const char* kFinding = "E625";

class LaunchChecks final : public MemoryWatch {
 public:
  /// `code` null: only the trace is kept. `buffers`: memory that the groups may write. `trace` may be null.
  LaunchChecks(std::shared_ptr<const ScoreboardCode> code, std::vector<Races::Range> buffers, Trace* trace);

  void start_group(std::uint64_t group, int threads, std::uint64_t local_bytes);
  /// Executes one thread as run_thread does, with checks.
  void run(Thread& t, std::uint64_t& budget);
  /// A thread arrives at a barrier, or goes on behind it.
  void signalled(const Thread& t, int barrier, bool produces, bool opened);
  void passed(const Thread& t, int barrier);
  void accessed(bool local, std::uint64_t address, std::uint64_t bytes, const std::uint8_t* host, bool write) override;

 private:
  struct Store {
    std::uint64_t address, bytes;
    const std::uint8_t* host;
    bool local;
  };
  bool before(Thread& t, const Step& s);
  void after(Thread& t, const Step& s);
  void report(const Race& race, bool local, bool write);

  std::shared_ptr<const ScoreboardCode> code_;
  Races races_;
  Trace* trace_;
  std::vector<Scoreboard> boards_;  ///< by thread of the group
  /// That the group signalled, a bit each. oneDNN's products hand tiles on through pairs of named barriers in turn, an order
  /// that is not understood here: local memory of groups with several barriers is not reported.
  std::uint32_t barriers_ = 0;
  /// A byte that another group wrote before, with what it held: a race when that changes.
  struct Doubled {
    Race race;
    const std::uint8_t* byte;
    std::uint8_t before;
  };
  std::vector<Doubled> doubled_;
  std::vector<Store> stores_;       ///< of the message that executes
  Thread* thread_ = nullptr;
  const Step* step_ = nullptr;
  std::uint64_t group_ = 0;
  std::size_t traced_ = 0;          ///< accesses
};

}  // namespace xpuq::xe
