// How the elements of an expression are shared out among work items. Axes are those of the output as it lies in memory;
// along the innermost one a work item makes a vector of elements, so that loads and stores are of up to 16 bytes.
#include "opencl/pointwise.h"

#include <algorithm>

#include "opencl/c_type.h"
#include "opencl/expression.h"
#include "opencl/kernel_text.h"
#include "opencl/number.h"

namespace xpuq::opencl {
namespace {

constexpr std::int64_t kNarrow = std::int64_t{1} << 31;
/// Edge of the square that a work item transposes in registers.
constexpr std::int64_t kBlock = 4;
/// Largest innermost axis that a work item writes whole, with vectors across the next axis.
constexpr std::int64_t kTileChannels = 8;

std::string vector_type(DataType dtype, std::int64_t lanes) {
  return std::string(c_type(dtype)) + (lanes > 1 ? std::to_string(lanes) : "");
}

std::string lane(const std::string& name, std::int64_t k, std::int64_t lanes) {
  return lanes > 1 ? name + ".s" + "0123456789abcdef"[k] : name;
}

class PointwiseKernel {
 public:
  PointwiseKernel(const Plan& plan, const Group& group, Expression expression)
      : e_(std::move(expression)), dst_(group.outputs[0]), type_(plan.values[dst_].type.dtype), text_(kind(plan, group)) {}

  Kernel make() {
    std::vector<Affine*> maps{&e_.store};
    for (Load& l : e_.loads) {
      maps.push_back(&l.address);
      for (Load& o : l.others) maps.push_back(&o.address);
    }
    for (Condition& c : e_.conditions)
      for (Condition::Range& r : c.ranges) maps.push_back(&r.coordinate);
    const Affine order = e_.store;
    sort_and_join(e_.axes, order, maps);
    for (const Affine* m : maps)
      if (m->greatest(e_.axes) >= kNarrow || m->least(e_.axes) < -kNarrow) text_.use_wide_indices();
    for (std::size_t i = 0; i < e_.axes.size(); ++i) names_.push_back("i" + std::to_string(i));
    text_.prelude() = e_.prelude;
    declare_parameters();
    write_function();
    if (const std::int64_t lanes = tile_lanes(); lanes > 0) tile(lanes);
    else if (const std::size_t across = block_axis(); across + 1 < e_.axes.size()) block(across);
    else rows(row_lanes());
    return text_.finish();
  }

 private:
  static std::string kind(const Plan& plan, const Group& group) {
    for (const std::uint32_t s : group.steps) {
      const OpKind op = plan.steps[s].op;
      if (!moves_elements(op, plan.steps[s].attributes) && op != OpKind::dropout) return "pointwise";
    }
    return "move";
  }

  std::int64_t inner() const { return e_.axes.back(); }

  void declare_parameters() {
    for (const Load& l : e_.loads) {
      pointers_.push_back(l.value ? text_.read(*l.value, l.dtype) : "");
      other_pointers_.emplace_back();
      for (const Load& o : l.others) other_pointers_.back().push_back(text_.read(*o.value, o.dtype));
    }
    y_ = text_.write(dst_, type_);
    for (std::size_t i = 0; i < e_.loads.size(); ++i)
      if (!e_.loads[i].value) pointers_[i] = text_.literal(e_.loads[i].literal, e_.loads[i].dtype);
    for (const Table& t : e_.tables)
      tables_.push_back(t.value ? text_.read(*t.value, t.dtype) : text_.literal(t.literal, t.dtype));
    if (!e_.parameters.empty()) p_ = text_.literal(literal_bytes(e_.parameters), DataType::f32);
  }

  void write_function() {
    std::string parameters, arguments;
    const auto add = [&](const std::string& declaration, const std::string& argument) {
      parameters += (parameters.empty() ? "" : ", ") + declaration;
      if (!argument.empty()) arguments += (arguments.empty() ? "" : ", ") + argument;
    };
    if (!p_.empty()) add("__global const float* restrict p", p_);
    for (std::size_t i = 0; i < tables_.size(); ++i)
      add("__global const " + std::string(c_type(e_.tables[i].dtype)) + "* restrict t" + std::to_string(i), tables_[i]);
    for (std::size_t i = 0; i < e_.conditions.size(); ++i) {
      const std::string name = "c" + std::to_string(i);
      add("int " + name, name);
    }
    for (std::size_t i = 0; i < e_.loads.size(); ++i)
      add(std::string(c_type(e_.loads[i].dtype)) + " a" + std::to_string(i), "");
    text_.function("static " + std::string(c_type(type_)) + " xpuq_element(" + parameters + ") {\n" + e_.statements +
                   "  return " + e_.result + ";\n}\n");
    fixed_arguments_ = arguments;
  }

  /// True when all lanes of a row read the same element.
  static bool is_uniform(const Load& l) { return l.address.coefficients.back() == 0 && l.others.empty(); }

  /// Lanes along the innermost axis: 16 bytes of the largest type that is read or written in a row.
  std::int64_t row_lanes() const {
    std::size_t bytes = size_of(type_);
    for (const Load& l : e_.loads)
      if (!is_uniform(l) && l.address.coefficients.back() <= 1) bytes = std::max(bytes, size_of(l.dtype));
    for (std::int64_t lanes = static_cast<std::int64_t>(16 / bytes); lanes > 1; lanes /= 2) {
      const bool whole = e_.axes.size() == 1 ? inner() >= lanes : inner() % lanes == 0;
      if (whole && conditions_agree(lanes)) return lanes;
    }
    return 1;
  }

  /// True when every condition is the same for all lanes of a vector.
  bool conditions_agree(std::int64_t lanes) const {
    for (const Condition& c : e_.conditions)
      for (const Condition::Range& r : c.ranges) {
        const auto& k = r.coordinate.coefficients;
        if (k.back() == 0) continue;
        bool aligned = k.back() == 1 && (r.coordinate.offset - r.first) % lanes == 0 && (r.last - r.first) % lanes == 0;
        for (std::size_t a = 0; a + 1 < k.size(); ++a) aligned = aligned && k[a] % lanes == 0;
        // A tail is walked element by element with the condition of its first one.
        if (!aligned || (e_.axes.size() == 1 && inner() % lanes != 0)) return false;
      }
    return true;
  }

  bool aligned(const Affine& address, std::int64_t lanes) const {
    bool out = address.offset % lanes == 0;
    for (std::size_t a = 0; a + 1 < address.coefficients.size(); ++a) out = out && address.coefficients[a] % lanes == 0;
    return out;
  }

  std::string vector_load(const std::string& pointer, DataType dtype, const std::string& address, std::int64_t lanes,
                          bool is_aligned) const {
    if (lanes == 1) return pointer + "[" + address + "]";
    if (is_aligned) return "*(__global const " + vector_type(dtype, lanes) + "*)(" + pointer + " + " + address + ")";
    return "vload" + std::to_string(lanes) + "(0, " + pointer + " + " + address + ")";
  }

  void write_conditions() {
    for (std::size_t i = 0; i < e_.conditions.size(); ++i) {
      const Condition& c = e_.conditions[i];
      std::string test = c.parent < 0 ? "" : "c" + std::to_string(c.parent);
      for (const Condition::Range& r : c.ranges) {
        const std::string x = text(r.coordinate);
        if (r.coordinate.least(e_.axes) < r.first) test += (test.empty() ? "" : " && ") + x + " >= " + text(r.first);
        if (r.coordinate.greatest(e_.axes) >= r.last) test += (test.empty() ? "" : " && ") + x + " < " + text(r.last);
      }
      text_.line("const int c" + std::to_string(i) + " = " + (test.empty() ? "1" : test) + ";");
    }
  }

  /// Sets `name` to what is read from `lanes` places, `step` apart.
  void write_place(const std::string& name, const std::string& pointer, DataType dtype, const std::string& address,
                   std::int64_t step, std::int64_t lanes, bool is_aligned) {
    if (step == 1 || lanes == 1) return text_.line(name + " = " + vector_load(pointer, dtype, address, lanes, is_aligned) + ";");
    for (std::int64_t k = 0; k < lanes; ++k)
      text_.line(lane(name, k, lanes) + " = " + pointer + "[" + address + (k == 0 || step == 0 ? "" : " + " + text(k * step)) + "];");
  }

  /// Declares a variable with what load `i` reads for `lanes` elements from `address` on, `step` apart.
  void write_load(std::size_t i, const std::string& name, const std::string& address, std::int64_t step,
                  std::int64_t lanes, bool is_aligned) {
    const Load& l = e_.loads[i];
    const std::int64_t width = step == 0 && l.others.empty() ? 1 : lanes;
    const std::string type = vector_type(l.dtype, width);
    if (l.condition < 0 && (step == 1 || width == 1))
      return text_.line("const " + type + " " + name + " = " + vector_load(pointers_[i], l.dtype, address, width, is_aligned) + ";");
    text_.line(type + " " + name + " = 0;");
    if (l.condition >= 0) text_.line("if (c" + std::to_string(l.condition) + ") {");
    write_place(name, pointers_[i], l.dtype, address, step, width, is_aligned);
    if (l.condition >= 0) text_.line("}");
    for (std::size_t k = 0; k < l.others.size(); ++k) {
      const Affine& at = l.others[k].address;
      text_.line("else if (c" + std::to_string(l.others[k].condition) + ") {");
      write_place(name, other_pointers_[i][k], l.dtype, text(at), at.coefficients.back(), width, aligned(at, width));
      text_.line("}");
    }
  }

  std::string call(const std::vector<std::string>& loads) const {
    std::string arguments = fixed_arguments_;
    for (const std::string& l : loads) arguments += (arguments.empty() ? "" : ", ") + l;
    return "xpuq_element(" + arguments + ")";
  }

  void rows(std::int64_t lanes) {
    const bool tail = inner() % lanes != 0;
    std::vector<std::int64_t> sizes = e_.axes;
    sizes.back() = (inner() + lanes - 1) / lanes;
    std::vector<std::string> names = names_;
    if (lanes > 1) names.back() = "b";
    text_.begin({.items = element_count(sizes)});
    text_.decode("item", sizes, names);
    if (lanes > 1) text_.line("const " + text_.index_type() + " " + names_.back() + " = b * " + text(lanes) + ";");
    write_conditions();
    if (tail) {
      text_.line("if (" + names_.back() + " > " + text(inner() - lanes) + ") {");
      rest();
      text_.line("return;\n  }");
    }
    for (std::size_t i = 0; i < e_.loads.size(); ++i) {
      const Affine& address = e_.loads[i].address;
      write_load(i, "a" + std::to_string(i), text(address), address.coefficients.back(), lanes, aligned(address, lanes));
    }
    store(lanes, text(e_.store), [&](std::int64_t k) {
      std::vector<std::string> loads;
      for (std::size_t i = 0; i < e_.loads.size(); ++i) {
        loads.push_back(lane("a" + std::to_string(i), k, is_uniform(e_.loads[i]) ? 1 : lanes));
      }
      return call(loads);
    });
  }

  /// The elements after the last whole vector, of the only axis, in a loop over k.
  void rest() {
    const std::string i = names_.back();
    const auto place = [&](const std::string& pointer, const Affine& at) {
      std::string address = text(at);
      if (const std::size_t found = address.find(i); found != std::string::npos) address.replace(found, i.size(), "k");
      return pointer + "[" + address + "]";
    };
    std::vector<std::string> loads;
    for (std::size_t l = 0; l < e_.loads.size(); ++l) {
      const Load& load = e_.loads[l];
      std::string read = place(pointers_[l], load.address);
      if (load.condition >= 0) {
        const std::string zero = "(" + std::string(c_type(load.dtype)) + ")0";
        std::string other = zero;
        for (std::size_t o = load.others.size(); o-- > 0;)
          other = "c" + std::to_string(load.others[o].condition) + " ? " + place(other_pointers_[l][o], load.others[o].address) + " : " + other;
        read = "(c" + std::to_string(load.condition) + " ? " + read + " : " + other + ")";
      }
      loads.push_back(read);
    }
    text_.line("for (" + text_.index_type() + " k = " + i + "; k < " + text(inner()) + "; ++k) " + y_ + "[k] = " + call(loads) + ";");
  }

  template <class Element>
  void store(std::int64_t lanes, const std::string& address, const Element& element) {
    if (lanes == 1) return text_.line(y_ + "[" + address + "] = " + element(0) + ";");
    const std::string type = vector_type(type_, lanes);
    text_.line(type + " r;");
    for (std::int64_t k = 0; k < lanes; ++k) text_.line(lane("r", k, lanes) + " = " + element(k) + ";");
    text_.line("*(__global " + type + "*)(" + y_ + " + " + address + ") = r;");
  }

  /// Lanes across the last axis but one, or 0: the innermost axis is short (the channels of a picture) and the inputs
  /// are contiguous along the one before it.
  std::int64_t tile_lanes() const {
    const std::size_t rank = e_.axes.size();
    if (rank < 2 || inner() > kTileChannels || !e_.conditions.empty()) return 0;
    bool across = false;
    std::size_t bytes = size_of(type_);
    for (const Load& l : e_.loads) {
      const std::int64_t step = l.address.coefficients[rank - 2];
      if (step > 1 || step < 0) return 0;
      across = across || step == 1;
      if (step == 1) bytes = std::max(bytes, size_of(l.dtype));
    }
    if (!across) return 0;
    for (std::int64_t lanes = static_cast<std::int64_t>(16 / bytes); lanes > 1; lanes /= 2)
      if (e_.axes[rank - 2] % lanes == 0 && lanes * inner() <= 64) return lanes;
    return 0;
  }

  void tile(std::int64_t lanes) {
    const std::size_t rank = e_.axes.size();
    std::vector<std::int64_t> sizes(e_.axes.begin(), e_.axes.end() - 1);
    sizes.back() /= lanes;
    std::vector<std::string> names(names_.begin(), names_.end() - 1);
    names.back() = "b";
    text_.begin({.items = element_count(sizes)});
    text_.decode("item", sizes, names);
    text_.line("const " + text_.index_type() + " " + names_[rank - 2] + " = b * " + text(lanes) + ";");
    for (std::int64_t c = 0; c < inner(); ++c)
      for (std::size_t i = 0; i < e_.loads.size(); ++i) {
        Affine at = e_.loads[i].address;
        at.offset += at.coefficients.back() * c;
        const std::int64_t step = at.coefficients[rank - 2];
        bool is_aligned = at.offset % lanes == 0;
        for (std::size_t a = 0; a + 2 < rank; ++a) is_aligned = is_aligned && at.coefficients[a] % lanes == 0;
        at.coefficients.back() = 0;
        write_load(i, load_name(i, c), text(at), step, lanes, is_aligned);
      }
    Affine to = e_.store;
    to.coefficients.back() = 0;
    const std::string type = vector_type(type_, lanes);
    for (std::int64_t m = 0; m < inner(); ++m) {
      const std::string r = "r" + std::to_string(m);
      text_.line(type + " " + r + ";");
      for (std::int64_t s = 0; s < lanes; ++s) {
        const std::int64_t e = m * lanes + s, row = e / inner(), c = e % inner();
        std::vector<std::string> loads;
        for (std::size_t i = 0; i < e_.loads.size(); ++i) {
          const bool same = e_.loads[i].address.coefficients[rank - 2] == 0;
          loads.push_back(lane(load_name(i, c), row, same ? 1 : lanes));
        }
        text_.line(lane(r, s, lanes) + " = " + call(loads) + ";");
      }
      text_.line("*(__global " + type + "*)(" + y_ + " + " + text(to) + (m == 0 ? "" : " + " + text(m * lanes)) + ") = " + r + ";");
    }
  }

  /// The axis along which inputs are contiguous that are strided along the innermost one; the last axis if there is no
  /// transposition, or one that blocks cannot do.
  std::size_t block_axis() const {
    const std::size_t last = e_.axes.size() - 1;
    if (!e_.conditions.empty() || inner() < kBlock) return last;
    std::size_t across = last;
    for (const Load& l : e_.loads) {
      const auto& c = l.address.coefficients;
      if (c[last] == 0 || c[last] == 1) continue;
      const auto found = static_cast<std::size_t>(std::find(c.begin(), c.end(), 1) - c.begin());
      if (found >= last || (across != last && across != found) || e_.axes[found] < kBlock) return last;
      across = found;
    }
    return across;
  }

  /// True when vectors along `axis` begin at multiples of kBlock elements, whatever block this is.
  bool block_aligned(const Affine& address, std::size_t axis) const {
    bool out = address.offset % kBlock == 0 && e_.axes[axis] % kBlock == 0;
    for (std::size_t a = 0; a < address.coefficients.size(); ++a)
      if (a != axis) out = out && address.coefficients[a] % kBlock == 0;
    return out;
  }

  Affine moved(const Affine& address, std::size_t axis, std::int64_t by) const {
    Affine out = address;
    out.offset += out.coefficients[axis] * by;
    return out;
  }

  /// Squares of `across` and the innermost axis, read along the one and written along the other. The last square of an
  /// axis that is no multiple begins early and writes some elements again, with the same values.
  void block(std::size_t across) {
    const std::size_t last = e_.axes.size() - 1;
    std::vector<std::int64_t> sizes = e_.axes;
    std::vector<std::string> names = names_;
    for (const std::size_t axis : {across, last}) {
      sizes[axis] = (e_.axes[axis] + kBlock - 1) / kBlock;
      names[axis] = "b" + std::to_string(axis);
    }
    text_.begin({.items = element_count(sizes)});
    text_.decode("item", sizes, names);
    for (const std::size_t axis : {across, last}) {
      const std::string first = names[axis] + " * " + text(kBlock);
      const bool whole = e_.axes[axis] % kBlock == 0;
      text_.line("const " + text_.index_type() + " " + names_[axis] + " = " +
                 (whole ? first : "min(" + first + ", (" + text_.index_type() + ")" + text(e_.axes[axis] - kBlock) + ")") + ";");
    }
    std::vector<std::array<std::array<std::string, kBlock>, kBlock>> element(e_.loads.size());  // of load, row, column
    for (std::size_t l = 0; l < e_.loads.size(); ++l) {
      const Affine& at = e_.loads[l].address;
      const std::int64_t along = at.coefficients[last], over = at.coefficients[across];
      const bool columns = along != 0 && along != 1;
      for (std::int64_t k = 0; k < kBlock; ++k) {
        if (k > 0 && !columns && over == 0) break;
        const std::string name = load_name(l, k);
        const std::size_t axis = columns ? across : last;
        const Affine place = moved(at, columns ? last : across, k);
        write_load(l, name, text(place), columns ? 1 : along, kBlock, block_aligned(place, axis));
      }
      for (std::int64_t i = 0; i < kBlock; ++i)
        for (std::int64_t j = 0; j < kBlock; ++j)
          element[l][i][j] = columns ? lane(load_name(l, j), i, kBlock) : lane(load_name(l, over == 0 ? 0 : i), j, along == 0 ? 1 : kBlock);
    }
    const std::string type = vector_type(type_, kBlock);
    for (std::int64_t i = 0; i < kBlock; ++i) {
      const std::string r = "r" + std::to_string(i);
      text_.line(type + " " + r + ";");
      for (std::int64_t j = 0; j < kBlock; ++j) {
        std::vector<std::string> loads;
        for (const auto& of_load : element) loads.push_back(of_load[i][j]);
        text_.line(lane(r, j, kBlock) + " = " + call(loads) + ";");
      }
      const Affine to = moved(e_.store, across, i);
      if (block_aligned(to, last)) text_.line("*(__global " + type + "*)(" + y_ + " + " + text(to) + ") = " + r + ";");
      else text_.line("vstore4(" + r + ", 0, " + y_ + " + " + text(to) + ");");
    }
  }

  static std::string load_name(std::size_t load, std::int64_t channel) {
    return "a" + std::to_string(load) + "_" + std::to_string(channel);
  }

  Expression e_;
  std::uint32_t dst_;
  DataType type_;
  KernelText text_;
  std::vector<std::string> names_;     // of the axes
  std::vector<std::string> pointers_;  // of the loads
  std::vector<std::vector<std::string>> other_pointers_;
  std::vector<std::string> tables_;
  std::string y_, p_, fixed_arguments_;
};

}  // namespace

Result<std::vector<Kernel>> emit_pointwise(const Plan& plan, const Group& group) {
  std::string problem;
  auto expression = make_expression(plan, group.steps, &problem);
  const std::string who(to_string(plan.steps[group.steps.back()].op));
  if (!expression)
    return make_error("E601", who, "no GPU kernel", problem.empty() ? "elements without constant strides" : problem);
  return std::vector<Kernel>{PointwiseKernel(plan, group, std::move(*expression)).make()};
}

}  // namespace xpuq::opencl
