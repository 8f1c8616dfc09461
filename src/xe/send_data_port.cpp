// Messages of the data ports that Xe-HPG still takes beside the load/store unit.
// Source: IGA's decoder (visa/iga/IGALibrary/Backend/Messages/MessageDecoderHDC.cpp).
#include <cstring>

#include "xe/send.h"

namespace xpuq::xe {
namespace {

/// Units of 16 bytes: 1, 1 (upper half), 2, 4, 8, 16.
std::uint64_t block_bytes(std::uint32_t code) {
  static constexpr std::uint64_t units[] = {1, 1, 2, 4, 8, 16, 0, 0};
  return 16 * units[code];
}

void block_read(Message& m) {
  const std::uint32_t code = m.descriptor >> 8 & 7, kind = m.descriptor >> 11 & 3;
  const std::uint64_t bytes = block_bytes(code);
  if (kind > 1 || bytes == 0 || code == 1) return m.unknown("block read");
  if (!m.fits_address(32) || !m.fits_destination(bytes)) return;
  const auto from = peek<std::uint64_t>(m.address);
  if (from % (kind == 1 ? 16 : 4) != 0) return fail(m.thread, "a block message with an unaligned address");
  // The mask counts words of 32 bits.
  for (std::uint64_t c = 0; c < bytes / 4; ++c) {
    if ((m.mask >> (c % m.step.channels) & 1) == 0) continue;
    const std::uint8_t* p = m.read(from + 4 * c, 4);
    if (!p) return;
    std::memcpy(m.destination() + 4 * c, p, 4);
  }
}

void block_write(Message& m) {
  const std::uint32_t code = m.descriptor >> 8 & 7, kind = m.descriptor >> 11 & 3;
  const std::uint64_t bytes = block_bytes(code);
  if (kind > 1 || bytes == 0 || code == 1) return m.unknown("block write");
  if (!m.fits_address(32) || !m.fits_data(bytes)) return;
  const auto to = peek<std::uint64_t>(m.address);
  if (to % (kind == 1 ? 16 : 4) != 0) return fail(m.thread, "a block message with an unaligned address");
  for (std::uint64_t c = 0; c < bytes / 4; ++c) {
    if ((m.mask >> (c % m.step.channels) & 1) == 0) continue;
    std::uint8_t* p = m.write(to + 4 * c, 4);
    if (!p) return;
    std::memcpy(p, m.data + 4 * c, 4);
  }
}

/// What a scattered message moves per channel: so many bytes, in a place of `slot` bytes of the payload.
struct Scattered {
  std::uint64_t bytes = 0;
  std::uint64_t slot = 0;
  std::uint64_t alignment = 1;
};

/// Bytes come 1, 2 or 4 at a time, the upper part of their word is left alone; words of 32 and 64 bits one at a time.
Scattered scattered(const Message& m) {
  const std::uint32_t size_code = m.descriptor >> 8 & 3, blocks = m.descriptor >> 10 & 3;
  if (size_code == 0 && blocks < 3) return {std::uint64_t{1} << blocks, 4, 1};
  if (size_code == 1 && blocks == 0) return {4, 4, 4};
  if (size_code == 2 && blocks == 0) return {8, 8, 8};
  return {};
}

void gather(Message& m) {
  const Scattered form = scattered(m);
  if (form.bytes == 0) return m.unknown("gathering read");
  const std::uint64_t channels = m.step.channels;
  if (!m.fits_address(8 * channels) || !m.fits_destination(form.slot * channels)) return;
  for (std::uint64_t c = 0; c < channels; ++c) {
    if ((m.mask >> c & 1) == 0) continue;
    const auto from = peek<std::uint64_t>(m.address + 8 * c);
    if (from % form.alignment != 0) return fail(m.thread, "a message with an unaligned address");
    const std::uint8_t* p = m.read(from, form.bytes);
    if (!p) return;
    std::memcpy(m.destination() + form.slot * c, p, form.bytes);
  }
}

void scatter(Message& m) {
  const Scattered form = scattered(m);
  if (form.bytes == 0) return m.unknown("scattering write");
  const std::uint64_t channels = m.step.channels;
  if (!m.fits_address(8 * channels) || !m.fits_data(form.slot * channels)) return;
  for (std::uint64_t c = 0; c < channels; ++c) {
    if ((m.mask >> c & 1) == 0) continue;
    const auto to = peek<std::uint64_t>(m.address + 8 * c);
    if (to % form.alignment != 0) return fail(m.thread, "a message with an unaligned address");
    std::uint8_t* p = m.write(to, form.bytes);
    if (!p) return;
    std::memcpy(p, m.data + form.slot * c, form.bytes);
  }
}

}  // namespace

void data_port(Message& m) {
  const std::uint32_t type = m.descriptor >> 14 & 31;
  if (m.step.send.unit == Unit::dc1) {
    if (type == 0x15) return block_write(m);
    if (type == 0x1A) return scatter(m);
    if (m.step.destination.none) return m.unknown("data port 1");
    if (type == 0x14) return block_read(m);
    if (type == 0x10) return gather(m);
    return m.unknown("data port 1");
  }
  if (m.step.destination.none) return m.unknown("data port 0");
  // Arguments, stateless below 4 GiB: the offset is in the header.
  const std::uint64_t bytes = block_bytes(m.descriptor >> 8 & 7);
  if (type != 1 || (m.descriptor & 255) < 253 || (m.descriptor >> 13 & 1) != 0 || bytes == 0) return m.unknown("data port 0");
  if (!m.fits_address(32) || !m.fits_destination(bytes)) return;
  const auto from = peek<std::uint32_t>(m.address + 8);
  if (from % 4 != 0) return fail(m.thread, "a block message with an unaligned address");
  if (const std::uint8_t* p = m.read(from, bytes)) std::memcpy(m.destination(), p, bytes);
}

}  // namespace xpuq::xe
