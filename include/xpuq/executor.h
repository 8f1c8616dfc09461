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

/// A compiled model made ready on one device. Not safe for concurrent calls: another() gives one for one more thread,
/// on the same weights. The artifact stays mapped while an executor lives.
class XPUQ_API Executor {
 public:
  struct Options {
    std::string device = "auto";        ///< "auto", "cpu", "gpu", "gpu:N", "emulated:PART"
    int threads = 0;                    ///< of the CPU; 0 for all cores the process may use
    std::optional<std::int64_t> batch;  ///< picks the plan of this batch; empty: the artifact's first
  };

  /// One input or output: its name in the model, and type. Always row-major.
  struct Port {
    std::string name;
    TensorType type;
  };

  /// Errors: E101 out of memory, E204 no such file, E209 no plan of that batch, E501/E502 an artifact that cannot be
  /// used, E503 no such device.
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
