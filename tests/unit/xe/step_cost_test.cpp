// Costs of instructions: against the peaks that Intel publishes, and against small kernels counted by hand.
#include "support/catch.h"
#include "xe/step_cost.h"

using namespace xpuq::xe;

namespace {

Step step(Pipe pipe, Opcode opcode, int channels, Type type) {
  Step s;
  s.pipe = pipe;
  s.opcode = opcode;
  s.channels = static_cast<std::uint8_t>(channels);
  s.destination.none = false;
  s.destination.type = type;
  for (Source& source : s.source) {
    source.type = type;
    source.shape = Shape::flat;
  }
  return s;
}

Step dpas(int channels, Type type) {
  Step s = step(Pipe::systolic, Opcode::dpas, channels, type);
  s.depth = s.repeat = 8;
  return s;
}

EngineLoad load_of(const Step& s, Platform platform, std::uint64_t times = 1) {
  PreparedCode code;
  code.steps.push_back(s);
  const std::uint64_t executed[] = {times};
  return engine_load(code, executed, engine_rates(platform));
}

std::uint64_t cycles(const EngineLoad& load, Pipe pipe) { return load.cycles[static_cast<std::size_t>(pipe)]; }

}  // namespace

TEST_CASE("peaks are those of the product pages", "[xe]") {
  struct Part { Platform platform; double engines, clock, tops; };
  // Int8 TOPS and clocks from ark.intel.com and, for the Max series, Intel's product brief.
  const Part parts[] = {{Platform::dg2, 512, 2.0e9, 262}, {Platform::bmg, 160, 2.85e9, 233}, {Platform::pvc, 1024, 1.6e9, 1678}, {Platform::lnl, 64, 2.05e9, 67}, {Platform::arl_h, 128, 2.35e9, 77}};
  for (const Part& p : parts) {
    const double tops = static_cast<double>(peak_operations(engine_rates(p.platform))) * p.engines * p.clock * 1e-12;
    CHECK(tops == Approx(p.tops).epsilon(0.01));
  }
  // Without a matrix engine: dp4a on all lanes.
  CHECK(peak_operations(engine_rates(Platform::mtl)) == 64);
}

TEST_CASE("cycles of the pipes", "[xe]") {
  CHECK(cycles(load_of(step(Pipe::floating, Opcode::mad, 16, Type::f), Platform::dg2), Pipe::floating) == 2);
  CHECK(cycles(load_of(step(Pipe::floating, Opcode::mad, 16, Type::hf), Platform::dg2), Pipe::floating) == 1);
  CHECK(cycles(load_of(step(Pipe::floating, Opcode::mad, 32, Type::f), Platform::bmg), Pipe::floating) == 2);
  CHECK(cycles(load_of(step(Pipe::floating, Opcode::mad, 16, Type::df), Platform::pvc), Pipe::floating) == 2);
  CHECK(cycles(load_of(step(Pipe::integer, Opcode::add, 16, Type::b), Platform::dg2), Pipe::integer) == 2);
  CHECK(cycles(load_of(step(Pipe::math, Opcode::math, 16, Type::f), Platform::pvc), Pipe::math) == 4);
  // 8 x 8 x 8 channels x 4 products at 128 a clock; half precision has two products a word and takes as long.
  CHECK(cycles(load_of(dpas(8, Type::b), Platform::dg2), Pipe::systolic) == 16);
  CHECK(cycles(load_of(dpas(8, Type::hf), Platform::dg2), Pipe::systolic) == 16);
  CHECK(cycles(load_of(dpas(16, Type::b), Platform::pvc), Pipe::systolic) == 8);
}

TEST_CASE("operations and register bytes", "[xe]") {
  CHECK(load_of(dpas(8, Type::b), Platform::dg2).operations == 2u * 8 * 8 * 8 * 4);
  CHECK(load_of(dpas(8, Type::hf), Platform::dg2).operations == 2u * 8 * 8 * 8 * 2);
  CHECK(load_of(step(Pipe::integer, Opcode::dp4a, 16, Type::d), Platform::mtl, 3).operations == 3u * 128);
  const EngineLoad mad = load_of(step(Pipe::floating, Opcode::mad, 16, Type::f), Platform::dg2, 10);
  CHECK(mad.operations == 320);
  CHECK(mad.register_bytes == 10u * 4 * 64);
  Step message = step(Pipe::message, Opcode::send, 16, Type::none);
  CHECK(load_of(message, Platform::dg2, 7).loads == 7);
  message.destination.none = true;
  CHECK(load_of(message, Platform::dg2, 7).loads == 0);
}
