#include "plan/memory.h"

#include <algorithm>
#include <numeric>

namespace xpuq {
namespace {

/// Blocks of memory, and which of them each arena value lies in: chains of in-place pairs share one.
struct Blocks {
  std::vector<MemoryBlock> blocks;
  std::vector<std::uint32_t> of_value;
};

constexpr std::uint32_t kNone = 0xFFFFFFFFu;

Blocks make_blocks(const Plan& plan, const std::vector<Lifetime>& lives) {
  Blocks out{.blocks = {}, .of_value = std::vector<std::uint32_t>(plan.values.size(), kNone)};
  const auto add = [&](std::uint32_t v, std::uint32_t block) {
    out.of_value[v] = block;
    MemoryBlock& b = out.blocks[block];
    b.bytes = std::max<std::uint64_t>(b.bytes, align_up(std::max<std::uint64_t>(plan.values[v].type.bytes(), 1)));
    b.life.first = std::min(b.life.first, lives[v].first);
    b.life.last = std::max(b.life.last, lives[v].last);
  };
  for (const Step& step : plan.steps) {
    for (std::uint32_t v : step.outputs) {
      if (plan.values[v].place != Place::arena) continue;
      if (step.in_place && v == step.outputs[0]) {
        add(v, out.of_value[step.inputs[*step.in_place]]);
      } else {
        out.blocks.push_back({.bytes = 0, .life = lives[v], .offset = 0});
        add(v, static_cast<std::uint32_t>(out.blocks.size() - 1));
      }
    }
  }
  return out;
}

}  // namespace

std::vector<Lifetime> lifetimes(const Plan& plan, const std::vector<bool>& kept) {
  std::vector<Lifetime> lives(plan.values.size());
  for (std::size_t s = 0; s < plan.steps.size(); ++s) {
    for (std::uint32_t v : plan.steps[s].outputs) lives[v] = {s, s};
    for (std::uint32_t v : plan.steps[s].inputs) lives[v].last = s;
  }
  for (std::size_t v = 0; v < kept.size(); ++v)
    if (kept[v]) lives[v].last = plan.steps.size();
  return lives;
}

std::uint64_t place_blocks(std::vector<MemoryBlock>& blocks) {
  std::vector<std::size_t> by_size(blocks.size());
  std::iota(by_size.begin(), by_size.end(), std::size_t{0});
  std::stable_sort(by_size.begin(), by_size.end(), [&](std::size_t a, std::size_t b) { return blocks[a].bytes > blocks[b].bytes; });

  std::vector<const MemoryBlock*> placed;  // kept sorted by offset
  std::uint64_t total = 0;
  for (std::size_t i : by_size) {
    MemoryBlock& block = blocks[i];
    std::uint64_t at = 0;
    for (const MemoryBlock* other : placed) {
      if (other->life.last < block.life.first || block.life.last < other->life.first) continue;
      if (at + block.bytes <= other->offset) break;
      at = std::max(at, other->offset + other->bytes);
    }
    block.offset = at;
    total = std::max(total, at + block.bytes);
    placed.insert(std::upper_bound(placed.begin(), placed.end(), &block, [](const MemoryBlock* a, const MemoryBlock* b) { return a->offset < b->offset; }), &block);
  }
  return total;
}

void plan_memory(Plan& plan, const std::vector<bool>& kept) {
  Blocks b = make_blocks(plan, lifetimes(plan, kept));
  plan.arena_bytes = place_blocks(b.blocks);
  for (std::size_t v = 0; v < plan.values.size(); ++v)
    if (b.of_value[v] != kNone) plan.values[v].offset = b.blocks[b.of_value[v]].offset;
}

}  // namespace xpuq
