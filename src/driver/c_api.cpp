// The C API over xpuq::Executor: no exception leaves it, and every failure leaves its words with the thread.
#include <algorithm>
#include <exception>
#include <memory>
#include <new>

#include "support/text.h"
#include "xpuq/executor.h"
#include "xpuq/xpuq.h"

using xpuq::DataType;
using xpuq::Error;
using xpuq::Executor;
using xpuq::make_error;
using xpuq::Result;

static_assert(static_cast<int>(DataType::f32) == XPUQ_F32 && static_cast<int>(DataType::s8) == XPUQ_S8 &&
              static_cast<int>(DataType::s64) == XPUQ_S64 && static_cast<int>(DataType::boolean) == XPUQ_BOOL);

struct xpuq_executor {
  explicit xpuq_executor(Executor opened) : executor(std::move(opened)), device(executor.device()) {
    describe(executor.inputs(), inputs);
    describe(executor.outputs(), outputs);
    sources.resize(inputs.size());
    targets.resize(outputs.size());
  }

  Executor executor;
  std::string device;
  std::vector<xpuq_port> inputs, outputs;  ///< their pointers lead into the executor
  std::vector<const void*> sources;        ///< null: not bound yet
  std::vector<void*> targets;

 private:
  static void describe(const std::vector<Executor::Port>& ports, std::vector<xpuq_port>& out) {
    for (const auto& [name, type] : ports)
      out.push_back({name.c_str(), static_cast<xpuq_type>(type.dtype), static_cast<std::uint32_t>(type.shape.size()), type.shape.data(), type.bytes()});
  }
};

namespace {

std::string& last_error() {
  thread_local std::string text;
  return text;
}

/// Keeps the words; gives the number in "E204". Even the words may not fit into memory.
xpuq_status failed(const Error& error) noexcept {
  try {
    last_error() = error.text();
    return static_cast<xpuq_status>(std::stoi(error.code.substr(1)));
  } catch (const std::exception&) {
    last_error().clear();
    return XPUQ_NO_RESOURCES;
  }
}

Error wrong(const char* who, std::string what, std::string got = {}, std::string expected = {}) {
  return make_error("E103", who, std::move(what), std::move(got), std::move(expected));
}

/// Runs what gives a Result<void>.
template <class Body>
xpuq_status guarded(const char* who, Body&& body) noexcept {
  try {
    const Result<void> result = body();
    return result.ok() ? XPUQ_OK : failed(result.error());
  } catch (const std::bad_alloc&) {
    last_error() = "E101: out of memory";  // fits into the string itself or into what it has already
    return XPUQ_NO_RESOURCES;
  } catch (const std::exception& e) {
    return failed(make_error("E100", who, "stopped by an unexpected condition, which is a bug", e.what(), {}, "report it with the model"));
  } catch (...) {
    return failed(make_error("E100", who, "stopped by an unexpected condition, which is a bug"));
  }
}

/// A caller built against a newer library may have a longer struct; what this one does not know must not be set.
Result<Executor::Options> read_options(const xpuq_options* given) {
  Executor::Options options;
  if (given == nullptr) return options;
  constexpr std::size_t kKnown = sizeof(xpuq_options), kMost = 4096;
  if (given->size < kKnown || given->size > kMost)
    return wrong("xpuq_options", "size is not that of the struct", std::to_string(given->size), "sizeof(xpuq_options), " + std::to_string(kKnown));
  const auto* bytes = reinterpret_cast<const unsigned char*>(given);
  if (std::any_of(bytes + kKnown, bytes + given->size, [](unsigned char b) { return b != 0; }))
    return wrong("xpuq_options", "an option that this version of the library does not know", {}, "libxpuq " + std::string(xpuq::version()));
  if (given->device != nullptr) options.device = given->device;
  if (given->threads < 0 || given->batch < 0) return wrong("xpuq_options", "a negative number", "threads " + std::to_string(given->threads) + ", batch " + std::to_string(given->batch));
  options.threads = given->threads;
  if (given->batch > 0) options.batch = given->batch;
  if (given->public_key != nullptr) options.public_key = given->public_key;
  return options;
}

template <class Pointer>
Result<void> bind(const char* who, const std::vector<xpuq_port>& ports, std::vector<Pointer>& bound, std::size_t index, Pointer data, std::size_t bytes) {
  if (index >= ports.size()) return wrong(who, "no such index", std::to_string(index), "less than " + std::to_string(ports.size()));
  if (data == nullptr) return wrong(who, std::string("no array for '") + ports[index].name + "'");
  if (bytes != ports[index].bytes) return wrong(who, std::string("an array of another size for '") + ports[index].name + "'", std::to_string(bytes) + " bytes", std::to_string(ports[index].bytes) + " bytes");
  bound[index] = data;
  return {};
}

}  // namespace

const char* xpuq_version(void) { return xpuq::version().data(); }
const char* xpuq_last_error(void) { return last_error().c_str(); }

xpuq_status xpuq_open(const char* artifact, const xpuq_options* options, xpuq_executor** executor) {
  return guarded("xpuq_open", [&]() -> Result<void> {
    if (executor == nullptr) return wrong("xpuq_open", "nowhere to put the executor");
    *executor = nullptr;
    if (artifact == nullptr) return wrong("xpuq_open", "no name of an artifact");
    XPUQ_ASSIGN(const Executor::Options chosen, read_options(options));
    XPUQ_ASSIGN(Executor opened, Executor::open(artifact, chosen));
    *executor = std::make_unique<xpuq_executor>(std::move(opened)).release();
    return {};
  });
}

xpuq_status xpuq_clone(const xpuq_executor* executor, xpuq_executor** clone) {
  return guarded("xpuq_clone", [&]() -> Result<void> {
    if (clone == nullptr) return wrong("xpuq_clone", "nowhere to put the clone");
    *clone = nullptr;
    if (executor == nullptr) return wrong("xpuq_clone", "no executor");
    XPUQ_ASSIGN(Executor another, executor->executor.another());
    *clone = std::make_unique<xpuq_executor>(std::move(another)).release();
    return {};
  });
}

void xpuq_close(xpuq_executor* executor) { delete executor; }

const char* xpuq_device(const xpuq_executor* executor) { return executor != nullptr ? executor->device.c_str() : ""; }
size_t xpuq_input_count(const xpuq_executor* executor) { return executor != nullptr ? executor->inputs.size() : 0; }
size_t xpuq_output_count(const xpuq_executor* executor) { return executor != nullptr ? executor->outputs.size() : 0; }
const xpuq_port* xpuq_input(const xpuq_executor* executor, size_t index) { return index < xpuq_input_count(executor) ? &executor->inputs[index] : nullptr; }
const xpuq_port* xpuq_output(const xpuq_executor* executor, size_t index) { return index < xpuq_output_count(executor) ? &executor->outputs[index] : nullptr; }

xpuq_status xpuq_bind_input(xpuq_executor* executor, size_t index, const void* data, size_t bytes) {
  return guarded("xpuq_bind_input", [&]() -> Result<void> {
    if (executor == nullptr) return wrong("xpuq_bind_input", "no executor");
    return bind("xpuq_bind_input", executor->inputs, executor->sources, index, data, bytes);
  });
}

xpuq_status xpuq_bind_output(xpuq_executor* executor, size_t index, void* data, size_t bytes) {
  return guarded("xpuq_bind_output", [&]() -> Result<void> {
    if (executor == nullptr) return wrong("xpuq_bind_output", "no executor");
    return bind("xpuq_bind_output", executor->outputs, executor->targets, index, data, bytes);
  });
}

xpuq_status xpuq_run(xpuq_executor* executor) {
  return guarded("xpuq_run", [&]() -> Result<void> {
    if (executor == nullptr) return wrong("xpuq_run", "no executor");
    return executor->executor.run(executor->sources, executor->targets);
  });
}
