#include "form_parser.h"

#include <fstream>
#include <optional>
#include <sstream>

namespace xe_test {

using namespace xpuq::xe;

namespace {

std::optional<Type> type_named(const std::string& name) {
  for (int k = 0; k < static_cast<int>(Type::none); ++k) {
    if (name == name_of(static_cast<Type>(k))) return static_cast<Type>(k);
  }
  return std::nullopt;
}
std::optional<Opcode> opcode_named(const std::string& name) {
  for (int k = 0; k < 128; ++k) {
    if (source_count(static_cast<Opcode>(k)) >= 0 && name == name_of(static_cast<Opcode>(k))) return static_cast<Opcode>(k);
  }
  return std::nullopt;
}

/// Removes `prefix` where the text begins with it.
bool take(std::string& text, const std::string& prefix) {
  if (!text.starts_with(prefix)) return false;
  text.erase(0, prefix.size());
  return true;
}

File take_file(std::string& text) {
  static const std::pair<const char*, File> names[] = {{"null", File::null}, {"acc:", File::accumulator}, {"flag:", File::flag}, {"cr:", File::control},
                                                      {"sr:", File::state}, {"a:", File::address}, {"tm:", File::timestamp}};
  for (const auto& [name, file] : names) {
    if (take(text, name)) return file;
  }
  return File::general;
}

void region(Operand& o, const std::string& text, int channels, bool third, unsigned variant) {
  const auto set = [&](int vertical, int width, int horizontal) {
    o.vertical = static_cast<std::uint8_t>(vertical);
    o.width = static_cast<std::uint8_t>(width);
    o.horizontal = static_cast<std::uint8_t>(horizontal);
  };
  const bool wide = variant % 2 != 0 && size_of(o.type) < 4;
  if (text == ".0") set(0, 1, 0);
  else if (text == ".s" && third) set(wide ? 4 : 2, 1, wide ? 4 : 2);
  else if (text == ".s") set(4, wide ? 1 : 2, wide ? 0 : 2);
  else if (text == ".r") set(variant % 2 != 0 ? 8 : 4, 2, 1);
  else if (third) set(1, 1, 1);
  else set(variant % 2 != 0 && channels >= 8 ? 8 : 1, variant % 2 != 0 && channels >= 8 ? 8 : 1, variant % 2 != 0 && channels >= 8 ? 1 : 0);
}

std::uint64_t immediate_value(Type type, unsigned variant) {
  static constexpr std::uint64_t words[] = {3, 0xfff5, 31, 0x7fff, 0x8000, 1}, doubles[] = {5, 0xfffffff0, 0x80000000, 0x12345678, 0x7fffffff, 16};
  static constexpr std::uint64_t floats[] = {0x3f000000, 0xc0400000, 0, 0x7f800000, 0x42fe0000, 0x3dcccccd}, halves[] = {0x3c00, 0xbc00, 0x0001, 0x7c00, 0x5140, 0x2e66};
  const std::size_t k = variant % 6;
  switch (type) {
    case Type::w: case Type::uw: return words[k] * 0x10001;
    case Type::hf: case Type::bf: return halves[k] * 0x10001;
    case Type::f: return floats[k];
    case Type::v: case Type::uv: case Type::vf: return 0x76543210u ^ (k * 0x88888888u);
    default: return doubles[k];
  }
}

bool parse_operand(Operand& o, std::string text, int number, const ListedForm& listed, bool ternary, unsigned variant) {
  o.negate = take(text, "-");
  if (text.starts_with("a") && !text.starts_with("acc:") && !text.starts_with("a:")) o.absolute = take(text, "a");
  if (take(text, "#")) {
    const auto type = type_named(text);
    if (!type) return false;
    o.file = File::immediate;
    o.type = *type;
    o.value = immediate_value(*type, variant);
    if (ternary) o.value &= 0xffff;
    return true;
  }
  o.file = take_file(text);
  static constexpr int registers[] = {136, 16, 56, 96};
  if (o.file == File::general) o.reg = static_cast<std::uint8_t>(registers[number]);
  const std::size_t dot = text.find('.');
  const auto type = type_named(text.substr(0, dot));
  if (!type) return false;
  o.type = *type;
  const std::string shape = dot == std::string::npos ? "" : text.substr(dot);
  o.width = 1;
  if (shape == ".mme") {
    o.macro = static_cast<std::int8_t>(number + 1);
    o.vertical = 1;
  } else if (number == 0) {
    o.horizontal = static_cast<std::uint8_t>(shape != ".s" ? 1 : variant % 2 != 0 && size_of(o.type) == 1 && !ternary ? 4 : 2);
    o.vertical = o.horizontal;
  } else if (o.file != File::null) {
    region(o, shape, listed.channels, ternary && number == 3, variant);
    if (ternary && number < 3 && o.vertical == 2) return false;
  }
  return true;
}

bool parse_modifier(Instruction& i, const std::string& word) {
  static const std::pair<const char*, Condition> conditions[] = {{"eq", Condition::eq}, {"ne", Condition::ne}, {"gt", Condition::gt}, {"ge", Condition::ge},
                                                                {"lt", Condition::lt}, {"le", Condition::le}, {"ov", Condition::ov}, {"un", Condition::un}, {"eo", Condition::eo}};
  for (const auto& [name, condition] : conditions) {
    if (word == name) return i.condition = condition, true;
  }
  if (word == "sat") return i.saturate = true;
  if (word == "acc") return i.writes_accumulator = true;
  i.predicate_inverted = word.starts_with("~");
  const std::string kind = word.substr(i.predicate_inverted ? 1 : 0);
  i.predicate = kind == "p" ? Predicate::normal : kind == "anyv" ? Predicate::any_vertical : Predicate::none;
  return i.predicate != Predicate::none;
}

}  // namespace

std::vector<ListedForm> listed_forms() {
  std::ifstream in(std::string(XPUQ_TESTS) + "/unit/xe/forms.txt");
  std::vector<ListedForm> out;
  for (std::string line; std::getline(in, line);) {
    const std::size_t colon = line.rfind(" : ");
    if (colon == std::string::npos) continue;
    std::istringstream rest(line.substr(colon + 3));
    for (std::string word; rest >> word;) {
      const Encoding encoding = word.starts_with("hpg") ? Encoding::hpg : word.starts_with("hpc") ? Encoding::hpc : Encoding::xe2;
      std::istringstream numbers(word.substr(4));
      for (std::string n; std::getline(numbers, n, ',');) out.push_back({line.substr(0, colon), encoding, std::stoi(n)});
    }
  }
  return out;
}

Instruction arithmetic_of(const ListedForm& listed, unsigned variant) {
  Instruction i;
  const std::size_t space = listed.form.find(' '), bar = listed.form.find('|');
  if (space == std::string::npos || bar == std::string::npos || bar < space) return {};
  std::string name = listed.form.substr(0, space);
  if (const std::size_t dot = name.find('.'); dot != std::string::npos) {
    i.math = static_cast<MathFunction>(std::stoi(name.substr(dot + 1)));
    name.resize(dot);
  }
  const auto opcode = opcode_named(name);
  if (!opcode || *opcode == Opcode::dpas || *opcode == Opcode::dpasw) return {};
  i.channels = static_cast<std::uint8_t>(listed.channels);
  i.table = static_cast<std::uint8_t>(0x96 + 37 * variant);
  const bool ternary = source_count(*opcode) == 3;
  if (!parse_operand(i.destination, listed.form.substr(space + 1, bar - space - 1), 0, listed, ternary, variant)) return {};
  std::istringstream rest(listed.form.substr(bar + 1));
  std::string operands, word;
  rest >> operands;
  std::istringstream list(operands);
  int number = 0;
  for (std::string operand; std::getline(list, operand, ',');) {
    if (number == 3 || !parse_operand(i.source[number], operand, number + 1, listed, ternary, variant)) return {};
    ++number;
  }
  while (rest >> word) {
    if (!parse_modifier(i, word)) return {};
  }
  i.opcode = *opcode;
  return i;
}

}  // namespace xe_test
