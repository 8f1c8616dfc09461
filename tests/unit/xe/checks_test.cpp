// Faults planted into kernels that compilers made: each is found, and said in the right words. That the untouched kernels
// give no findings is tested beside their results (opencl_kernels_test, onednn_kernels_test).
#include <functional>

#include "catch.h"

#include "fixture.h"
#include "opencl_cases.h"
#include "xe/prepare.h"

using namespace xpuq::xe;
using namespace xe_test;

namespace {

using Change = std::function<void(std::vector<Instruction>&)>;

/// A module whose kernel `name` has other instructions.
Module changed(Module module, const std::string& name, const Change& change) {
  for (Kernel& k : module.kernels) {
    if (k.info.name != name) continue;
    std::vector<Instruction> code = k.code->instructions;
    change(code);
    k.code = prepare_kernel(k.platform, k.info, std::move(code));
  }
  return module;
}

void drop(Instruction& i) {
  Instruction nothing;
  nothing.opcode = Opcode::nop;
  nothing.offset = i.offset;
  nothing.bytes = i.bytes;
  i = nothing;
}

/// What a run with checks says; empty: nothing.
std::string finding(const Module& module, const std::function<std::string(Bench&)>& run) {
  Bench bench(module);
  bench.limits.checks = true;
  bench.limits.instructions = 50'000'000;
  (void)run(bench);
  return bench.error;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("waits that are missing are found") {
  for (const char* product : {"dg2", "bmg"}) {
    INFO(product);
    const Module module = module_of(product, "kernels");
    using Case = std::string (*)(Bench&);
    for (const auto& [kernel, run] : std::initializer_list<std::pair<const char*, Case>>{{"bytes", run_bytes}, {"local_sum", run_local}}) {
      const std::vector<Instruction> code = module.find(kernel)->code->instructions;
      std::size_t waits = 0, found = 0, reads = 0, writes = 0, tokens = 0;
      for (std::size_t k = static_cast<std::size_t>(module.find(kernel)->code->entry); k < code.size(); ++k) {
        const Annotation& a = code[k].annotation;
        if (a.pipe == DistancePipe::none && (a.use == TokenUse::none || a.use == TokenUse::set)) continue;
        ++waits;
        const Module broken = changed(module, kernel, [&](auto& all) {
          all[k].annotation.pipe = DistancePipe::none;
          if (a.use != TokenUse::set) all[k].annotation.use = TokenUse::none;
        });
        const std::string said = finding(broken, run);
        if (said.empty()) continue;  // another instruction waited already, or none needed it
        INFO(text_of(code[k]) << "\n" << said);
        CHECK(said.rfind("E625: ", 0) == 0);
        CHECK(has(said, "kernel '" + std::string(kernel) + "', group 0,0,0, thread "));
        CHECK(has(said, " without a wait for the instruction that still "));
        reads += has(said, " is read without");
        writes += has(said, " is written without");
        tokens += has(said, "(token ");
        ++found;
      }
      INFO(kernel << ": " << found << " of " << waits << ", " << reads << " reads, " << writes << " writes, " << tokens << " tokens");
      CHECK(found * 10 >= waits * 6);
      CHECK(reads > 0);
      CHECK(tokens > 0);
    }
  }
}

TEST_CASE("a token that is not taken, or another one that is waited for, is found") {
  const Module module = module_of("bmg", "kernels");
  const auto load = [](const Instruction& i) { return i.is_send() && i.destination.file == File::general && i.annotation.use == TokenUse::set; };
  const std::vector<Instruction>& code = module.find("consts")->code->instructions;
  const auto first = std::find_if(code.begin() + module.find("consts")->code->entry, code.end(), load) - code.begin();
  for (const bool other : {false, true}) {
    const Module broken = changed(module, "consts", [&](auto& all) {
      Annotation& a = all[static_cast<std::size_t>(first)].annotation;
      if (other) a.token = 15;
      else a.use = TokenUse::none;
    });
    const std::string said = finding(broken, run_small);
    INFO(said);
    CHECK(has(said, "E625"));
    CHECK(has(said, "is read without a wait for the instruction that still writes it"));
    CHECK(has(said, "byte " + std::to_string(code[static_cast<std::size_t>(first)].offset) + ": "));
  }
  // Patterns that mean nothing.
  const Module broken = changed(module, "consts", [&](auto& all) { all[static_cast<std::size_t>(first)].annotation.known = false; });
  CHECK(has(finding(broken, run_small), "its dependency annotation means nothing"));
}

TEST_CASE("a barrier that is missing is a race") {
  for (const char* product : {"dg2", "bmg", "ptl"}) {
    INFO(product);
    const Module broken = changed(module_of(product, "kernels"), "local_sum", [](auto& all) {
      for (Instruction& i : all) {
        if ((i.is_send() && i.send.unit == Unit::gateway && !i.send.end_of_thread) || (i.opcode == Opcode::sync && i.sync == SyncFunction::bar)) drop(i);
      }
    });
    const std::string said = finding(broken, run_local);
    INFO(said);
    CHECK(has(said, "E625"));
    CHECK(has(said, "kernel 'local_sum', group 0,0,0, thread "));
    CHECK(has(said, "a race: byte "));
    CHECK(has(said, " of local memory is "));
    CHECK(has(said, " with no barrier in between, byte "));
  }
}

TEST_CASE("groups that write the same place are a race") {
  for (const char* product : {"dg2", "bmg", "ptl"}) {
    INFO(product);
    const Module module = module_of(product, "kernels");
    // A volume of width 0: groups that differ in y or z only write the same elements.
    const std::string said = finding(module, [](Bench& b) {
      const auto out = b.upload(std::vector<std::int32_t>(64));
      (void)b.run("three", {{4, 1, 1}, {2, 2, 1}}, {at(out), number(0), number(0)});
      return b.error;
    });
    INFO(said);
    CHECK(has(said, "E625"));
    CHECK(has(said, "kernel 'three', group 0,1,0, thread 0, instruction at byte "));
    CHECK(has(said, " of device memory is written, and group 0, thread 0 wrote it in the same launch"));
  }
}

TEST_CASE("what depends on data that nobody wrote differs between two patterns") {
  const Module module = module_of("bmg", "kernels");
  // The same launch twice; what its stores and addresses did.
  const auto run = [](const Module& m, const std::string& kernel, std::uint32_t size, Trace& trace) {
    std::string error;
    for (const std::uint8_t poison : {std::uint8_t{0xcd}, std::uint8_t{0x32}}) {
      Memory memory({.poison = poison});
      Machine machine(memory);
      const auto in = memory.allocate(1024, "in").value(), out = memory.allocate(4096, "out").value();
      const std::uint8_t three = 3;
      (void)memory.fill(in, 512, {&three, 1}).ok();
      Limits limits;
      limits.poison = poison;
      limits.trace = &trace;
      const auto ran = machine.launch(*m.find(kernel), line(2, size), std::vector{at(in), at(out)}, limits);
      if (!ran) error = ran.error().text();
      trace.compare();
    }
    return error;
  };
  Trace clean, beyond, lost;
  CHECK(run(module, "switches", 64, clean) == "");
  CHECK(clean.differences.empty());
  // Elements behind the 512 bytes that were written reach the output.
  CHECK(run(module, "shuffles", 96, beyond) == "");
  REQUIRE_FALSE(beyond.differences.empty());
  CHECK(beyond.differences[0].group == 1);
  // There they choose an element of a table.
  const std::string said = run(module, "consts", 96, lost);
  INFO(said);
  CHECK(has(said, "E625"));
  CHECK(has(said, "kernel 'consts', group 1,0,0, thread "));
  CHECK(has(said, "an address or a branch depends on data that nobody wrote"));
}
