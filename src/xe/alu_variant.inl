// The arithmetic of the emulator as one instruction set of the host compiles it: XE_VARIANT names the namespace,
// XE_VARIANT_AVX2 says whether AVX2, FMA and F16C may be used.

namespace xpuq::xe::XE_VARIANT {
namespace {

#define ALWAYS_INLINE __attribute__((always_inline)) inline

/// Whether all registers that an indirect source names exist; else the thread fails.
bool check_indirect(Thread& t, const Step& s, const Source& x) {
  const int bytes = size_of(x.type), mask = (1 << x.width_shift) - 1;
  for (int c = 0; c < s.channels; ++c) {
    const int row = c >> x.width_shift, column = c & mask;
    const int offset = x.address_offset + (x.per_row ? 0 : row * x.vertical) + column * x.step;
    indirect_base(t, x.address_word + (x.per_row ? row : 0), offset, static_cast<std::uint32_t>(bytes));
    if (t.state == ThreadState::failed && s.no_mask) return false;
    // Channels that are off may name anything.
    if (t.state == ThreadState::failed) {
      if ((execution_mask(t, s) >> c & 1) != 0) return false;
      t.state = ThreadState::running;
    }
  }
  return true;
}

#include "xe/alu_load.inl"
#include "xe/alu_ops.inl"
#include "xe/alu_systolic.inl"

}  // namespace

const AluTable kTable = {
    {integer_alu<1, std::uint32_t>, integer_alu<8, std::uint32_t>, integer_alu<16, std::uint32_t>, integer_alu<32, std::uint32_t>},
    {integer_alu<1, std::uint64_t>, integer_alu<8, std::uint64_t>, integer_alu<16, std::uint64_t>, integer_alu<32, std::uint64_t>},
    {float_alu<1, float>, float_alu<8, float>, float_alu<16, float>, float_alu<32, float>},
    {float_alu<1, double>, float_alu<8, double>, float_alu<16, double>, float_alu<32, double>},
    systolic,
#if XE_VARIANT_AVX2
    avx2_form_of,
#else
    [](const Step&) -> Run { return nullptr; },
#endif
};

}  // namespace xpuq::xe::XE_VARIANT
