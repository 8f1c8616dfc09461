#include "plan/memory.h"

#include <algorithm>
#include <numeric>

namespace xpuq {
namespace {

/// Values that are one block of memory: chains of in-place pairs.
struct Block {
  std::uint64_t bytes = 0;
  Lifetime life;
  std::uint64_t offset = 0;
  std::vector<std::uint32_t> values;
};

std::vector<Block> make_blocks(const Plan& plan, const std::vector<Lifetime>& lives) {
  constexpr std::uint32_t kNone = 0xFFFFFFFFu;
  std::vector<std::uint32_t> block_of(plan.values.size(), kNone);
  std::vector<Block> blocks;
  const auto add = [&](std::uint32_t v, std::uint32_t block) {
    block_of[v] = block;
    Block& b = blocks[block];
    b.values.push_back(v);
    b.bytes = std::max<std::uint64_t>(b.bytes, align_up(std::max<std::uint64_t>(plan.values[v].type.bytes(), 1)));
    b.life.first = std::min(b.life.first, lives[v].first);
    b.life.last = std::max(b.life.last, lives[v].last);
  };
  for (const Step& step : plan.steps) {
    for (std::uint32_t v : step.outputs) {
      if (plan.values[v].place != Place::arena) continue;
      if (step.in_place && v == step.outputs[0]) {
        add(v, block_of[step.inputs[*step.in_place]]);
      } else {
        blocks.push_back({.bytes = 0, .life = lives[v], .offset = 0, .values = {}});
        add(v, static_cast<std::uint32_t>(blocks.size() - 1));
      }
    }
  }
  return blocks;
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

void plan_memory(Plan& plan, const std::vector<bool>& kept) {
  std::vector<Block> blocks = make_blocks(plan, lifetimes(plan, kept));
  std::vector<std::size_t> by_size(blocks.size());
  std::iota(by_size.begin(), by_size.end(), std::size_t{0});
  std::stable_sort(by_size.begin(), by_size.end(), [&](std::size_t a, std::size_t b) { return blocks[a].bytes > blocks[b].bytes; });

  std::vector<const Block*> placed;  // kept sorted by offset
  plan.arena_bytes = 0;
  for (std::size_t i : by_size) {
    Block& block = blocks[i];
    std::uint64_t at = 0;
    for (const Block* other : placed) {
      if (other->life.last < block.life.first || block.life.last < other->life.first) continue;
      if (at + block.bytes <= other->offset) break;
      at = std::max(at, other->offset + other->bytes);
    }
    block.offset = at;
    plan.arena_bytes = std::max(plan.arena_bytes, at + block.bytes);
    placed.insert(std::upper_bound(placed.begin(), placed.end(), &block, [](const Block* a, const Block* b) { return a->offset < b->offset; }), &block);
  }
  for (const Block& block : blocks)
    for (std::uint32_t v : block.values) plan.values[v].offset = block.offset;
}

}  // namespace xpuq
