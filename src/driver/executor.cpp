#include "xpuq/executor.h"

#include "driver/run.h"

namespace xpuq {

struct Executor::State {
  Session session;
  std::vector<Port> inputs, outputs;
};

Executor::Executor(std::unique_ptr<State> state) : state_(std::move(state)) {}
Executor::Executor(Executor&&) noexcept = default;
Executor& Executor::operator=(Executor&&) noexcept = default;
Executor::~Executor() = default;

Result<Executor> Executor::open(const std::string& artifact, const std::string& device, int threads) {
  XPUQ_ASSIGN(Session session, Session::open(artifact, device, std::nullopt, {.threads = threads}));
  auto state = std::make_unique<State>(State{.session = std::move(session), .inputs = {}, .outputs = {}});
  const Plan& plan = state->session.plan();
  for (std::uint32_t v : plan.inputs) state->inputs.push_back({plan.values[v].name, plan.values[v].type});
  for (std::uint32_t v : plan.outputs) state->outputs.push_back({plan.values[v].name, plan.values[v].type});
  return Executor(std::move(state));
}

const std::vector<Executor::Port>& Executor::inputs() const { return state_->inputs; }
const std::vector<Executor::Port>& Executor::outputs() const { return state_->outputs; }

Result<std::vector<Tensor>> Executor::run(const std::vector<Tensor>& inputs) {
  const auto wrong = [](std::string what, std::string got, std::string expected) {
    return Error{.code = "E103", .who = "Executor::run", .what = std::move(what), .got = std::move(got), .expected = std::move(expected), .remedy = {}, .node = {}};
  };
  if (inputs.size() != state_->inputs.size())
    return wrong("a wrong number of inputs", std::to_string(inputs.size()), std::to_string(state_->inputs.size()));
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const TensorType& type = state_->inputs[i].type;
    if (inputs[i].dtype() != type.dtype || inputs[i].shape() != type.shape)
      return wrong("input '" + state_->inputs[i].name + "' has another type", std::string(to_string(inputs[i].dtype())) + " " + to_string(inputs[i].shape()),
                   std::string(to_string(type.dtype)) + " " + to_string(type.shape));
  }
  return state_->session.run(inputs);
}

}  // namespace xpuq
