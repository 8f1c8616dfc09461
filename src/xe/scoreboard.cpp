#include "xe/scoreboard.h"

#include <algorithm>

#include "xe/thread.h"

namespace xpuq::xe {
namespace {

/// After so many more instructions in the same pipe an ordered instruction has finished without a wait (IGC's limits).
constexpr std::array<std::uint64_t, kOrderedExecutors> kLongest = {11, 11, 15, 18, 2};

constexpr bool ordered(Executor e) { return static_cast<int>(e) < kOrderedExecutors; }

/// Messages by the code of their unit, the systolic pipe behind them; more for others.
constexpr std::size_t unit_of(Executor e) {
  if (e >= Executor::message) return static_cast<std::size_t>(e) - static_cast<std::size_t>(Executor::message);
  return e == Executor::systolic ? 16 : 17;
}

std::uint8_t pipes_of(const Annotation& a, const Footprint& f) {
  constexpr std::uint8_t all = (1u << kOrderedExecutors) - 1;
  switch (a.pipe) {
    case DistancePipe::none: return 0;
    case DistancePipe::own: return f.own;
    case DistancePipe::all: return all;
    case DistancePipe::floating: return 1u << static_cast<int>(Executor::floating);
    case DistancePipe::integer: return 1u << static_cast<int>(Executor::integer);
    case DistancePipe::wide: return 1u << static_cast<int>(Executor::wide);
    case DistancePipe::math: return 1u << static_cast<int>(Executor::math);
    case DistancePipe::scalar: return 1u << static_cast<int>(Executor::scalar);
  }
  return 0;
}

std::string place_of(const Instruction& i) { return "byte " + std::to_string(i.offset) + ": " + text_of(i); }

}  // namespace

ScoreboardCode::ScoreboardCode(Platform platform, std::shared_ptr<const PreparedCode> prepared)
    : code(std::move(prepared)), register_bytes(traits_of(platform).register_bytes), hpg(traits_of(platform).encoding == Encoding::hpg) {
  const std::vector<Instruction>& all = code->instructions;
  tokens.assign(all.size(), -1);
  block_begins.assign(all.size(), false);
  for (const Step& s : code->steps) {
    if (s.jump >= 0) block_begins[static_cast<std::size_t>(s.jump)] = true;
    if (s.update >= 0) block_begins[static_cast<std::size_t>(s.update)] = true;
  }
  for (const Instruction& i : all) footprints.push_back(footprint_of(platform, i));
  // Of several dpas one behind the other only the last may carry a token: they finish in order.
  for (std::size_t i = all.size(); i-- > 0;) {
    if (all[i].annotation.use == TokenUse::set) tokens[i] = all[i].annotation.token;
    else if (all[i].is_dpas() && i + 1 < all.size() && all[i + 1].is_dpas()) tokens[i] = tokens[i + 1];
  }
}

void Scoreboard::reset(const ScoreboardCode& code) {
  code_ = &code;
  issued_.fill(0);
  waited_.fill(0);
  tokens_.fill({});
  sent_.fill(0);
  read_.fill(0);
  for (auto& p : pending_) p.clear();
}

void Scoreboard::sources_read(Token& t) {
  t.read = t.claimed;
  if (t.unit < kUnits) read_[t.unit] = std::max(read_[t.unit], t.order);
}

void Scoreboard::wait(const Instruction& i, const Footprint& f, bool runs) {
  const Annotation& a = i.annotation;
  const std::uint8_t pipes = pipes_of(a, f);
  for (std::size_t p = 0; p < issued_.size(); ++p) {
    if ((pipes >> p & 1) == 0 || issued_[p] + 1 < a.distance) continue;
    waited_[p] = std::max(waited_[p], issued_[p] + 1 - a.distance);
  }
  const auto read = [this](Token& t) { sources_read(t); };
  const auto written = [this](Token& t) {
    sources_read(t);
    t.written = t.claimed;
  };
  Token& token = tokens_[a.token & 31];
  if (a.use == TokenUse::source) read(token);
  if (a.use == TokenUse::destination) written(token);
  // A token in use is waited for; an instruction without channels does not take it.
  if (a.use == TokenUse::set && runs) written(token);
  if (i.opcode == Opcode::sync && (i.sync == SyncFunction::allrd || i.sync == SyncFunction::allwr)) {
    for (std::size_t k = 0; k < tokens_.size(); ++k) {
      if ((i.tokens >> k & 1) == 0) continue;
      if (i.sync == SyncFunction::allrd) read(tokens_[k]);
      else written(tokens_[k]);
    }
  }
}

bool Scoreboard::finished(const Pending& p) const {
  if (ordered(p.executor)) {
    const auto pipe = static_cast<std::size_t>(p.executor);
    return p.number <= waited_[pipe] || issued_[pipe] + 1 - p.number >= kLongest[pipe];
  }
  if (!p.write && p.order != 0 && p.order <= read_[unit_of(p.executor)]) return true;
  if (p.token < 0) return false;
  const Token& token = tokens_[static_cast<std::size_t>(p.token)];
  return p.number <= (p.write ? token.written : token.read);
}

const Scoreboard::Pending* Scoreboard::collision(const std::vector<RegisterBytes>& registers, bool write, Executor executor) {
  for (const RegisterBytes& r : registers) {
    std::vector<Pending>& list = pending_[r.reg];
    for (std::size_t k = 0; k < list.size();) {
      const Pending& p = list[k];
      if (finished(p)) {
        list[k] = list.back();
        list.pop_back();
        continue;
      }
      ++k;
      if ((p.bytes & r.bytes) == 0 || (!p.write && !write)) continue;
      // When dpas have read their sources is not said anywhere: oneDNN waits for another token of their chains.
      if (!p.write && p.executor == Executor::systolic) continue;
      // One pipe reads its operands in order; ordered pipes and the systolic one also write in order.
      if (write && p.executor == executor && (!p.write || ordered(executor) || executor == Executor::systolic)) continue;
      collided_ = r.reg;
      return &p;
    }
  }
  return nullptr;
}

void Scoreboard::record(const std::vector<RegisterBytes>& registers, const Pending& pending) {
  for (const RegisterBytes& r : registers) {
    pending_[r.reg].push_back(pending);
    pending_[r.reg].back().bytes = r.bytes;
  }
}

std::string Scoreboard::describe(const Pending& p, bool write) const {
  const Instruction& earlier = code_->code->instructions[p.step];
  const std::string reg = collided_ >= kScalarRegister ? "s" + std::to_string(collided_ - kScalarRegister) : "r" + std::to_string(collided_);
  std::string what = reg + (write ? " is written" : " is read") + " without a wait for the instruction that still " +
                     (p.write ? "writes it" : "reads it");
  if (p.token >= 0) what += " (token " + std::to_string(p.token) + ")";
  return what + ", " + place_of(earlier);
}

const Footprint& Scoreboard::footprint(const Thread& t, const Step& s) {
  const Footprint& fixed = code_->footprints[s.index];
  if (!fixed.changes) return fixed;
  changed_ = fixed;
  const Instruction& i = code_->code->instructions[s.index];
  const auto grf = static_cast<std::uint32_t>(code_->register_bytes);
  if (i.is_send()) {
    std::uint32_t descriptor = i.send.descriptor;
    if (i.send.descriptor_in_register) {
      descriptor = peek<std::uint32_t>(t.r + RegisterFile::address);
      const std::uint32_t results = descriptor >> 20 & 31;
      if (i.destination.file == File::general) add_registers(changed_.writes, code_->register_bytes, i.destination.reg, results == 31 ? 32 : results);
      if (i.source[0].file == File::general) add_registers(changed_.reads, code_->register_bytes, i.source[0].reg, descriptor >> 25 & 15);
    }
    if (i.send.gathers) {
      changed_.reads.push_back({kScalarRegister, ((std::uint64_t{1} << (descriptor >> 25 & 15)) - 1) << i.source[0].byte});
      for (std::uint32_t k = 0; k < (descriptor >> 25 & 15); ++k) add_registers(changed_.reads, code_->register_bytes, t.r[s.source[0].base + k], 1);
    }
    if (i.send.extended_in_register && code_->hpg && !i.send.bindless && i.source[1].file == File::general) {
      const auto extended = peek<std::uint32_t>(t.r + RegisterFile::address + 4 * i.send.extended_word);
      add_registers(changed_.reads, code_->register_bytes, i.source[1].reg, extended >> 6 & 31);
    }
    return changed_;
  }
  // Whole registers around each element would be too much: elements, as the instruction will find them.
  const auto add = [&](std::vector<RegisterBytes>& to, int word, int offset, int size) {
    const int at = peek<std::uint16_t>(t.r + RegisterFile::address + 2 * (word & 15)) + offset;
    if (at < 0 || static_cast<std::uint32_t>(at + size) > 256 * grf) return;
    const auto first = static_cast<std::uint32_t>(at);
    to.push_back({static_cast<std::uint16_t>(first / grf), ((std::uint64_t{1} << size) - 1) << first % grf});
  };
  std::uint32_t mask = execution_mask(t, s);
  if (s.predicate != Predicate::none && i.opcode != Opcode::sel) mask &= predicate_mask(t, s, mask);
  for (int c = 0; c < i.channels; ++c) {
    if ((mask >> c & 1) == 0) continue;
    for (const Operand& o : i.source) {
      if (!o.indirect) continue;
      const int width = std::max<int>(o.width, 1), row = c / width, size = size_of(o.type);
      add(changed_.reads, o.address_word + (o.per_row ? row : 0), o.address_offset + (o.per_row ? 0 : row * o.vertical * size) + c % width * o.horizontal * size, size);
    }
    const Operand& d = i.destination;
    if (d.indirect) add(changed_.writes, d.address_word, d.address_offset + c * std::max<int>(d.horizontal, 1) * size_of(d.type), size_of(d.type));
  }
  return changed_;
}

std::string Scoreboard::issue(const Thread& t, const Step& s, bool runs) {
  const Instruction& i = code_->code->instructions[s.index];
  const Footprint& f = footprint(t, s);
  if (!i.annotation.known) return "its dependency annotation means nothing";
  // Compilers count on ordered pipes being empty behind a branch and where blocks of instructions meet.
  if (i.is_branch() || code_->block_begins[s.index]) waited_ = issued_;
  wait(i, f, runs);
  // A message that no channel sends changes nothing, and takes no token that it could have waited for.
  const bool sent = f.executor != Executor::control && !ordered(f.executor);
  if (sent && !runs) return {};
  if (const Pending* p = collision(f.reads, false, f.executor)) return describe(*p, false);
  if (const Pending* p = collision(f.writes, true, f.executor)) return describe(*p, true);
  if (f.executor == Executor::control) return {};
  Pending now;
  now.step = s.index;
  now.executor = f.executor;
  if (ordered(f.executor)) {
    now.number = ++issued_[static_cast<std::size_t>(f.executor)];
  } else {
    now.token = code_->tokens[s.index];
    const std::size_t unit = unit_of(f.executor);
    const bool in_unit = unit < sent_.size();
    if (in_unit) now.order = ++sent_[unit];
    if (now.token >= 0) {
      Token& token = tokens_[static_cast<std::size_t>(now.token)];
      now.number = token.claimed + 1;
      if (i.annotation.use == TokenUse::set) {
        ++token.claimed;
        token.order = now.order;
        token.unit = static_cast<std::uint8_t>(in_unit ? unit : kUnits);
      }
    }
  }
  record(f.reads, now);
  now.write = true;
  record(f.writes, now);
  return {};
}

}  // namespace xpuq::xe
