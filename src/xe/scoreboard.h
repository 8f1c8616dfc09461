// Checks the dependency annotations of one thread while it runs: a register that is read before its producer has finished,
// or written while an earlier instruction still reads or writes it. The hardware would use whatever is there.
// Rules: nGEN's automatic scoreboard (oneDNN, third_party/ngen/ngen_auto_swsb.hpp) and IGC's (visa/LocalScheduler/SWSB_G4IR.cpp);
// where those two differ, the weaker one. README.md in this folder says what is left out.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "xe/footprint.h"
#include "xe/prepare.h"

namespace xpuq::xe {

/// A kernel's instructions as the scoreboard sees them.
struct ScoreboardCode {
  ScoreboardCode(Platform platform, std::shared_ptr<const PreparedCode> code);

  std::shared_ptr<const PreparedCode> code;
  std::vector<Footprint> footprints;
  std::vector<std::int16_t> tokens;  ///< the one whose end is the end of the instruction; -1: none
  std::vector<bool> block_begins;    ///< a jump goes there
  int register_bytes = 32;
  bool hpg = false;
};

class Scoreboard {
 public:
  void reset(const ScoreboardCode& code);
  /// Before an instruction executes: what it waits for, then what it touches. `runs`: a channel is on. Returns what is wrong
  /// with it; empty: nothing.
  std::string issue(const Thread& thread, const Step& step, bool runs);

 private:
  /// That read the sources of their instructions in order: those of messages, and the systolic pipe.
  static constexpr int kUnits = 17;

  /// A register that an instruction on its way reads or writes.
  struct Pending {
    std::uint64_t bytes = 0;
    std::uint64_t number = 0;   ///< of the instruction in its pipe, or of the claim of its token
    std::uint64_t order = 0;    ///< of a message among those of the thread to its unit
    std::uint32_t step = 0;
    std::int16_t token = -1;
    Executor executor = Executor::control;
    bool write = false;
  };
  struct Token {
    std::uint64_t claimed = 0;  ///< how often it was taken
    std::uint64_t read = 0;     ///< up to which claim sources have been read
    std::uint64_t written = 0;  ///< up to which results have arrived
    std::uint64_t order = 0;    ///< of the message that took it last
    std::uint8_t unit = kUnits; ///< and its unit; kUnits: no message
  };

  void wait(const Instruction& i, const Footprint& f, bool runs);
  void sources_read(Token& token);
  bool finished(const Pending& p) const;
  /// The first instruction on its way that an access to these registers collides with; null: none.
  const Pending* collision(const std::vector<RegisterBytes>& registers, bool write, Executor executor);
  void record(const std::vector<RegisterBytes>& registers, const Pending& pending);
  std::string describe(const Pending& p, bool write) const;
  const Footprint& footprint(const Thread& t, const Step& s);

  const ScoreboardCode* code_ = nullptr;
  std::array<std::uint64_t, kOrderedExecutors> issued_{};
  std::array<std::uint64_t, kOrderedExecutors> waited_{};  ///< up to which instruction of a pipe has been waited for
  std::array<Token, 32> tokens_{};
  // When the sources of one have been read, so have those of all before.
  std::array<std::uint64_t, kUnits> sent_{};
  std::array<std::uint64_t, kUnits> read_{};
  std::array<std::vector<Pending>, kTrackedRegisters> pending_;
  Footprint changed_;                                      ///< of an instruction whose registers depend on values
  std::uint16_t collided_ = 0;                             ///< register
};

}  // namespace xpuq::xe
