// mutations ARTIFACT PART COUNT: flips one bit in the program of a part, COUNT times from seeds, in a module, an argument,
// a count of groups or a number that the set-up uploads (scales, zero points, tables), and asks whether the emulated part
// notices: the verifier or a reader refuses the program, the emulator stops with an error, or some value of some step is
// another one, on two inputs. Of changes that alter no value it says why: an instruction that is never reached, bits that
// decode to the same kernel, an argument that is not read, a count that only adds groups behind the end, a scale whose
// other last bits round away. What is left are instructions that compute the same in another way ("mov :d" for "mov :ud")
// or something that nobody uses; they are listed. Exit status 1 when those are more than one change in twenty.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>

#include "artifact/artifact.h"
#include "driver/gpu_program.h"
#include "gpu/verify.h"
#include "runtime/emulated/emulated_device.h"
#include "xe/module.h"
#include "xe/prepare.h"

namespace {

using namespace xpuq;

/// Every value of every step, as bytes.
class Recording final : public StepObserver {
 public:
  explicit Recording(const gpu::Program& program, const Plan& plan) : program_(program), plan_(plan) {}
  std::vector<std::byte> bytes;
  Result<void> before(std::uint32_t, const ReadValue&) override { return {}; }
  Result<void> after(std::uint32_t step, const ReadValue& read) override {
    for (const std::uint32_t v : plan_.steps[step].outputs) {
      if (!program_.values[v]) continue;
      std::vector<std::byte> value(program_.values[v]->bytes);
      XPUQ_TRY(read(v, value));
      bytes.insert(bytes.end(), value.begin(), value.end());
    }
    return {};
  }

 private:
  const gpu::Program& program_;
  const Plan& plan_;
};

enum class Change { module, argument, count, number };

struct Place {
  Change change;
  std::size_t command = 0, at = 0, axis = 0;  ///< command: of the inference; at: module, argument or byte of the literals
  std::size_t bit = 0;
};

class Bench {
 public:
  Bench(const Plan& plan, std::shared_ptr<const gpu::Program> program, GpuDevice& device, xe::Platform platform)
      : plan_(plan), program_(std::move(program)), device_(device), platform_(platform) {
    for (std::uint64_t seed = 1; seed <= 2; ++seed) inputs_.push_back(selftest_inputs(plan, seed));
  }

  /// Values on all inputs; an error where something refuses.
  Result<std::vector<std::byte>> values(const gpu::Program& program) {
    if (const std::string problem = gpu::verify(program, plan_); !problem.empty()) return make_error("E502", "the verifier", problem);
    auto shared = std::make_shared<const gpu::Program>(program);
    XPUQ_ASSIGN(const std::unique_ptr<GpuExecutable> executable, device_.load(plan_, shared, {}));
    Recording recording(program, plan_);
    for (const std::vector<Tensor>& input : inputs_) {
      std::vector<const void*> in;
      std::vector<Tensor> outputs;
      std::vector<void*> out;
      for (const Tensor& t : input) in.push_back(t.raw());
      for (const std::uint32_t v : plan_.outputs) outputs.emplace_back(plan_.values[v].type.dtype, plan_.values[v].type.shape);
      for (Tensor& t : outputs) out.push_back(t.raw());
      XPUQ_TRY(executable->run_observed(in, out, recording));
    }
    return std::move(recording.bytes);
  }

  Place pick(unsigned seed) const {
    std::mt19937 random(seed);
    std::vector<std::size_t> launches;
    for (std::size_t i = 0; i < program_->inference.size(); ++i)
      if (std::holds_alternative<gpu::Launch>(program_->inference[i].what)) launches.push_back(i);
    Place p{.change = static_cast<Change>(seed % 4), .command = launches[random() % launches.size()]};
    const auto& l = std::get<gpu::Launch>(program_->inference[p.command].what);
    switch (p.change) {
      case Change::module:
        p.at = l.module;
        p.bit = random() % (8 * program_->modules[p.at].size());
        break;
      case Change::argument:
        p.at = random() % l.arguments.size();
        p.bit = random();
        break;
      case Change::count:
        p.axis = random() % 3;
        p.bit = random() % 8;
        break;
      case Change::number: p.bit = random() % std::max<std::size_t>(8 * program_->literals.size(), 1);
    }
    return p;
  }

  gpu::Program changed(const Place& p) const {
    gpu::Program out = *program_;
    auto& l = std::get<gpu::Launch>(out.inference[p.command].what);
    switch (p.change) {
      case Change::module: flip(out.modules[p.at], p.bit); break;
      case Change::count: l.group_count[p.axis] ^= 1u << p.bit; break;
      case Change::number: flip(out.literals, p.bit); break;
      case Change::argument: {
        gpu::Argument& a = l.arguments[p.at];
        if (auto* b = std::get_if<gpu::BufferArgument>(&a)) b->range.offset ^= std::uint64_t{1} << p.bit % 24;
        else if (auto* v = std::get_if<gpu::ValueArgument>(&a)) flip(v->bytes, p.bit % (8 * v->bytes.size()));
        else if (auto* s = std::get_if<gpu::LocalArgument>(&a)) s->bytes ^= std::uint64_t{1} << p.bit % 16;
        else a = gpu::ValueArgument{{1, 0, 0, 0, 0, 0, 0, 0}};
      }
    }
    return out;
  }

  /// Why a change that leaves all values alone means nothing; empty: an executed instruction is another one.
  std::string reason(const Place& p, const std::vector<std::byte>& expected) {
    switch (p.change) {
      case Change::module: return difference(p).empty() ? "decodes to the same kernels" : never_reached(p, expected) ? "is never reached" : "";
      case Change::count: return "groups behind the end change nothing";
      case Change::number: return (p.bit / 8) % 4 < 2 ? "low bits round away" : "high bits are not used";
      case Change::argument: return not_read(p, expected) ? "the argument is not read" : "what is read is the same";
    }
    return {};
  }

  /// The first instruction that decodes to something else in the other module, before and after; "?" when the modules
  /// cannot be compared one by one; empty: the kernels are the same.
  std::string difference(std::size_t module, const std::vector<std::uint8_t>& other) const {
    const auto one = xe::load_module(program_->modules[module], platform_, "module"), two = xe::load_module(other, platform_, "module");
    if (!one.ok() || !two.ok() || one->kernels.size() != two->kernels.size()) return "?";
    for (std::size_t k = 0; k < one->kernels.size(); ++k) {
      const auto &a = one->kernels[k].code->instructions, &b = two->kernels[k].code->instructions;
      if (a.size() != b.size()) return "?";
      for (std::size_t i = 0; i < a.size(); ++i)
        if (text_of(a[i]) != text_of(b[i]) || a[i].offset != b[i].offset) return text_of(a[i]) + "  ->  " + text_of(b[i]);
    }
    return {};
  }
  std::string difference(const Place& p) const { return difference(p.at, changed(p).modules[p.at]); }

 private:
  static void flip(std::vector<std::uint8_t>& bytes, std::size_t bit) { bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8); }

  /// The changed instruction made illegal: if all runs still end with the same values, nobody executes it.
  bool never_reached(const Place& p, const std::vector<std::byte>& expected) {
    // Instructions begin at multiples of 8 bytes and have up to 16.
    for (const std::size_t back : {std::size_t{0}, std::size_t{8}}) {
      const std::size_t at = p.bit / 8 / 8 * 8 - std::min(back, p.bit / 8 / 8 * 8);
      gpu::Program other = *program_;
      other.modules[p.at][at] &= 0x80;
      if (difference(p.at, other.modules[p.at]).empty()) continue;
      const auto got = values(other);
      if (got.ok() && *got == expected) return true;
    }
    return false;
  }

  /// Every bit of a value turned round: if nothing changes, the kernel does not look at it.
  bool not_read(const Place& p, const std::vector<std::byte>& expected) {
    gpu::Program other = *program_;
    auto& l = std::get<gpu::Launch>(other.inference[p.command].what);
    auto* v = std::get_if<gpu::ValueArgument>(&l.arguments[p.at]);
    if (!v) return false;
    for (std::uint8_t& b : v->bytes) b = static_cast<std::uint8_t>(~b);
    const auto got = values(other);
    return got.ok() && *got == expected;
  }

  const Plan& plan_;
  std::shared_ptr<const gpu::Program> program_;
  GpuDevice& device_;
  xe::Platform platform_;
  std::vector<std::vector<Tensor>> inputs_;
};

int fail(const std::string& what) {
  std::printf("%s\n", what.c_str());
  return 1;
}

int check(const char* path, const char* part, unsigned count) {
  const auto target = gpu::find_target(part);
  if (!target.ok()) return fail(target.error().text());
  const auto platform = xe::platform_named(target->family);
  auto device = emulated_device(*target);
  if (!device.ok()) return fail(device.error().text());
  const auto artifact = open_artifact(path);
  if (!artifact.ok()) return fail(artifact.error().text());
  std::string note;
  const auto program = section_program(*artifact, 0, target->key, path, note);
  if (!program.ok()) return fail(program.error().text());
  if (!*program) return fail("no section for this part");

  Bench bench(artifact->plans[0], *program, **device, *platform);
  const auto expected = bench.values(**program);
  if (!expected.ok()) return fail(expected.error().text());
  std::map<std::string, unsigned> outcomes;
  unsigned same = 0;
  for (unsigned seed = 1; seed <= count; ++seed) {
    const Place place = bench.pick(seed);
    const auto got = bench.values(bench.changed(place));
    std::string outcome;
    if (!got.ok()) outcome = "error " + got.error().code;
    else if (*got != *expected) outcome = "another value";
    else outcome = bench.reason(place, *expected);
    if (outcome.empty()) {
      ++same;
      outcome = "computes the same";
      std::printf("seed %u, module %zu, bit %zu: %s\n", seed, place.at, place.bit, bench.difference(place).c_str());
    }
    ++outcomes[outcome];
  }
  std::string line = std::to_string(count) + " changes:";
  for (const auto& [outcome, n] : outcomes) line += " " + std::to_string(n) + " " + outcome + ",";
  line.pop_back();
  std::printf("%s\n", line.c_str());
  return 20 * same <= count ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return fail("usage: mutations ARTIFACT PART COUNT");
  return check(argv[1], argv[2], static_cast<unsigned>(std::max(1, std::atoi(argv[3]))));
}
