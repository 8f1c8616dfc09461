#include "xe/machine.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>

#include "support/parallel.h"
#include "xe/checks.h"
#include "xe/payload.h"
#include "xe/thread.h"

namespace xpuq::xe {
namespace {

constexpr std::uint64_t kSlice = 1 << 20;
constexpr int kMostThreads = 1024;

/// Bytes of a launch that all host threads share.
struct Shared {
  const Kernel& kernel;
  const LaunchShape& shape;
  const Limits& limits;
  Payload payload;
  int threads = 1;                          ///< of a group
  std::atomic<std::uint64_t> budget{0};
  std::atomic<std::uint64_t> next_group{0};
  std::atomic<bool> stop{false};
  std::uint64_t groups = 1;
  std::mutex lock;
  std::optional<Error> error;               ///< of the first thread that failed
};

/// Takes up to a slice of instructions.
std::uint64_t take(Shared& shared) {
  std::uint64_t left = shared.budget.load();
  while (left != 0) {
    const std::uint64_t n = std::min(left, kSlice);
    if (shared.budget.compare_exchange_weak(left, left - n)) return n;
  }
  return 0;
}

/// False: there are not so many left.
bool pay(Shared& shared, std::uint64_t cost) {
  std::uint64_t left = shared.budget.load();
  while (left >= cost) {
    if (shared.budget.compare_exchange_weak(left, left - cost)) return true;
  }
  return false;
}

std::array<std::uint32_t, 3> group_at(const std::array<std::uint32_t, 3>& count, std::uint64_t index) {
  return {static_cast<std::uint32_t>(index % count[0]), static_cast<std::uint32_t>(index / count[0] % count[1]), static_cast<std::uint32_t>(index / count[0] / count[1])};
}

class GroupRunner {
 public:
  GroupRunner(Shared& shared, Worker& worker, int slot) : shared_(shared), worker_(worker) {
    threads_.resize(static_cast<std::size_t>(shared.threads));
    for (std::size_t i = 0; i < threads_.size(); ++i) {
      threads_[i] = std::make_unique<Thread>();
      Thread& t = *threads_[i];
      std::memset(t.r, 0, sizeof t.r);
      t.worker = &worker;
      t.group = &group_;
      t.scratch.resize(shared.kernel.info.scratch_bytes);
      hardware_thread_.push_back(slot * shared.threads + static_cast<int>(i));
    }
    if (worker.code->pairs_threads) {
      for (std::size_t i = 0; i + 1 < threads_.size(); i += 2) {
        threads_[i]->pair = threads_[i + 1].get();
        threads_[i + 1]->pair = threads_[i].get();
      }
    }
  }

  void run(std::uint64_t index) {
    const std::array<std::uint32_t, 3> at = group_at(shared_.shape.group_count, index);
    const std::uint64_t cost = kStartCost * static_cast<std::uint64_t>(shared_.threads) + shared_.payload.local_bytes / 64;
    if (!pay(shared_, cost)) {
      fail(*threads_[0], "the limit of instructions is reached", std::to_string(shared_.limits.instructions), kNoEnd);
      return report(*threads_[0], index);
    }
    if (Traffic* traffic = shared_.limits.traffic) traffic->begin_group(index);
    group_.local.assign(shared_.payload.local_bytes, shared_.limits.poison);
    if (worker_.checks) worker_.checks->start_group(index, shared_.threads, shared_.payload.local_bytes);
    group_.threads = shared_.threads;
    group_.barriers = {};
    for (std::size_t i = 0; i < threads_.size(); ++i) {
      Thread& t = *threads_[i];
      start_thread(t, shared_.kernel.info, shared_.shape, shared_.payload, at, static_cast<int>(i), shared_.threads, shared_.limits.poison);
      // sr0.0 names the hardware thread: three bits, one that is always 0, two more, one that is 0, and the rest.
      const auto n = static_cast<std::uint32_t>(hardware_thread_[i]);
      poke(t.r + RegisterFile::state, (n & 7) | (n >> 3 & 3) << 4 | (n >> 5) << 7);
    }
    for (;;) {
      bool moved = false, left = false;
      for (std::size_t k = 0; k < threads_.size(); ++k) {
        Thread& t = *threads_[shared_.limits.reverse_threads ? threads_.size() - 1 - k : k];
        if (t.state == ThreadState::done) continue;
        left = true;
        if (t.state == ThreadState::waits_barrier && group_.barriers[static_cast<std::size_t>(t.waits_for)].opened < t.awaits[static_cast<std::size_t>(t.waits_for)]) continue;
        if (t.state == ThreadState::waits_pair) {
          moved = run_pair(t) || moved;
          continue;
        }
        moved = true;
        while (!shared_.stop) {
          std::uint64_t budget = take(shared_);
          if (budget == 0) fail(t, "the limit of instructions is reached", std::to_string(shared_.limits.instructions), kNoEnd);
          else if (worker_.checks) worker_.checks->run(t, budget);
          else run_thread(t, budget);
          shared_.budget += budget;
          if (t.state != ThreadState::running) break;
        }
        if (t.state == ThreadState::failed) return report(t, index);
        if (shared_.stop) return;
      }
      if (!left) return;
      if (!moved) {
        for (const auto& t : threads_) {
          if (t->state == ThreadState::done) continue;
          fail(*t, "threads of a group wait for each other", {}, kNoEnd);
          return report(*t, index);
        }
      }
    }
  }

 private:
  /// dpasw of both threads of a pair at once: each reads half of its rows from the other.
  bool run_pair(Thread& t) {
    Thread& other = *t.pair;
    if (other.state != ThreadState::waits_pair && other.state != ThreadState::done) return false;
    const Step& s = worker_.code->steps[t.ip];
    const Run systolic = worker_.code->systolic;
    if (other.state == ThreadState::waits_pair && other.ip != t.ip) {
      // Apart after a branch: the one behind goes first, alone.
      if (other.ip < t.ip) return false;
      systolic(t, s);
    } else if (other.state == ThreadState::waits_pair) {
      const auto bytes = static_cast<std::size_t>(s.repeat * s.channels * size_of(s.destination.type));
      std::uint8_t* place = t.r + s.destination.base;
      std::vector<std::uint8_t> before(place, place + bytes);
      systolic(t, s);
      const std::vector<std::uint8_t> after(place, place + bytes);
      std::memcpy(place, before.data(), bytes);  // the other may read it
      systolic(other, s);
      std::memcpy(place, after.data(), bytes);
      ++other.ip;
      other.state = ThreadState::running;
    } else {
      systolic(t, s);
    }
    ++t.ip;
    t.state = ThreadState::running;
    return true;
  }

  void report(const Thread& t, std::uint64_t group) {
    shared_.stop = true;
    const std::lock_guard hold(shared_.lock);
    if (shared_.error) return;
    shared_.error = make_error(worker_.code_of_problem, shared_.kernel.module,
                               place_of(shared_.kernel, shared_.shape.group_count, group, t.number, t.ip == 0 ? 0 : t.ip - 1) + ": " + worker_.problem, worker_.got);
  }

  Shared& shared_;
  Worker& worker_;
  Group group_;
  std::vector<std::unique_ptr<Thread>> threads_;
  std::vector<int> hardware_thread_;
};

Result<void> check_shape(const Kernel& kernel, const LaunchShape& shape, std::span<const LaunchArgument> arguments, const std::string& who) {
  const KernelInfo& info = kernel.info;
  if (!kernel.unsupported.empty()) return make_error("E621", who, kernel.unsupported);
  if (kernel.code->entry < 0) return make_error("E620", who, "no instruction begins where the kernel starts", std::to_string(info.skip));
  std::uint64_t items = 1, groups = 1;
  for (std::size_t d = 0; d < 3; ++d) {
    if (shape.group_size[d] == 0 || shape.group_size[d] > 1024) return make_error("E624", who, "work-group size", std::to_string(shape.group_size[d]), "1 to 1024");
    items *= shape.group_size[d];
    const std::uint64_t count = std::max(shape.group_count[d], 1u);
    if (groups > (std::uint64_t{1} << 40) / count) return make_error("E624", who, "too many work-groups");
    groups *= count;
    if (info.required_group[d] != 0 && info.required_group[d] != shape.group_size[d]) {
      return make_error("E624", who, "work-group size", std::to_string(shape.group_size[d]), std::to_string(info.required_group[d]));
    }
  }
  if ((items + static_cast<std::uint64_t>(info.simd) - 1) / static_cast<std::uint64_t>(info.simd) > kMostThreads) {
    return make_error("E624", who, "work-group size", std::to_string(items) + " work-items");
  }
  if (arguments.size() < static_cast<std::size_t>(info.argument_count)) {
    return make_error("E624", who, "too few arguments", std::to_string(arguments.size()), std::to_string(info.argument_count));
  }
  return {};
}

Window window_of(Allocation& block, std::uint64_t address, std::uint64_t bytes) {
  const std::uint64_t offset = address - block.address;
  Window w;
  w.begin = address;
  w.end = address + bytes;
  w.readable_end = std::min(w.end + kReadSlack, block.address + block.contents.size());
  w.host = block.contents.data() + offset;
  return w;
}

Result<void> add_windows(Memory& memory, const Kernel& kernel, std::span<const LaunchArgument> arguments, const Limits& limits, Worker& worker,
                         const std::string& who) {
  worker.table = kernel.info.surfaces;
  worker.surfaces.assign(arguments.size(), {});
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const LaunchArgument& a = arguments[i];
    if (a.kind != LaunchArgument::Kind::buffer) continue;
    Allocation* block = memory.find(a.address);
    if (!block || a.bytes > block->bytes - (a.address - block->address)) {
      return make_error("E624", who, "argument " + std::to_string(i) + " is not inside an allocation");
    }
    const std::uint64_t bytes = a.bytes != 0 ? a.bytes : block->bytes - (a.address - block->address);
    Window w = window_of(*block, a.address, bytes);
    w.readable = a.readable;
    w.writable = a.writable;
    worker.space.add(w);
    worker.surfaces[i] = {a.address, bytes};
  }
  if (limits.all_memory) {
    for (const auto& block : memory.allocations()) worker.space.add(window_of(*block, block->address, block->bytes));
  }
  return {};
}

/// Memory that the groups of a launch share and may write.
std::vector<Races::Range> shared_ranges(Memory& memory, std::span<const LaunchArgument> arguments, std::uint64_t globals) {
  std::vector<Races::Range> out;
  const auto add = [&](std::uint64_t address, std::uint64_t bytes) {
    const Allocation* block = memory.find(address);
    if (block) out.push_back({address, address + (bytes != 0 ? bytes : block->bytes - (address - block->address))});
  };
  for (const LaunchArgument& a : arguments) {
    if (a.kind == LaunchArgument::Kind::buffer && a.writable) add(a.address, a.bytes);
  }
  if (globals != 0) add(globals, 0);
  return out;
}

}  // namespace

std::string place_of(const Kernel& kernel, const std::array<std::uint32_t, 3>& group_count, std::uint64_t group, int thread, std::size_t step) {
  const std::array<std::uint32_t, 3> at = group_at(group_count, group);
  const std::vector<Instruction>& code = kernel.code->instructions;
  return "kernel '" + kernel.info.name + "', group " + std::to_string(at[0]) + "," + std::to_string(at[1]) + "," + std::to_string(at[2]) + ", thread " +
         std::to_string(thread) + ", instruction at " + (step < code.size() ? "byte " + std::to_string(code[step].offset) : "the end");
}

Result<Machine::DataAddresses> Machine::place_data(const Kernel& kernel) {
  const auto known = data_.find(kernel.data.get());
  if (known != data_.end()) return known->second;
  DataAddresses out;
  out.keep = kernel.data;
  if (!kernel.data->constants.empty()) {
    XPUQ_ASSIGN(out.constants, memory_.allocate(kernel.data->constants.size(), "constants of " + kernel.module));
    XPUQ_TRY(memory_.write(out.constants, kernel.data->constants));
  }
  if (!kernel.data->globals.empty()) {
    XPUQ_ASSIGN(out.globals, memory_.allocate(kernel.data->globals.size(), "variables of " + kernel.module));
    XPUQ_TRY(memory_.write(out.globals, kernel.data->globals));
  }
  data_[kernel.data.get()] = out;
  return out;
}

std::shared_ptr<const ScoreboardCode> Machine::scoreboard_of(const Kernel& kernel) {
  std::shared_ptr<const ScoreboardCode>& known = scoreboards_[kernel.code.get()];
  if (!known) known = std::make_shared<const ScoreboardCode>(kernel.platform, kernel.code);
  return known;
}

Result<LaunchCounts> Machine::launch(const Kernel& kernel, const LaunchShape& shape, std::span<const LaunchArgument> arguments, const Limits& limits) {
  const std::string who = kernel.module + ": kernel '" + kernel.info.name + "'";
  XPUQ_TRY(check_shape(kernel, shape, arguments, who));
  XPUQ_ASSIGN(const DataAddresses data, place_data(kernel));
  const KernelInfo& info = kernel.info;
  Shared shared{kernel, shape, limits, {}, 1, {}, {}, {}, 1, {}, {}};
  const std::uint64_t items = std::uint64_t{shape.group_size[0]} * shape.group_size[1] * shape.group_size[2];
  shared.threads = static_cast<int>((items + static_cast<std::uint64_t>(info.simd) - 1) / static_cast<std::uint64_t>(info.simd));
  shared.groups = std::uint64_t{shape.group_count[0]} * shape.group_count[1] * shape.group_count[2];
  shared.budget = limits.instructions;
  if (shared.groups > limits.instructions / (kStartCost * static_cast<std::uint64_t>(shared.threads))) {
    return make_error("E623", who, "more work-groups than the limit of instructions allows", std::to_string(shared.groups) + " of " + std::to_string(shared.threads) + " threads",
                      std::to_string(limits.instructions) + " instructions, of which the start of a thread costs " + std::to_string(kStartCost));
  }
  int workers = limits.host_threads > 0 ? limits.host_threads : available_threads();
  if (kernel.code->uses_atomics || limits.traffic || limits.checks || limits.trace) workers = 1;
  if (limits.traffic) limits.traffic->begin_launch();
  workers = static_cast<int>(std::min<std::uint64_t>(static_cast<std::uint64_t>(workers), std::max<std::uint64_t>(shared.groups, 1)));

  // Private memory in global memory: one piece per hardware thread.
  std::uint64_t private_address = 0;
  if (info.private_bytes != 0) {
    const std::uint64_t bytes = std::uint64_t{info.private_bytes} * 32 * static_cast<std::uint64_t>(shared.threads) * static_cast<std::uint64_t>(workers);
    XPUQ_ASSIGN(private_address, memory_.allocate(bytes, "private memory"));
  }
  const auto clean_up = [&] {
    if (private_address != 0) (void)memory_.free(private_address).ok();
  };
  Result<Payload> payload = build_payload({info, shape, arguments, data.constants, data.globals, private_address}, who);
  if (!payload) {
    clean_up();
    return std::move(payload.error());
  }
  shared.payload = std::move(payload).value();

  std::vector<Worker> all(static_cast<std::size_t>(workers));
  for (Worker& w : all) {
    w.code = kernel.code.get();
    w.counter.start(kernel.code->steps.size());
    w.register_bytes = traits_of(kernel.platform).register_bytes;
    w.simd = info.simd;
    w.drop_writes = limits.drop_writes;
    w.space.traffic = limits.traffic;
    if (Result<void> added = add_windows(memory_, kernel, arguments, limits, w, who); !added) {
      clean_up();
      return std::move(added.error());
    }
    Window block;
    block.begin = kArgumentBlock;
    block.end = block.readable_end = kArgumentBlock + shared.payload.memory.size();
    block.host = shared.payload.memory.data();
    block.writable = false;
    w.space.add(block);
    for (std::uint64_t address : {data.constants, data.globals, private_address}) {
      if (Allocation* a = address != 0 ? memory_.find(address) : nullptr) {
        Window window = window_of(*a, a->address, a->bytes);
        window.writable = address != data.constants;
        w.space.add(window);
        if (address == data.constants) w.constants = {a->address, a->bytes};
        if (address == data.globals) w.globals = {a->address, a->bytes};
      }
    }
  }
  std::optional<LaunchChecks> checks;
  if (limits.checks || limits.trace) {
    checks.emplace(limits.checks ? scoreboard_of(kernel) : nullptr, shared_ranges(memory_, arguments, data.globals), limits.trace);
    all[0].checks = &*checks;
    all[0].space.watch(&*checks);
  }
  parallel_for(all.size(), workers, [&](std::size_t i) {
    GroupRunner runner(shared, all[i], static_cast<int>(i));
    for (std::uint64_t g = shared.next_group++; g < shared.groups && !shared.stop; g = shared.next_group++) runner.run(g);
  });
  clean_up();
  if (shared.error) return *shared.error;
  LaunchCounts counts;
  counts.executed.resize(kernel.code->steps.size());
  for (const Worker& w : all) {
    w.counter.add_to(counts.executed);
    counts.bytes_read += w.space.bytes_read;
    counts.bytes_written += w.space.bytes_written;
    counts.reads_past_end += w.space.reads_past_end;
    counts.local_bytes += w.local_bytes;
  }
  add_up(*kernel.code, counts);
  counts.charged = limits.instructions - shared.budget;
  counts.threads = shared.groups * static_cast<std::uint64_t>(shared.threads);
  return counts;
}

}  // namespace xpuq::xe
