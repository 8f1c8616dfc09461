// Source: intel/intel-graphics-compiler, IGC/ZEBinWriter/zebin/spec/zeinfo.md; the thread payload of PRM DG2 volume 9.
#include "xe/payload.h"

#include <algorithm>
#include <cstring>

namespace xpuq::xe {
namespace {

constexpr std::uint32_t kScratchHandle = 0x400;

}  // namespace

Result<Payload> build_payload(const PayloadInputs& in, const std::string& who) {
  const KernelInfo& info = in.info;
  std::uint32_t end = info.inline_bytes;
  for (const PayloadArgument& a : info.arguments) end = std::max(end, a.offset + a.size);
  std::vector<std::uint8_t> all(end, 0);
  Payload out;
  out.local_bytes = info.local_bytes;
  const auto bad = [&](const PayloadArgument& a, const std::string& what) {
    return make_error("E624", who, "argument " + std::to_string(a.index) + " " + what, {}, a.name + " of " + std::to_string(a.size) + " bytes");
  };
  for (const PayloadArgument& a : info.arguments) {
    std::uint8_t* p = all.data() + a.offset;
    const auto put = [&](const void* from, std::size_t bytes) { std::copy_n(static_cast<const std::uint8_t*>(from), std::min<std::size_t>(bytes, a.size), p); };
    const auto three = [&](const std::array<std::uint32_t, 3>& v) { put(v.data(), 12); };
    const LaunchArgument* given = nullptr;
    if (a.kind == ArgumentKind::pointer || a.kind == ArgumentKind::value || a.kind == ArgumentKind::buffer_address || a.kind == ArgumentKind::buffer_offset) {
      if (a.index < 0 || static_cast<std::size_t>(a.index) >= in.arguments.size()) return bad(a, "is missing");
      given = &in.arguments[static_cast<std::size_t>(a.index)];
    }
    switch (a.kind) {
      case ArgumentKind::pointer:
        if (a.mode == AddressMode::local) {
          if (given->kind != LaunchArgument::Kind::local) return bad(a, "must be local memory");
          const auto at = static_cast<std::uint32_t>(out.local_bytes);
          put(&at, 4);
          out.local_bytes += (given->bytes + 63) / 64 * 64;
          if (out.local_bytes > (1u << 20)) return bad(a, "wants more local memory than there is");
          break;
        }
        if (given->kind != LaunchArgument::Kind::buffer && given->kind != LaunchArgument::Kind::null) return bad(a, "must be a buffer");
        if (a.mode == AddressMode::bindless) {
          const std::uint64_t handle = given->kind == LaunchArgument::Kind::null ? 0 : surface_handle(a.index);
          put(&handle, 8);
        } else if (a.mode == AddressMode::stateless) {
          put(&given->address, 8);
        }
        break;
      case ArgumentKind::value: {
        if (given->kind != LaunchArgument::Kind::value) return bad(a, "must be a number");
        if (given->value.size() < std::size_t{a.source_offset} + a.size) return bad(a, "has too few bytes");
        put(given->value.data() + a.source_offset, a.size);
        break;
      }
      case ArgumentKind::buffer_address: put(&given->address, 8); break;
      case ArgumentKind::buffer_offset: case ArgumentKind::global_offset: case ArgumentKind::printf_buffer: break;
      case ArgumentKind::local_size: three(in.shape.group_size); break;
      case ArgumentKind::group_count: three(in.shape.group_count); break;
      case ArgumentKind::global_size: {
        std::array<std::uint32_t, 3> size{};
        for (std::size_t d = 0; d < 3; ++d) size[d] = in.shape.group_size[d] * in.shape.group_count[d];
        three(size);
        break;
      }
      case ArgumentKind::work_dimensions: {
        std::uint32_t dimensions = 3;
        while (dimensions > 1 && in.shape.group_size[dimensions - 1] == 1 && in.shape.group_count[dimensions - 1] == 1) --dimensions;
        put(&dimensions, 4);
        break;
      }
      case ArgumentKind::constant_base: case ArgumentKind::global_base: {
        const std::uint64_t address = a.kind == ArgumentKind::constant_base ? in.constants : in.globals;
        const std::uint64_t handle = surface_handle(a.index);
        if (a.mode == AddressMode::bindless) put(&handle, 8);
        else if (a.mode != AddressMode::stateful) put(&address, 8);
        break;
      }
      case ArgumentKind::private_base: put(&in.private_memory, 8); break;
      case ArgumentKind::other:
        return make_error("E624", who, "the kernel takes an implicit argument that is not emulated", a.name);
    }
  }
  out.inline_data.assign(all.begin(), all.begin() + std::min<std::ptrdiff_t>(info.inline_bytes, static_cast<std::ptrdiff_t>(all.size())));
  out.memory.assign(all.begin() + static_cast<std::ptrdiff_t>(out.inline_data.size()), all.end());
  // Prologues load whole blocks.
  out.memory.resize((out.memory.size() + 255) / 256 * 256 + 1024, 0);
  return out;
}

void start_thread(Thread& t, const KernelInfo& info, const LaunchShape& shape, const Payload& payload,
                  const std::array<std::uint32_t, 3>& group, int number, int threads, std::uint8_t poison) {
  const int grf = t.worker->register_bytes;
  std::memset(t.r, poison, static_cast<std::size_t>(std::min(info.registers, 256) * grf));
  std::memset(t.r + RegisterFile::accumulator, 0, RegisterFile::zero - RegisterFile::accumulator);
  std::memset(t.wide, 0, sizeof t.wide);
  std::memset(t.macro, 0, sizeof t.macro);
  std::fill(std::begin(t.waiting), std::end(t.waiting), -1);
  std::fill(t.scratch.begin(), t.scratch.end(), poison);
  t.number = number;
  t.awaits.fill(0);
  t.state = ThreadState::running;
  t.ip = static_cast<std::uint32_t>(t.worker->code->entry);
  const auto& size = shape.group_size;
  const std::uint64_t items = std::uint64_t{size[0]} * size[1] * size[2], first = static_cast<std::uint64_t>(number) * static_cast<std::uint64_t>(info.simd);
  t.dispatch = t.active = lanes(static_cast<int>(std::min<std::uint64_t>(static_cast<std::uint64_t>(info.simd), items - first)));
  poke(t.r + RegisterFile::state + 8, t.dispatch);

  const std::uint32_t r0[8] = {static_cast<std::uint32_t>(kArgumentBlock), group[0], static_cast<std::uint32_t>(threads) << 24 | static_cast<std::uint32_t>(number), 0, 0,
                               kScratchHandle, group[1], group[2]};
  std::memset(t.r, 0, static_cast<std::size_t>(grf));
  std::memcpy(t.r, r0, sizeof r0);
  // Local ids, 16 bits each, every dimension in registers of its own.
  const int id_bytes = (info.simd * 2 + grf - 1) / grf * grf;
  const int dimensions = std::min<int>(3, static_cast<int>(info.local_id_bytes) / id_bytes);
  const auto& order = info.walk_order;
  for (int c = 0; c < info.simd; ++c) {
    std::uint64_t id = first + static_cast<std::uint64_t>(c);
    std::array<std::uint16_t, 3> at{};
    for (int k : order) {
      const std::uint32_t n = std::max(size[static_cast<std::size_t>(k)], 1u);
      at[static_cast<std::size_t>(k)] = static_cast<std::uint16_t>(k == order[2] ? id : id % n);
      id /= n;
    }
    for (int d = 0; d < dimensions; ++d) poke(t.r + grf + d * id_bytes + 2 * c, at[static_cast<std::size_t>(d)]);
  }
  std::copy_n(payload.inline_data.begin(), std::min<std::size_t>(payload.inline_data.size(), 256), t.r + grf + dimensions * id_bytes);
}

}  // namespace xpuq::xe
