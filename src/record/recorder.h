// Turns what oneDNN submits into commands of a program.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "gpu/program.h"
#include "gpu/zebin.h"
#include "record/arenas.h"
#include "record/tracer.h"
#include "runtime/onednn/memory.h"

namespace xpuq::record {

/// The storage of oneDNN steps on a GPU, and the listener to their launches. Commands go to the set-up until
/// `begin_inference`, and from then on to the current inference.
class Recorder final : public onednn::Storage, public Listener {
 public:
  Recorder(const Plan& plan, Arenas& arenas, Tracer& tracer, gpu::Program& program)
      : plan_(plan), arenas_(arenas), tracer_(tracer), program_(program) {}

  /// What follows works for this step of the plan.
  void at_step(std::uint32_t step) { step_ = step; }
  /// Starts the next inference; call end_inference() before another.
  void begin_inference();
  std::vector<gpu::Command> end_inference();

  /// Number of a module in the program; equal ones are kept once.
  std::uint32_t module(const std::vector<std::uint8_t>& bytes);
  void append(gpu::Command command);
  /// Bytes known now as a range of the constant arena; equal ones are uploaded once.
  gpu::Range literal(std::span<const std::byte> bytes);
  /// A constant of the plan, as it is, in an arena.
  gpu::Range resident(gpu::Arena arena, std::uint64_t offset, std::uint64_t bytes);

  /// The first thing that went wrong, or empty.
  const std::string& problem() const { return problem_; }
  /// Launches seen so far, to tell a step that submitted nothing.
  std::size_t launches() const { return launches_; }

  void* allocate(std::size_t bytes) override;
  void* temporary(std::size_t bytes) override;
  void upload(void* to, const void* from, std::size_t bytes) override;
  void* constant(const void* bytes, std::size_t size) override;
  void copy(void* to, const void* from, std::size_t bytes) override;
  void executes(std::span<const onednn::ArgumentUse> uses) override;

  void launched(const TracedLaunch& launch) override;
  void filled(void* to, std::span<const std::uint8_t> pattern, std::size_t bytes) override;
  void copied(void* to, const void* from, std::size_t bytes) override;
  void refused(const std::string& what) override { fail(what); }

 private:
  void fail(const std::string& what);
  std::optional<gpu::BufferArgument> buffer(const void* at);
  std::optional<gpu::BufferArgument> zero_pool(const void* at);
  bool holds_address(const TracedArgument& argument) const;
  const gpu::KernelSignature* signature(std::uint32_t module, const std::string& kernel);

  const Plan& plan_;
  Arenas& arenas_;
  Tracer& tracer_;
  gpu::Program& program_;
  std::uint32_t step_ = 0;
  bool in_setup_ = true;
  std::vector<gpu::Command> inference_;
  std::vector<onednn::ArgumentUse> uses_;
  std::map<std::vector<std::uint8_t>, std::uint32_t> modules_;
  std::vector<std::vector<gpu::KernelSignature>> signatures_;
  std::map<std::vector<std::byte>, gpu::Range> literals_;
  std::map<std::tuple<gpu::Arena, std::uint64_t, std::uint64_t>, gpu::Range> residents_;  ///< by arena, offset, bytes
  std::map<std::uintptr_t, std::size_t> zeroed_;  ///< oneDNN's own memory that it filled with zeros: address, bytes
  std::map<std::uintptr_t, gpu::Range> pools_;  ///< by the address of oneDNN's pool
  std::size_t launches_ = 0;
  std::string problem_;
};

}  // namespace xpuq::record
