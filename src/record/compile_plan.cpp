#include "record/compile_plan.h"

#include <algorithm>

#include "gpu/hazards.h"
#include "gpu/ports.h"
#include "gpu/verify.h"
#include "opencl/kernel.h"
#include "plan/memory.h"
#include "record/device_facts.h"
#include "record/library_step.h"
#include "record/offline_compiler.h"
#include "record/recorder.h"
#include "support/check.h"

namespace xpuq::record {
namespace {

using gpu::Access;
using gpu::Arena;
using gpu::Range;

/// Weights take at most this many times their size when packed, compensation included; small ones are padded to blocks.
constexpr std::uint64_t kPackedGrowth = 4, kPackedSlack = std::uint64_t{64} << 20;
constexpr std::uint64_t kPoolBytes = std::uint64_t{64} << 20;
/// oneDNN's first execution may set up state of its own; what follows must not differ.
constexpr int kInferences = 3;

/// A group of plan steps on its way to commands.
struct Work {
  opencl::Group group;
  StepPtr library;                      ///< oneDNN's
  std::vector<opencl::Kernel> kernels;  ///< own ones, where oneDNN has nothing
  bool alias = false;                   ///< the output has the bytes of the input: nothing to do
  std::uint64_t scratch_bytes = 0;
  std::optional<Range> scratch;
};

class PlanCompiler {
 public:
  PlanCompiler(const Plan& plan, std::uint32_t number, Tracer& tracer, const std::vector<KernelChoice>& choices)
      : plan_(plan), choices_(choices), engine_(dnnl::engine::kind::gpu, 0), arenas_(engine_), recorder_(plan, arenas_, tracer, program_),
        library_{engine_, dnnl::stream(engine_, dnnl::stream::flags::in_order), &recorder_}, tracer_(tracer) {
    program_.plan = number;
  }

  Result<gpu::Program> run() {
    XPUQ_ASSIGN(program_.device, device_facts());
    const dnnl_version_t* v = dnnl_version();
    program_.library = "oneDNN " + std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch);
    program_.plan_sha256 = gpu::plan_digest(plan_);
    program_.steps.resize(plan_.steps.size());
    program_.values.resize(plan_.values.size());
    arenas_.reserve(Arena::constant, plan_.constants.size() * kPackedGrowth + kPackedSlack);
    arenas_.reserve(Arena::raw, plan_.constants.size() * kPackedGrowth + kPackedSlack);
    tracer_.listen(&recorder_);
    XPUQ_TRY(make_work());
    plan_memory();
    XPUQ_TRY(place_constants());
    XPUQ_TRY(record_inferences());
    tracer_.listen(nullptr);
    gpu::set_barriers(program_.setup);
    gpu::set_barriers(program_.inference);
    for (std::size_t a = 0; a < gpu::kArenas; ++a) program_.arena_bytes[a] = arenas_.taken(static_cast<Arena>(a));
    if (std::string problem = gpu::verify(program_, plan_); !problem.empty()) return fault(problem);
    return std::move(program_);
  }

 private:
  static Error fault(const std::string& what) {
    return make_error("E101", "recording", "the recorded program is not sound: " + what, {}, {}, "please report this with the model");
  }

  bool wants_library(const Step& step) const {
    const auto s = static_cast<std::size_t>(&step - plan_.steps.data());
    return is_library_step(plan_, step) && (s >= choices_.size() || choices_[s] == KernelChoice::library);
  }

  Result<void> make_work() {
    for (opencl::Group& group : opencl::group_steps(plan_, [&](const Step& s) { return !wants_library(s); })) {
      Work work;
      work.group = std::move(group);
      const std::uint32_t last = work.group.steps.back();
      const Step& step = plan_.steps[last];
      recorder_.at_step(last);
      work.alias = work.group.steps.size() == 1 && step.in_place && (step.op == OpKind::reshape || step.op == OpKind::flatten);
      if (!work.alias && wants_library(step)) work.library = make_library_step(plan_, step, library_);
      if (!recorder_.problem().empty()) return fault(recorder_.problem());
      if (work.library) {
        work.scratch_bytes = work.library->scratch_bytes();
        program_.steps[last] = {work.library->primitive(), work.library->implementation(), {}};
      } else if (work.alias) {
        program_.steps[last] = {std::string(to_string(step.op)), "xpuq:in_place", {}};
      } else {
        XPUQ_TRY(make_own(work));
      }
      for (std::uint32_t s : work.group.steps)
        if (s != last) program_.steps[s] = {std::string(to_string(plan_.steps[s].op)), "xpuq:fused", last};
      work_.push_back(std::move(work));
    }
    return {};
  }

  Result<void> make_own(Work& work) {
    const std::uint32_t last = work.group.steps.back();
    auto kernels = opencl::emit(plan_, work.group);
    if (!kernels.ok()) {
      Error e = std::move(kernels.error());
      if (e.node.empty() && !plan_.steps[last].origin.empty()) e.node = plan_.steps[last].origin.front();
      return e;
    }
    work.kernels = std::move(*kernels);
    for (const opencl::Kernel& k : work.kernels)
      for (const opencl::KernelArgument& a : k.arguments) work.scratch_bytes += gpu::align_gpu(a.scratch_bytes);
    const std::string kind = work.kernels.empty() ? std::string(to_string(plan_.steps[last].op)) : work.kernels.back().kind;
    program_.steps[last] = {kind, "xpuq:opencl", {}};
    return {};
  }

  /// Offsets of activations and scratch. A group is one moment of time.
  void plan_memory() {
    constexpr std::size_t kNone = SIZE_MAX;
    std::vector<std::size_t> block_of(plan_.values.size(), kNone);
    std::vector<MemoryBlock> blocks;
    std::vector<std::size_t> scratch_block(work_.size(), kNone);
    std::vector<std::size_t> last_use(plan_.values.size(), 0);
    for (std::size_t w = 0; w < work_.size(); ++w)
      for (std::uint32_t v : work_[w].group.inputs) last_use[v] = w;
    const auto touch = [&](std::size_t block, std::size_t w, std::uint64_t bytes) {
      blocks[block].bytes = std::max(blocks[block].bytes, gpu::align_gpu(std::max<std::uint64_t>(bytes, 1)));
      blocks[block].life.last = std::max(blocks[block].life.last, w);
    };
    for (std::size_t w = 0; w < work_.size(); ++w) {
      const Work& work = work_[w];
      const Step& step = plan_.steps[work.group.steps.back()];
      for (std::uint32_t v : work.group.inputs)
        if (block_of[v] != kNone) touch(block_of[v], w, 0);
      for (std::uint32_t v : work.group.outputs) {
        if (plan_.values[v].place != Place::arena) continue;
        std::size_t block = kNone;
        if (step.in_place && v == step.outputs[0] && (work.alias || work.library)) {
          const std::uint32_t in = step.inputs[*step.in_place];
          if (last_use[in] == w && block_of[in] != kNone) block = block_of[in];
        }
        if (block == kNone) {
          block = blocks.size();
          blocks.push_back({0, {w, w}, 0});
        }
        block_of[v] = block;
        touch(block, w, plan_.values[v].type.bytes());
      }
      if (work.scratch_bytes > 0) {
        scratch_block[w] = blocks.size();
        blocks.push_back({0, {w, w}, 0});
        touch(scratch_block[w], w, work.scratch_bytes);
      }
    }
    const std::uint64_t bytes = place_blocks(blocks);
    arenas_.reserve(Arena::work, bytes + kPoolBytes);
    arenas_.take(Arena::work, bytes);
    for (std::size_t v = 0; v < block_of.size(); ++v)
      if (block_of[v] != kNone) program_.values[v] = Range{Arena::work, blocks[block_of[v]].offset, plan_.values[v].type.bytes()};
    for (std::size_t w = 0; w < work_.size(); ++w)
      if (scratch_block[w] != kNone) work_[w].scratch = Range{Arena::work, blocks[scratch_block[w]].offset, work_[w].scratch_bytes};
    place_ports(Arena::input, plan_.inputs, gpu::input_ports(plan_));
    place_ports(Arena::output, plan_.outputs, gpu::output_ports(plan_));
  }

  void place_ports(Arena arena, const std::vector<std::uint32_t>& values, const gpu::Ports& ports) {
    arenas_.reserve(arena, ports.bytes);
    arenas_.take(arena, ports.bytes);
    for (std::size_t i = 0; i < values.size(); ++i) program_.values[values[i]] = ports.ranges[i];
  }

  /// Constants that are read as they are: biases, operands of own kernels. (Packed weights were placed by their step.)
  Result<void> place_constants() {
    for (const Work& work : work_) {
      recorder_.at_step(work.group.steps.back());
      std::vector<std::uint32_t> used;
      if (work.library) used = library_values(*work.library);
      for (const opencl::Kernel& k : work.kernels)
        for (const opencl::KernelArgument& a : k.arguments)
          if (a.kind == opencl::KernelArgument::Kind::value) used.push_back(a.value);
      for (std::uint32_t v : used) {
        const PlanValue& value = plan_.values[v];
        if (value.place == Place::constant && !program_.values[v]) program_.values[v] = recorder_.resident(Arena::constant, value.offset, value.type.bytes());
        if (!program_.values[v]) return fault("value " + std::to_string(v) + " has no place");
      }
    }
    return {};
  }

  Result<void> record_inferences() {
    std::vector<std::byte*> addresses(plan_.values.size(), nullptr);
    for (std::size_t v = 0; v < addresses.size(); ++v)
      if (program_.values[v]) addresses[v] = static_cast<std::byte*>(arenas_.address(*program_.values[v]));
    XPUQ_ASSIGN(OfflineCompiler compiler, OfflineCompiler::open(gpu::ip_version_text(program_.device.ip_version)));
    for (int i = 0; i < kInferences; ++i) {
      recorder_.begin_inference();
      for (const Work& work : work_) {
        recorder_.at_step(work.group.steps.back());
        const std::size_t before = recorder_.launches();
        if (work.library) {
          std::byte* scratch = work.scratch ? static_cast<std::byte*>(arenas_.address(*work.scratch)) : nullptr;
          XPUQ_TRY(work.library->run({addresses.data(), scratch}));
          if (recorder_.launches() == before) return fault("step " + std::to_string(work.group.steps.back()) + " submitted nothing");
        }
        if (work.alias) append_alias(work);
        XPUQ_TRY(append_own(work, compiler));
      }
      library_.stream.wait();
      if (!recorder_.problem().empty()) return fault(recorder_.problem());
      std::vector<gpu::Command> commands = recorder_.end_inference();
      if (i > 0 && commands != program_.inference) return fault("two inferences submitted different commands");
      program_.inference = std::move(commands);
    }
    return {};
  }

  /// The input of an alias may be read later than in the plan, by a group that an earlier reader became a part of: then
  /// the output has memory of its own.
  void append_alias(const Work& work) {
    const Step& step = plan_.steps[work.group.steps.back()];
    const Range to = *program_.values[step.outputs[0]], from = *program_.values[step.inputs[*step.in_place]];
    if (to != from && to.bytes > 0) recorder_.append({gpu::Copy{to, from}});
  }

  Result<void> append_own(const Work& work, OfflineCompiler& compiler) {
    std::uint64_t scratch = 0;
    for (const opencl::Kernel& k : work.kernels) {
      XPUQ_ASSIGN(const std::vector<std::uint8_t>* code, compiler.compile(k.source, opencl::kBuildOptions));
      gpu::Launch launch{recorder_.module(*code), k.name, k.group_size, k.group_count, {}};
      for (const opencl::KernelArgument& a : k.arguments) {
        gpu::BufferArgument buffer;
        switch (a.kind) {
          case opencl::KernelArgument::Kind::value: buffer = {*program_.values[a.value], a.written ? Access::write : Access::read}; break;
          case opencl::KernelArgument::Kind::literal: buffer = {recorder_.literal(a.literal), Access::read}; break;
          case opencl::KernelArgument::Kind::scratch:
            buffer = {{Arena::work, work.scratch->offset + scratch, a.scratch_bytes}, Access::read_write};
            scratch += gpu::align_gpu(a.scratch_bytes);
            break;
        }
        launch.arguments.push_back(buffer);
      }
      recorder_.append({std::move(launch)});
    }
    return {};
  }

  const Plan& plan_;
  const std::vector<KernelChoice>& choices_;
  gpu::Program program_;
  dnnl::engine engine_;
  Arenas arenas_;
  Recorder recorder_;
  onednn::Library library_;
  Tracer& tracer_;
  std::vector<Work> work_;
};

}  // namespace

Result<gpu::Program> compile_plan(const Plan& plan, std::uint32_t number, Tracer& tracer, const std::vector<KernelChoice>& choices) {
  try {
    Result<gpu::Program> program = PlanCompiler(plan, number, tracer, choices).run();
    tracer.listen(nullptr);
    return program;
  } catch (const dnnl::error& e) {
    tracer.listen(nullptr);
    return make_error("E101", "oneDNN", "it could not prepare the plan for the GPU", std::string(e.what()) + " (status " + std::to_string(e.status) + ")");
  }
}

}  // namespace xpuq::record
