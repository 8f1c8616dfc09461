// Running an artifact from C++.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "xpuq/result.h"
#include "xpuq/types.h"

#if defined(__GNUC__)
#define XPUQ_API __attribute__((visibility("default")))
#else
#define XPUQ_API
#endif

namespace xpuq {

/// A compiled model made ready on one device. Not safe for concurrent calls: open one per thread; their weights are
/// shared with the mapped file.
class XPUQ_API Executor {
 public:
  /// One input or output: its name in the model, and type. Always row-major.
  struct Port {
    std::string name;
    TensorType type;
  };

  /// `device`: "auto" or "cpu"; `threads`: 0 for all cores the process may use. Errors: E204 no such file, E501/E502
  /// an artifact that cannot be used, E503 no such device.
  static Result<Executor> open(const std::string& artifact, const std::string& device = "auto", int threads = 0);

  Executor(Executor&&) noexcept;
  Executor& operator=(Executor&&) noexcept;
  ~Executor();

  const std::vector<Port>& inputs() const;
  const std::vector<Port>& outputs() const;

  /// One inference. `inputs[i]` has the type and shape of inputs()[i] (else E103). Results are in the order of outputs().
  Result<std::vector<Tensor>> run(const std::vector<Tensor>& inputs);

 private:
  struct State;
  explicit Executor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace xpuq
