#include "xe/prepare.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "xe/numbers.h"
#include "xe/registers.h"
#include "xe/thread.h"

namespace xpuq::xe {
namespace {

bool plain_type(Type type) {
  switch (type) {
    case Type::bf8: case Type::hf8: case Type::tf32: case Type::reserved: case Type::u4: case Type::s4: case Type::u2:
    case Type::s2: case Type::none:
      return false;
    default: return true;
  }
}
bool small_integer_type(Type type) { return !is_float(type) && size_of(type) <= 4; }

struct Preparer {
  Platform platform;
  const KernelInfo& info;
  PreparedCode& out;
  const AluTable& table;
  int grf;
  bool supported = true;

  void refuse() { supported = false; }

  std::uint8_t* immediate() {
    out.immediates.push_back(std::make_unique<std::array<std::uint8_t, 256>>());
    out.immediates.back()->fill(0);
    return out.immediates.back()->data();
  }

  void immediate_source(Source& s, const Operand& o) {
    std::uint8_t* p = immediate();
    s.fixed = p;
    s.shape = Shape::scalar;
    s.type = o.type;
    s.unused_bits = 0;
    if (o.type == Type::v || o.type == Type::uv) {
      s.type = o.type == Type::v ? Type::w : Type::uw;
      s.shape = Shape::flat;
      for (int c = 0; c < 32; ++c) {
        int x = static_cast<int>(o.value >> 4 * (c & 7) & 15);
        if (o.type == Type::v && x > 7) x -= 16;
        poke(p + 2 * c, static_cast<std::int16_t>(x));
      }
    } else if (o.type == Type::vf) {
      // Sign, three bits of exponent (bias 3), four of fraction; 0 is zero.
      s.type = Type::f;
      s.shape = Shape::flat;
      for (int c = 0; c < 32; ++c) {
        const auto x = static_cast<std::uint32_t>(o.value >> 8 * (c & 3) & 255);
        const std::uint32_t value = (x & 127) == 0 ? 0 : ((x >> 4 & 7) + 124) << 23 | (x & 15) << 19;
        poke(p + 4 * c, value | (x & 128) << 24);
      }
    } else {
      // Spread to 64 bits as its type says, so that it may be read at any width.
      const int unused = 64 - 8 * size_of(o.type);
      poke(p, is_signed(o.type) ? static_cast<std::uint64_t>(static_cast<std::int64_t>(o.value << unused) >> unused) : o.value << unused >> unused);
    }
  }

  /// `elements` behind the first must exist, too.
  void check_range(const FileRange& range, std::uint32_t first, std::uint32_t last_end) {
    if (range.bytes == 0 || first < range.base || last_end > range.base + range.bytes) refuse();
  }

  void source(Source& s, const Operand& o, int channels, bool logic) {
    if (o.file == File::none) return;
    if (!plain_type(o.type)) return refuse();
    if (o.file == File::immediate) return immediate_source(s, o);
    const int size = size_of(o.type);
    s.type = o.type;
    s.unused_bits = static_cast<std::uint8_t>(64 - 8 * size);
    s.macro = o.macro;
    s.invert = logic && o.negate;
    s.negate = !logic && o.negate;
    s.absolute = o.absolute && is_signed(o.type);
    const int width = std::max<int>(o.width, 1);
    const auto linear = [&](int stride) {
      s.step = static_cast<std::uint16_t>(stride * size);
      s.shape = stride == 0 ? Shape::scalar : stride == 1 ? Shape::flat : Shape::strided;
    };
    if (o.file == File::null) {
      s.base = RegisterFile::zero;
      s.shape = Shape::scalar;
      return;
    }
    s.step = static_cast<std::uint16_t>(o.horizontal * size);
    s.vertical = static_cast<std::uint16_t>(o.vertical * size);
    s.width_shift = static_cast<std::uint8_t>(std::countr_zero(static_cast<unsigned>(width)));
    if (o.indirect) {
      s.shape = Shape::indirect;
      s.per_row = o.per_row;
      s.address_word = o.address_word;
      s.address_offset = o.address_offset;
      if (!o.per_row && width == 1) s.width_shift = 0;
      return;
    }
    const FileRange range = range_of(o.file, grf);
    s.base = range.base + o.reg * range.stride + o.byte;
    int last = 0;
    for (int c = 0; c < channels; ++c) last = std::max(last, c / width * o.vertical + c % width * o.horizontal);
    check_range(range, s.base, s.base + static_cast<std::uint32_t>(last * size + size));
    if (channels == 1) linear(0);
    else if (width == 1) linear(o.vertical);
    else if (o.vertical == width * o.horizontal || channels <= width) linear(o.horizontal);
    else s.shape = Shape::rows;
  }

  void destination(Destination& d, const Operand& o, int channels) {
    if (o.file == File::none) return;
    d.type = o.type;
    d.macro = o.macro;
    if (!plain_type(o.type)) return refuse();
    if (o.file == File::null) return;
    d.none = false;
    const int stride = std::max<int>(o.horizontal, 1), size = size_of(o.type);
    d.step = static_cast<std::uint16_t>(stride * size);
    d.flat = stride == 1 || channels == 1;
    if (o.indirect) {
      d.indirect = true;
      d.address_word = o.address_word;
      d.address_offset = o.address_offset;
      return;
    }
    const FileRange range = range_of(o.file, grf);
    d.base = range.base + o.reg * range.stride + o.byte;
    check_range(range, d.base, d.base + static_cast<std::uint32_t>((channels - 1) * stride * size + size));
    // Vector code writes 8 elements where fewer channels exist; what is behind the file must not matter.
    if (d.flat && channels < 8 && channels > 1 && o.file != File::general) d.flat = false;
  }

  /// Moves that no arithmetic is: true if this is one (or an impossible one).
  bool rare_move(Step& s, const Instruction& i) {
    const auto eight = [](Type t) { return t == Type::bf8 || t == Type::hf8; };
    const Type from = i.source[0].type, to = i.destination.type;
    const bool converts = i.opcode == Opcode::mov && (eight(from) || eight(to) || to == Type::tf32);
    if (!converts && i.opcode != Opcode::srnd && i.opcode != Opcode::movi) return false;
    const bool bf8 = traits_of(platform).encoding != Encoding::hpg;
    const bool known = i.opcode == Opcode::movi ? size_of(from) == 4 && to == from && i.source[0].indirect && i.channels <= 8
                       : i.opcode == Opcode::srnd ? bf8 && ((to == Type::hf && from == Type::f && i.source[1].type == Type::uw) || (to == Type::bf8 && from == Type::hf && i.source[1].type == Type::ub))
                       : to == Type::tf32 ? bf8 && from == Type::f
                                          : bf8 && ((to == Type::bf8 && from == Type::hf) || (to == Type::hf && from == Type::bf8));
    const bool plain = !i.saturate && i.condition == Condition::none && !i.source[0].negate && !i.source[0].absolute && !i.destination.indirect;
    if (!known || !plain) return refuse(), true;
    // Regions are those of integers as wide.
    const auto as_integer = [](Operand o) {
      if (o.file != File::immediate) o.type = size_of(o.type) == 1 ? Type::ub : size_of(o.type) == 2 ? Type::uw : Type::ud;
      return o;
    };
    destination(s.destination, as_integer(i.destination), i.channels);
    source(s.source[0], as_integer(i.source[0]), i.channels, false);
    if (i.opcode == Opcode::srnd) source(s.source[1], as_integer(i.source[1]), i.channels, false);
    s.destination.type = to;
    if (s.destination.none) refuse();
    s.pipe = is_float(to) ? Pipe::floating : Pipe::integer;
    s.run = i.opcode == Opcode::srnd ? run_srnd : i.opcode == Opcode::movi ? run_movi : run_small_float;
    return true;
  }

  static bool is_logic(Opcode opcode) {
    return opcode == Opcode::and_ || opcode == Opcode::or_ || opcode == Opcode::xor_ || opcode == Opcode::not_ || opcode == Opcode::bfn;
  }

  void arithmetic(Step& s, const Instruction& i) {
    if (rare_move(s, i)) return;
    const int sources = i.opcode == Opcode::math ? 2 : source_count(i.opcode);
    destination(s.destination, i.destination, i.channels);
    for (int k = 0; k < sources; ++k) {
      source(s.source[k], i.source[k], i.channels, is_logic(i.opcode));
      const File file = i.source[k].file;
      if (file == File::channel_enable || file == File::ip || file == File::timestamp) s.special_source = true;
    }
    if (i.destination.file == File::control || i.destination.file == File::state) s.special_destination = true;
    // A missing operand has a type where the opcode takes fewer: math.inv with a null second source.
    if (i.opcode == Opcode::math && i.source[1].file == File::null) s.source[1].type = Type::none;
    bool any_float = false, any_double = i.destination.type == Type::df, all_unsigned = true, all_half = true, all_small = small_integer_type(s.destination.type);
    for (int k = 0; k < sources; ++k) {
      const Type type = s.source[k].type;
      if (type == Type::none) continue;
      any_float = any_float || is_float(type);
      any_double = any_double || type == Type::df;
      all_unsigned = all_unsigned && !is_signed(type);
      all_half = all_half && type == Type::hf;
      all_small = all_small && small_integer_type(type);
    }
    s.compares_unsigned = all_unsigned;
    const Type from = s.source[0].type, to = s.destination.type;
    // Bits move unchanged, signalling not-a-numbers included.
    if (i.opcode == Opcode::mov && any_float && from == to && !s.source[0].negate && !s.source[0].absolute && !i.saturate &&
        i.condition == Condition::none && !i.writes_accumulator) {
      const Type raw = size_of(to) == 8 ? Type::uq : size_of(to) == 4 ? Type::ud : Type::uw;
      s.source[0].type = s.destination.type = raw;
      s.domain = raw == Type::uq ? Domain::int64 : Domain::int32;
    } else if (any_float) {
      s.domain = any_double || (i.opcode == Opcode::mad && all_half) ? Domain::float64 : Domain::float32;
      if (to == Type::q || to == Type::uq) s.domain = Domain::float64;
    } else {
      s.domain = integer_domain(s, i, all_small, all_unsigned);
    }
    // Of what has no sign, an arithmetic shift brings in zeros.
    if (i.opcode == Opcode::asr && !is_signed(from) && !s.source[0].negate) s.opcode = Opcode::shr;
    // In 64 bits everything is signed, but for what only fits without a sign.
    if (s.domain == Domain::int64) {
      bool wide = false, negated = false;
      for (const Source& x : s.source) {
        wide = wide || x.type == Type::uq;
        negated = negated || x.negate;
      }
      s.compares_unsigned = all_unsigned && wide && !negated;
    }
    s.pipe = i.opcode == Opcode::math ? Pipe::math : any_float ? Pipe::floating : Pipe::integer;
    const int width = i.channels == 1 ? 0 : i.channels <= 8 ? 1 : i.channels == 16 ? 2 : 3;
    switch (s.domain) {
      case Domain::int32: s.run = table.integer32[width]; break;
      case Domain::int64: s.run = table.integer64[width]; break;
      case Domain::float32: s.run = table.float32[width]; break;
      case Domain::float64: s.run = table.float64[width]; break;
    }
    if (needs_exact(s)) s.run = run_exact;
    check_opcode(i, any_float);
  }

  Domain integer_domain(const Step& s, const Instruction& i, bool all_small, bool all_unsigned) {
    if (i.destination.file == File::accumulator && i.opcode != Opcode::mov && i.opcode != Opcode::and_ && i.opcode != Opcode::or_) return Domain::int64;
    const Type from = s.source[0].type;
    if (i.opcode == Opcode::mov && is_float(s.destination.type) && s.destination.type != Type::df && small_integer_type(from) && from != Type::ud &&
        !s.source[0].negate && !s.source[0].absolute) {
      return i.condition == Condition::none ? Domain::int32 : Domain::int64;
    }
    if (!all_small) return Domain::int64;
    const bool copies = i.opcode == Opcode::mov && from != Type::ud && !s.source[0].negate && !s.source[0].absolute;
    if (i.saturate && !copies) return Domain::int64;
    if (i.writes_accumulator && i.opcode != Opcode::addc && i.opcode != Opcode::subb) return Domain::int64;
    const bool compares = i.opcode == Opcode::cmp || i.opcode == Opcode::cmpn || (i.opcode == Opcode::sel && i.condition != Condition::none);
    if (compares && !all_unsigned) {
      for (const Source& x : s.source) {
        if (x.type == Type::ud || (x.type != Type::none && x.negate)) return Domain::int64;
      }
    }
    if (compares && all_unsigned && (s.source[0].negate || s.source[1].negate)) return Domain::int64;
    if (i.condition != Condition::none && !compares) {
      const bool only_zero = (i.condition == Condition::eq || i.condition == Condition::ne) && (is_logic(i.opcode) || i.opcode == Opcode::mov);
      if (!only_zero) return Domain::int64;
    }
    switch (i.opcode) {
      case Opcode::avg: case Opcode::mach: case Opcode::macl: case Opcode::mac: case Opcode::math: return Domain::int64;
      default: return Domain::int32;
    }
  }

  void check_opcode(const Instruction& i, bool any_float) {
    switch (i.opcode) {
      case Opcode::rndu: case Opcode::rndd: case Opcode::rnde: case Opcode::rndz: case Opcode::frc: case Opcode::madm:
        if (!any_float) refuse();
        break;
      case Opcode::math: {
        const bool integer = i.math == MathFunction::idiv || i.math == MathFunction::iqot || i.math == MathFunction::irem;
        if (integer == any_float || i.math == MathFunction::idiv) refuse();
        break;
      }
      case Opcode::mov: case Opcode::sel: case Opcode::cmp: case Opcode::cmpn: case Opcode::csel: case Opcode::add: case Opcode::mul:
      case Opcode::mad: case Opcode::mac:
        break;
      case Opcode::add3: case Opcode::avg: case Opcode::mach: case Opcode::macl: case Opcode::lzd: case Opcode::fbh: case Opcode::fbl:
      case Opcode::cbit: case Opcode::addc: case Opcode::subb: case Opcode::dp4a: case Opcode::not_: case Opcode::and_:
      case Opcode::or_: case Opcode::xor_: case Opcode::shr: case Opcode::shl: case Opcode::bfn: case Opcode::asr: case Opcode::ror:
      case Opcode::rol: case Opcode::bfrev: case Opcode::bfe: case Opcode::bfi1: case Opcode::bfi2:
        if (any_float || is_float(i.destination.type)) refuse();
        break;
      default: refuse();
    }
  }

  void systolic(Step& s, const Instruction& i) {
    const auto place = [&](const Operand& o, int bytes) -> std::uint32_t {
      if (o.file == File::null) return 0;
      const FileRange range = range_of(o.file, grf);
      const std::uint32_t base = range.base + o.reg * range.stride + o.byte;
      if (o.file != File::general && o.file != File::accumulator) refuse();
      check_range(range, base, base + static_cast<std::uint32_t>(bytes));
      return base;
    };
    const int n = i.channels, rows = i.repeat;
    if (!traits_of(platform).has_dpas || n != grf / 4) refuse();
    const Type dt = i.destination.type, at = i.source[0].type, wt = i.source[1].type, xt = i.source[2].type;
    const auto eight = [](Type t) { return t == Type::bf8 || t == Type::hf8; };
    const bool integers = (dt == Type::d || dt == Type::ud) && (at == Type::d || at == Type::ud) && !is_float(wt) && !is_float(xt) &&
                          (size_of(wt) == 1) && (size_of(xt) == 1);
    const bool halves = (wt == Type::hf || wt == Type::bf) && xt == wt && (dt == Type::f || dt == wt) && (at == Type::f || at == wt);
    const bool bytes = platform == Platform::pvc && eight(wt) && eight(xt) && dt == Type::f && at == Type::f;
    const bool singles = grf == 64 && wt == Type::tf32 && xt == Type::tf32 && dt == Type::f && at == Type::f;
    if (i.depth != 8 || (!integers && !halves && !bytes && !singles)) return refuse();
    const SystolicShape shape = systolic_shape(wt, xt, i.depth);
    s.destination.type = dt;
    s.destination.none = false;
    s.destination.base = place(i.destination, rows * n * size_of(dt));
    s.source[0].type = i.source[0].file == File::null ? Type::none : at;
    s.source[0].base = place(i.source[0], rows * n * size_of(at));
    s.source[1].type = wt;
    s.source[1].base = place(i.source[1], shape.weight_bytes * n);
    s.source[2].type = xt;
    const int all = rows * shape.row_bytes;
    s.source[2].base = place(i.source[2], i.opcode == Opcode::dpasw ? ((all + 31) / 32 + 1) / 2 * 32 : all);
    if (i.destination.file == File::null || i.source[1].file == File::null || i.source[2].file == File::null) refuse();
    s.pipe = Pipe::systolic;
    s.run = i.opcode == Opcode::dpasw ? run_dpasw : table.systolic;
    if (i.opcode == Opcode::dpasw) {
      if (!traits_of(platform).fused_threads) refuse();
      out.pairs_threads = true;
    }
  }

  void branch(Step& s, const Instruction& i) {
    s.jump = out.step_at(static_cast<std::int64_t>(i.offset) + i.jump);
    s.update = out.step_at(static_cast<std::int64_t>(i.offset) + i.update);
    if (i.source[0].file != File::none) {
      source(s.source[0], i.source[0], 1, false);
      s.source[0].shape = Shape::scalar;
      if (i.source[0].file == File::null || i.source[0].file == File::immediate) refuse();
    }
    if (i.destination.file != File::none) destination(s.destination, i.destination, 1);
    switch (i.opcode) {
      case Opcode::jmpi: s.run = run_jmpi; break;
      case Opcode::goto_: s.run = run_goto; break;
      case Opcode::if_: s.run = run_if; break;
      case Opcode::else_: s.run = run_else; break;
      case Opcode::endif: case Opcode::join: s.run = run_join; break;
      case Opcode::call: s.run = run_call; break;
      case Opcode::ret: s.run = run_ret; break;
      case Opcode::while_: s.run = run_while; break;
      case Opcode::break_: s.run = run_break; break;
      case Opcode::cont: case Opcode::halt: case Opcode::brc: case Opcode::brd:
        // Where these go is a matter of the program, not of a register.
        if (i.source[0].file != File::none) refuse();
        s.run = i.opcode == Opcode::brd ? run_brd : run_goto;
        break;
      default: refuse();  // calla: code has no addresses here
    }
  }

  void sync(Step& s, const Instruction& i) {
    s.run = i.sync == SyncFunction::bar ? run_sync_barrier : run_nop;
    if (i.source[0].file != File::none && i.source[0].file != File::null) source(s.source[0], i.source[0], 1, false);
  }

  void send(Step& s, const Instruction& i) {
    s.send = i.send;
    s.pipe = Pipe::message;
    s.run = run_send;
    const auto place = [&](const Operand& o) -> std::uint32_t {
      const FileRange range = range_of(o.file, grf);
      if (o.file != File::general && o.file != File::null && !(i.send.gathers && o.file == File::scalar)) {
        refuse();
        return RegisterFile::zero;
      }
      return range.base + o.reg * range.stride + o.byte;
    };
    s.destination.none = i.destination.file == File::null;
    s.destination.base = place(i.destination);
    s.source[0].base = place(i.source[0]);
    s.source[1].base = place(i.source[1]);
    s.source[1].type = i.source[1].file == File::null ? Type::none : Type::ud;
    if (i.send.gathers && (i.send.descriptor_in_register || i.source[0].byte > 48 || i.source[0].reg != 0)) refuse();
    const bool global = i.send.unit == Unit::ugm;
    const std::uint32_t operation = i.send.descriptor & 63;
    if (global && operation >= 8 && operation != 31) out.uses_atomics = true;
  }

  void step(Step& s, const Instruction& i) {
    s.opcode = i.opcode;
    s.channels = i.channels;
    s.first_channel = i.first_channel;
    s.no_mask = i.no_mask;
    s.saturate = i.saturate;
    s.writes_accumulator = i.writes_accumulator;
    s.predicate = i.predicate;
    s.predicate_inverted = i.predicate_inverted;
    s.predicate_group = i.predicate_group;
    s.flag = i.flag;
    s.condition = i.condition;
    s.math = i.math;
    s.table = i.table;
    s.depth = i.depth;
    s.repeat = i.repeat;
    s.offset = i.offset;
    supported = true;
    switch (i.opcode) {
      case Opcode::illegal: refuse(); break;
      case Opcode::nop: s.run = run_nop; break;
      case Opcode::sync: sync(s, i); break;
      case Opcode::send: case Opcode::sendc: send(s, i); break;
      case Opcode::dpas: case Opcode::dpasw: systolic(s, i); break;
      default:
        if (i.is_branch()) branch(s, i);
        else arithmetic(s, i);
    }
    if (!supported) s.run = run_unsupported;
    // Before it is known that all channels are on, and without one for this form, the general function.
    if (!table.is_general(s.run)) return;
    s.general = s.run;
    if (const Run form = table.form_of(s)) s.run = form;
  }
};

}  // namespace

bool AluTable::is_general(Run run) const {
  const auto among = [run](const Run (&list)[4]) { return std::find(std::begin(list), std::end(list), run) != std::end(list); };
  return run == systolic || among(integer32) || among(integer64) || among(float32) || among(float64);
}

int PreparedCode::step_at(std::int64_t offset) const {
  const auto at = std::lower_bound(instructions.begin(), instructions.end(), offset,
                                   [](const Instruction& i, std::int64_t value) { return static_cast<std::int64_t>(i.offset) < value; });
  return at != instructions.end() && static_cast<std::int64_t>(at->offset) == offset ? static_cast<int>(at - instructions.begin()) : -1;
}

std::shared_ptr<const PreparedCode> prepare_kernel(Platform platform, const KernelInfo& info, std::vector<Instruction> code, const AluTable& alu) {
  auto out = std::make_shared<PreparedCode>();
  out->instructions = std::move(code);
  out->systolic = alu.systolic;
  Preparer preparer{platform, info, *out, alu, traits_of(platform).register_bytes};
  out->steps.resize(out->instructions.size());
  for (std::size_t i = 0; i < out->steps.size(); ++i) {
    out->steps[i].index = static_cast<std::uint32_t>(i);
    preparer.step(out->steps[i], out->instructions[i]);
  }
  out->entry = out->step_at(info.skip);
  return out;
}

}  // namespace xpuq::xe
