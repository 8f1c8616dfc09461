#include "xe/instruction.h"

#include <cstdio>

namespace xpuq::xe {
namespace {

struct Entry {
  Opcode opcode;
  const char* name;
  int sources;
};

constexpr Entry kOpcodes[] = {
    {Opcode::illegal, "illegal", 0}, {Opcode::sync, "sync", 1}, {Opcode::jmpi, "jmpi", 1}, {Opcode::brd, "brd", 1},
    {Opcode::if_, "if", 0}, {Opcode::brc, "brc", 1}, {Opcode::else_, "else", 0}, {Opcode::endif, "endif", 0},
    {Opcode::while_, "while", 0}, {Opcode::break_, "break", 0}, {Opcode::cont, "cont", 0}, {Opcode::halt, "halt", 0},
    {Opcode::calla, "calla", 1}, {Opcode::call, "call", 1}, {Opcode::ret, "ret", 1}, {Opcode::goto_, "goto", 0},
    {Opcode::join, "join", 0}, {Opcode::send, "send", 2}, {Opcode::sendc, "sendc", 2}, {Opcode::math, "math", 2},
    {Opcode::add, "add", 2}, {Opcode::mul, "mul", 2}, {Opcode::avg, "avg", 2}, {Opcode::frc, "frc", 1},
    {Opcode::rndu, "rndu", 1}, {Opcode::rndd, "rndd", 1}, {Opcode::rnde, "rnde", 1}, {Opcode::rndz, "rndz", 1},
    {Opcode::mac, "mac", 2}, {Opcode::mach, "mach", 2}, {Opcode::lzd, "lzd", 1}, {Opcode::fbh, "fbh", 1},
    {Opcode::fbl, "fbl", 1}, {Opcode::cbit, "cbit", 1}, {Opcode::addc, "addc", 2}, {Opcode::subb, "subb", 2},
    {Opcode::add3, "add3", 3}, {Opcode::macl, "macl", 2}, {Opcode::srnd, "srnd", 2}, {Opcode::dp4a, "dp4a", 3},
    {Opcode::dpas, "dpas", 3}, {Opcode::dpasw, "dpasw", 3}, {Opcode::mad, "mad", 3}, {Opcode::madm, "madm", 3},
    {Opcode::nop, "nop", 0}, {Opcode::mov, "mov", 1}, {Opcode::sel, "sel", 2}, {Opcode::movi, "movi", 2},
    {Opcode::not_, "not", 1}, {Opcode::and_, "and", 2}, {Opcode::or_, "or", 2}, {Opcode::xor_, "xor", 2},
    {Opcode::shr, "shr", 2}, {Opcode::shl, "shl", 2}, {Opcode::smov, "smov", 2}, {Opcode::bfn, "bfn", 3},
    {Opcode::asr, "asr", 2}, {Opcode::ror, "ror", 2}, {Opcode::rol, "rol", 2}, {Opcode::cmp, "cmp", 2},
    {Opcode::cmpn, "cmpn", 2}, {Opcode::csel, "csel", 3}, {Opcode::bfrev, "bfrev", 1}, {Opcode::bfe, "bfe", 3},
    {Opcode::bfi1, "bfi1", 2}, {Opcode::bfi2, "bfi2", 3},
};

const Entry* find(Opcode opcode) {
  for (const Entry& e : kOpcodes) {
    if (e.opcode == opcode) return &e;
  }
  return nullptr;
}

std::string register_text(const Operand& o) {
  static const char* files[] = {"null", "a", "acc", "f", "ce", "msg", "s", "sr", "cr", "n", "ip", "tdr", "tm", "fc", "?", "dbg", "r"};
  if (o.file == File::null) return "null";
  if (o.indirect) {
    return "r[a0." + std::to_string(o.address_word) + "," + std::to_string(o.address_offset) + "]";
  }
  std::string text = files[static_cast<int>(o.file)] + std::to_string(o.reg);
  if (size_of(o.type) > 0 && o.macro < 0) text += "." + std::to_string(o.byte / size_of(o.type));
  return text;
}

std::string operand_text(const Operand& o, bool destination) {
  if (o.file == File::none) return "";
  char buffer[64];
  if (o.file == File::immediate) {
    std::snprintf(buffer, sizeof buffer, "0x%llx:%s", static_cast<unsigned long long>(o.value), name_of(o.type));
    return buffer;
  }
  std::string text = o.negate ? "-" : "";
  if (o.absolute) text += "(abs)";
  text += register_text(o);
  if (destination) std::snprintf(buffer, sizeof buffer, "<%d>:%s", o.horizontal, name_of(o.type));
  else std::snprintf(buffer, sizeof buffer, "<%d;%d,%d>:%s", o.vertical, o.width, o.horizontal, name_of(o.type));
  return text + buffer;
}

}  // namespace

const char* name_of(Type type) {
  static const char* names[] = {"ub", "uw", "ud", "uq", "b", "w", "d", "q", "bf8", "hf", "f", "df", "hf8", "bf", "tf32",
                                "?", "v", "uv", "vf", "u4", "s4", "u2", "s2", ""};
  return names[static_cast<int>(type)];
}

std::string name_of(Opcode opcode) {
  if (const Entry* entry = find(opcode)) return entry->name;
  char buffer[16];
  std::snprintf(buffer, sizeof buffer, "0x%02x", static_cast<unsigned>(opcode));
  return buffer;
}

int source_count(Opcode opcode) {
  const Entry* entry = find(opcode);
  return entry ? entry->sources : -1;
}

std::string text_of(const Instruction& i) {
  std::string text;
  if (i.no_mask || i.predicate != Predicate::none) {
    text = i.no_mask ? "(W" : "(";
    if (i.predicate != Predicate::none) {
      text += i.no_mask ? "&" : "";
      text += i.predicate_inverted ? "~f" : "f";
      text += std::to_string(i.flag / 2) + "." + std::to_string(i.flag % 2);
      if (i.predicate == Predicate::any_vertical) text += ".anyv";
      if (i.predicate == Predicate::all_vertical) text += ".allv";
      if (i.predicate == Predicate::any_group) text += ".any";
      if (i.predicate == Predicate::all_group) text += ".all";
    }
    text += ") ";
  }
  text += name_of(i.opcode);
  if (i.opcode == Opcode::math) text += "." + std::to_string(static_cast<int>(i.math));
  if (i.opcode == Opcode::sync) text += "." + std::to_string(static_cast<int>(i.sync));
  if (i.is_dpas()) text += "." + std::to_string(i.depth) + "x" + std::to_string(i.repeat);
  text += " (" + std::to_string(i.channels) + "|M" + std::to_string(i.first_channel) + ")";
  if (i.condition != Condition::none) {
    static const char* names[] = {"", "eq", "ne", "gt", "ge", "lt", "le", "?", "ov", "un"};
    text += std::string(" (") + (i.condition == Condition::eo ? "eo" : names[static_cast<int>(i.condition)]) + ")f" +
            std::to_string(i.flag / 2) + "." + std::to_string(i.flag % 2);
  }
  if (i.saturate) text += " (sat)";
  if (i.is_branch() && i.source[0].file == File::none) {
    return text + " to " + std::to_string(static_cast<std::int64_t>(i.offset) + i.jump) + ", " +
           std::to_string(static_cast<std::int64_t>(i.offset) + i.update);
  }
  if (i.destination.file != File::none) text += " " + operand_text(i.destination, true);
  for (const Operand& s : i.source) {
    if (s.file != File::none) text += " " + operand_text(s, false);
  }
  if (i.is_send()) {
    char buffer[80];
    std::snprintf(buffer, sizeof buffer, " unit %d, descriptor 0x%x, extended 0x%x", static_cast<int>(i.send.unit),
                  i.send.descriptor, i.send.extended);
    text += buffer;
  }
  const std::string waits = text_of(i.annotation);
  return waits.empty() ? text : text + " {" + waits + "}";
}

}  // namespace xpuq::xe
