#include "forms.h"

#include <bit>

namespace xe_test {

using namespace xpuq::xe;

namespace {

std::string file_text(const Operand& o) {
  static const char* names[] = {"null", "a:", "acc:", "flag:", "ce:", "msg:", "s:", "sr:", "cr:", "n:", "ip:", "?:", "tm:", "fc:", "?:", "dbg:"};
  return o.file < File::general ? names[static_cast<int>(o.file)] : "";
}

/// Where the elements of a source lie, for so many channels.
std::string region_text(const Operand& o, int channels) {
  if (o.indirect) return o.per_row ? ".xr" : ".x";
  if (channels == 1) return ".0";
  int steps[32] = {};
  for (int c = 0; c < channels; ++c) steps[c] = c / o.width * o.vertical + c % o.width * o.horizontal;
  for (int c = 2; c < channels; ++c) {
    if (steps[c] != c * steps[1]) return ".r";
  }
  return steps[1] == 0 ? ".0" : steps[1] == 1 ? "" : ".s";
}

std::string destination_text(const Operand& o) {
  if (o.file == File::none) return "";
  std::string text = file_text(o);
  text += name_of(o.type);
  if (o.macro >= 0) return text + ".mme";
  if (o.indirect) return text + ".x";
  return text + (o.horizontal > 1 ? ".s" : "");
}

std::string source_text(const Operand& o, int channels) {
  if (o.file == File::none) return "";
  std::string text = o.negate ? "-" : "";
  if (o.absolute) text += "a";
  if (o.file == File::immediate) return text + "#" + name_of(o.type);
  text += file_text(o);
  text += name_of(o.type);
  if (o.file == File::null) return text;
  return text + (o.macro >= 0 ? ".mme" : region_text(o, channels));
}

std::string modifiers_text(const Instruction& i) {
  static const char* conditions[] = {"", "eq", "ne", "gt", "ge", "lt", "le", "", "ov", "un"};
  std::string text;
  if (i.predicate != Predicate::none) {
    static const char* kinds[] = {"", "p", "anyv", "allv", "any", "all"};
    text += std::string(" ") + (i.predicate_inverted ? "~" : "") + kinds[static_cast<int>(i.predicate)];
    if (i.predicate_group != 0) text += std::to_string(i.predicate_group);
  }
  if (i.condition == Condition::eo) text += " eo";
  else if (i.condition != Condition::none) text += std::string(" ") + conditions[static_cast<int>(i.condition)];
  if (i.saturate) text += " sat";
  if (i.writes_accumulator) text += " acc";
  return text;
}

std::string message_text(const Instruction& i) {
  const Send& m = i.send;
  if (m.end_of_thread) return "send eot";
  static const char* units[] = {"null", "ugml", "sampler", "gateway", "dc2", "render", "urb", "spawner", "rta", "dcro", "dc0", "pixel", "dc1", "tgm", "slm", "ugm"};
  std::string text = std::string("send ") + units[static_cast<int>(m.unit)];
  const std::uint32_t d = m.descriptor;
  if (m.descriptor_in_register) text += " descriptor";
  const auto bits = [&](int at, int n) { return std::to_string(d >> at & ((1u << n) - 1)); };
  if (m.unit == Unit::ugm || m.unit == Unit::slm || m.unit == Unit::ugml || m.unit == Unit::tgm) {
    const std::uint32_t operation = d & 63;
    text += " " + std::to_string(operation);
    if (operation == 31) return text;
    static const char* elements[] = {"d8", "d16", "d32", "d64", "d8u32", "d16u32", "d16u32h", "?"};
    text += std::string(" ") + elements[d >> 9 & 7];
    if (operation == 3 || operation == 7) {
      text += (d >> 7 & 1) != 0 ? " vnni" : "";
      text += (d >> 15 & 1) != 0 ? " transposed" : "";
    } else if (operation == 2 || operation == 6) {
      text += " a" + bits(7, 2) + " mask" + bits(12, 4);
    } else {
      text += " a" + bits(7, 2) + " v" + bits(12, 3) + ((d >> 15 & 1) != 0 ? " transposed" : "");
    }
    static const char* surfaces[] = {" flat", " bss", " ss", " bti"};
    text += surfaces[d >> 29 & 3];
  } else if (m.unit == Unit::gateway) {
    text += " " + bits(0, 3);
  } else {
    text += " type" + bits(14, 5) + " control" + bits(8, 6) + ((d & 255) >= 253 ? " stateless" : " bti");
  }
  if (m.gathers) text += " gathers";
  if (m.extended_in_register) text += m.bindless ? " exbso" : " ex";
  if (i.destination.file == File::null) text += " null";
  if (i.source[1].file == File::null) text += " nodata";
  if (i.predicate != Predicate::none) text += modifiers_text(i);
  return text;
}

}  // namespace

std::string form_of(const Instruction& i) {
  if (i.opcode == Opcode::illegal) return "";
  if (i.is_send()) return message_text(i);
  std::string text = name_of(i.opcode);
  if (i.opcode == Opcode::math) text += "." + std::to_string(static_cast<int>(i.math));
  if (i.opcode == Opcode::sync) return text + "." + std::to_string(static_cast<int>(i.sync)) + (i.source[0].file == File::none ? "" : " " + source_text(i.source[0], 1));
  if (i.is_branch()) {
    if (i.branch_control) text += ".b";
    if (i.source[0].file != File::none) text += " " + source_text(i.source[0], 1);
    return text + modifiers_text(i);
  }
  if (i.is_dpas()) {
    text += "." + std::to_string(i.depth) + "x" + std::to_string(i.repeat) + " " + name_of(i.destination.type) + "|";
    text += i.source[0].file == File::null ? "null" : name_of(i.source[0].type);
    return text + "," + name_of(i.source[1].type) + "," + name_of(i.source[2].type) + modifiers_text(i);
  }
  text += " " + destination_text(i.destination) + "|";
  for (int k = 0; k < 3; ++k) {
    if (i.source[k].file != File::none) text += (k != 0 ? "," : "") + source_text(i.source[k], i.channels);
  }
  return text + modifiers_text(i);
}

void add_forms(Platform platform, std::span<const Instruction> code, Forms& forms) {
  std::size_t end = code.size();
  while (end > 0 && !(code[end - 1].is_send() && code[end - 1].send.end_of_thread)) --end;
  const auto encoding = static_cast<std::size_t>(traits_of(platform).encoding);
  for (const Instruction& i : code.first(end)) {
    forms[form_of(i)][encoding] |= static_cast<std::uint8_t>(1u << std::countr_zero(i.channels));
  }
}

std::string to_text(const Forms& forms) {
  std::string text;
  for (const auto& [form, channels] : forms) {
    text += form + " :";
    for (std::size_t e = 0; e < 3; ++e) {
      if (channels[e] == 0) continue;
      static const char* names[] = {" hpg", " hpc", " xe2"};
      text += names[e];
      for (int k = 0; k < 6; ++k) {
        if ((channels[e] >> k & 1) != 0) text += "," + std::to_string(1 << k);
      }
    }
    text += "\n";
  }
  return text;
}

}  // namespace xe_test
