// Running an artifact from C++.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "xpuq/export.h"
#include "xpuq/result.h"
#include "xpuq/types.h"

namespace xpuq {

/// A compiled model made ready on one device.
///
/// Threads. An executor serves one thread at a time; different executors run at the same time. another() gives one for one
/// more thread on the same weights; either may go first.
///
/// Lifetime. inputs() and outputs() live as long as the executor. The artifact stays mapped meanwhile: its file may be
/// replaced or deleted, not overwritten in place. With a public_key it is read into memory once and checked there, so that
/// what was signed is what runs, whatever happens to the file.
class XPUQ_API Executor {
 public:
  struct Options {
    std::string device = "auto";             ///< "auto", "cpu", "gpu", "gpu:N", "emulated:PART"
    int threads = 0;                         ///< of the CPU; 0 for all cores the process may use
    std::optional<std::int64_t> batch = {};  ///< picks the plan of this batch; empty: the artifact's first
    std::string public_key = {};             ///< PEM file of an Ed25519 key: only what its holder signed; empty: anything
  };

  /// One input or output: its name in the model, and type. Always row-major.
  struct Port {
    std::string name;
    TensorType type;
  };

  /// Errors: E101 out of memory, E204 no such file, E209 no plan of that batch, E501/E502 an artifact that cannot be
  /// used, E503 no such device; with a key also E211 not a public Ed25519 key, E504 not signed with it (FILE.sig beside
  /// the artifact, as xpuq-compile --sign writes it).
  static Result<Executor> open(const std::string& artifact, const Options& options);
  static Result<Executor> open(const std::string& artifact) { return open(artifact, Options{}); }
  /// One more on the same artifact, plan and device.
  Result<Executor> another() const;

  Executor(Executor&&) noexcept;
  Executor& operator=(Executor&&) noexcept;
  ~Executor();

  /// "cpu", "gpu:0", "emulated:b580".
  std::string device() const;
  const std::vector<Port>& inputs() const;
  const std::vector<Port>& outputs() const;

  /// One inference. `inputs[i]` has the type and shape of inputs()[i] (else E103). Results are in the order of outputs().
  Result<std::vector<Tensor>> run(const std::vector<Tensor>& inputs);
  /// One inference between the caller's arrays, `inputs[i]` and `outputs[i]` of exactly type.bytes() bytes of the
  /// ports, none null (else E103), none overlapping. The CPU works in float arrays themselves, without a copy.
  Result<void> run(std::span<const void* const> inputs, std::span<void* const> outputs);

 private:
  struct State;
  explicit Executor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace xpuq
