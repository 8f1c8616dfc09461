#include "xpuq/executor.h"

#include <algorithm>

#include "driver/run.h"

namespace xpuq {
namespace {

constexpr const char* kWrong = "E103";

std::string text_of(DataType dtype, const Shape& shape) { return std::string(to_string(dtype)) + " " + to_string(shape); }

Result<void> check_count(const char* what, std::size_t got, std::size_t expected) {
  if (got == expected) return {};
  return make_error(kWrong, "Executor::run", std::string("a wrong number of ") + what, std::to_string(got), std::to_string(expected));
}

}  // namespace

struct Executor::State {
  State(Session opened, int thread_count) : session(std::move(opened)), threads(thread_count) {
    const Plan& plan = session.plan();
    for (std::uint32_t v : plan.inputs) inputs.push_back({plan.values[v].name, plan.values[v].type});
    for (std::uint32_t v : plan.outputs) outputs.push_back({plan.values[v].name, plan.values[v].type});
  }

  Session session;
  int threads;
  std::vector<Port> inputs, outputs;
};

Executor::Executor(std::unique_ptr<State> state) : state_(std::move(state)) {}
Executor::Executor(Executor&&) noexcept = default;
Executor& Executor::operator=(Executor&&) noexcept = default;
Executor::~Executor() = default;

Result<Executor> Executor::open(const std::string& artifact, const Options& options) {
  XPUQ_ASSIGN(Session session, Session::open(artifact, options.device, options.batch, {.threads = options.threads}, true, {.public_key = options.public_key}));
  return Executor(std::make_unique<State>(std::move(session), options.threads));
}

Result<Executor> Executor::another() const {
  XPUQ_ASSIGN(Session session, state_->session.another({.threads = state_->threads}));
  return Executor(std::make_unique<State>(std::move(session), state_->threads));
}

std::string Executor::device() const { return state_->session.placement().id(); }
const std::vector<Executor::Port>& Executor::inputs() const { return state_->inputs; }
const std::vector<Executor::Port>& Executor::outputs() const { return state_->outputs; }

Result<std::vector<Tensor>> Executor::run(const std::vector<Tensor>& inputs) {
  XPUQ_TRY(check_count("inputs", inputs.size(), state_->inputs.size()));
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto& [name, type] = state_->inputs[i];
    if (inputs[i].dtype() != type.dtype || inputs[i].shape() != type.shape)
      return make_error(kWrong, "Executor::run", "input '" + name + "' has another type", text_of(inputs[i].dtype(), inputs[i].shape()), text_of(type.dtype, type.shape));
  }
  return state_->session.run(inputs);
}

Result<void> Executor::run(std::span<const void* const> inputs, std::span<void* const> outputs) {
  XPUQ_TRY(check_count("inputs", inputs.size(), state_->inputs.size()));
  XPUQ_TRY(check_count("outputs", outputs.size(), state_->outputs.size()));
  if (const auto null = std::find(inputs.begin(), inputs.end(), nullptr); null != inputs.end())
    return make_error(kWrong, "Executor::run", "input '" + state_->inputs[static_cast<std::size_t>(null - inputs.begin())].name + "' has no array");
  if (const auto null = std::find(outputs.begin(), outputs.end(), nullptr); null != outputs.end())
    return make_error(kWrong, "Executor::run", "output '" + state_->outputs[static_cast<std::size_t>(null - outputs.begin())].name + "' has no array");
  return state_->session.executable().run(inputs, outputs);
}

}  // namespace xpuq
