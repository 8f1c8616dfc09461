#include "xe/races.h"

#include <algorithm>

namespace xpuq::xe {
namespace {

constexpr std::uint32_t kSeveral = 1u << 31, kSynchronizes = 1u << 31;
/// Messages that are remembered; then the history begins again.
constexpr std::size_t kMostMessages = std::size_t{1} << 24;
/// Bytes of buffers that are looked at; what is remembered takes eight times as much.
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 28;

}  // namespace

Races::Races(std::vector<Range> buffers) {
  std::sort(buffers.begin(), buffers.end(), [](const Range& a, const Range& b) { return a.begin < b.begin; });
  for (const Range& r : buffers) {
    if (!buffers_.empty() && r.begin <= buffers_.back().range.end) buffers_.back().range.end = std::max(buffers_.back().range.end, r.end);
    else buffers_.push_back({r, {}});
  }
  std::uint64_t bytes = 0;
  for (Buffer& b : buffers_) {
    b.range.end = std::min(b.range.end, b.range.begin + (kMostBytes - bytes));
    bytes += b.range.end - b.range.begin;
    b.cells.resize(b.range.end - b.range.begin);
  }
}

void Races::start_group(std::uint64_t group, int threads, std::uint64_t local_bytes) {
  local_.assign(local_bytes, {});
  readers_.clear();
  clocks_.assign(static_cast<std::size_t>(threads), Clock(static_cast<std::size_t>(threads), 0));
  for (std::size_t t = 0; t < clocks_.size(); ++t) clocks_[t][t] = 1;
  for (Clock& c : gathered_) c.assign(static_cast<std::size_t>(threads), 0);
  released_ = gathered_;
  message_ = {};
  message_.group = group;
  if (log_.size() < kMostMessages) return;
  log_.resize(1);
  for (Buffer& b : buffers_) b.cells.assign(b.cells.size(), {});
}

void Races::start_message(int thread, std::uint32_t step, bool atomic) {
  message_.thread = static_cast<std::uint16_t>(thread);
  message_.step = step;
  message_.atomic = atomic;
  message_.time = clocks_[static_cast<std::size_t>(thread)][static_cast<std::size_t>(thread)];
  logged_ = false;
}

std::uint32_t Races::now() {
  if (!logged_) log_.push_back(message_);
  logged_ = true;
  return static_cast<std::uint32_t>(log_.size() - 1);
}

bool Races::harmless(bool other_atomic, bool other_writes, bool write) const {
  return (other_atomic && message_.atomic) || (other_atomic && !write) || (message_.atomic && !other_writes);
}

bool Races::ordered(std::uint32_t index, bool other_writes, bool write) const {
  const MessageAccess& m = log_[index];
  return m.thread == message_.thread || clocks_[message_.thread][m.thread] >= m.time || harmless(m.atomic, other_writes, write);
}

bool Races::in_order(std::uint32_t index) const {
  const MessageAccess& m = log_[index];
  if (m.group == message_.group) return true;
  const auto mine = met_.find(message_.group);
  return mine != met_.end() && mine->second.contains(m.group);
}

void Races::meet(std::uint64_t group) {
  std::unordered_set<std::uint64_t>& mine = met_[message_.group];
  if (!mine.insert(group).second) return;
  if (const auto theirs = met_.find(group); theirs != met_.end()) mine.insert(theirs->second.begin(), theirs->second.end());
}

std::optional<Race> Races::touch_local(std::uint64_t address, std::uint64_t bytes, bool write) {
  const std::uint32_t self = now();
  for (std::uint64_t at = address; at < address + bytes && at < local_.size(); ++at) {
    Cell& cell = local_[at];
    if (cell.writer != 0 && !ordered(cell.writer, true, write)) return Race{log_[cell.writer], true, at};
    if (write) {
      if (cell.reader & kSeveral) {
        for (std::uint32_t r : readers_[cell.reader & ~kSeveral]) {
          if (r != 0 && !ordered(r, false, true)) return Race{log_[r], false, at};
        }
      } else if (cell.reader != 0 && !ordered(cell.reader, false, true)) {
        return Race{log_[cell.reader], false, at};
      }
      cell = {self, 0};
    } else if (cell.reader & kSeveral) {
      readers_[cell.reader & ~kSeveral][message_.thread] = self;
    } else if (cell.reader == 0 || log_[cell.reader].thread == message_.thread ||
               clocks_[message_.thread][log_[cell.reader].thread] >= log_[cell.reader].time) {
      cell.reader = self;
    } else {
      std::vector<std::uint32_t> all(clocks_.size(), 0);
      all[log_[cell.reader].thread] = cell.reader;
      all[message_.thread] = self;
      cell.reader = kSeveral | static_cast<std::uint32_t>(readers_.size());
      readers_.push_back(std::move(all));
    }
  }
  return std::nullopt;
}

std::optional<Race> Races::touch_global(std::uint64_t address, std::uint64_t bytes, bool write) {
  const auto behind = std::upper_bound(buffers_.begin(), buffers_.end(), address, [](std::uint64_t a, const Buffer& b) { return a < b.range.begin; });
  if (behind == buffers_.begin()) return std::nullopt;
  Buffer& buffer = *std::prev(behind);
  const std::uint32_t self = now();
  for (std::uint64_t at = address; at < address + bytes && at < buffer.range.end; ++at) {
    Cell& cell = buffer.cells[at - buffer.range.begin];
    bool synchronizes = message_.atomic;
    if (cell.writer != 0) {
      const std::uint32_t index = cell.writer & ~kSynchronizes;
      const MessageAccess& writer = log_[index];
      // A store to a place that atomics use is one side of a handshake: a flag that is set, a counter that begins again.
      const bool handshake = (cell.writer & kSynchronizes) != 0 && (message_.atomic || !write);
      if (handshake && writer.group != message_.group) meet(writer.group);
      if (!handshake && !in_order(index)) return Race{writer, true, at};
      synchronizes = synchronizes || (cell.writer & kSynchronizes) != 0;
    }
    const std::uint32_t reader = cell.reader & ~kSeveral;
    if (write) {
      const bool others = (cell.reader & kSeveral) && !met_.contains(message_.group);
      if (reader != 0 && !synchronizes && (others || !in_order(reader))) return Race{log_[reader], false, at};
      cell = {self | (synchronizes ? kSynchronizes : 0), 0};
    } else if (reader == 0 || log_[reader].group == message_.group) {
      cell.reader = self | (cell.reader & kSeveral);
    } else {
      cell.reader = self | kSeveral;
    }
  }
  return std::nullopt;
}

void Races::join(Clock& to, const Clock& from) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = std::max(to[i], from[i]);
}

void Races::signal(int thread, int barrier, bool produces, bool opened) {
  const auto t = static_cast<std::size_t>(thread), b = static_cast<std::size_t>(barrier);
  if (produces) join(gathered_[b], clocks_[t]);
  ++clocks_[t][t];
  if (!opened) return;
  released_[b] = gathered_[b];
  std::fill(gathered_[b].begin(), gathered_[b].end(), 0);
}

void Races::pass(int thread, int barrier) { join(clocks_[static_cast<std::size_t>(thread)], released_[static_cast<std::size_t>(barrier)]); }

}  // namespace xpuq::xe
