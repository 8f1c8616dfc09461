// Random trees of pointwise steps and moves. test_opencl '[.long]' runs many more of them than the normal test.
#include <algorithm>

#include "device_check.h"

using namespace xpuq;
using namespace xpuq::test;

namespace {

class Tree {
 public:
  explicit Tree(std::uint32_t seed) : s_(seed) {
    Shape shape;
    const std::int64_t rank = s_.pick(1, 4);
    for (std::int64_t i = 0; i < rank; ++i) shape.push_back(s_.pick(0, 3) == 0 ? 8 : s_.pick(1, 6));
    at_ = leaf(shape, s_.pick(0, 3));
    const std::int64_t steps = s_.pick(2, 9);
    for (std::int64_t i = 0; i < steps; ++i) grow();
  }

  SamplePlan take() { return std::move(s_); }

 private:
  const TensorType& type() { return types_.back(); }

  Layout some_layout(const Shape& shape) { return shape.size() >= 3 && s_.pick(0, 1) ? Layout::channels_last : Layout::plain; }

  void set(std::uint32_t value, DataType dtype, Shape shape) {
    at_ = value;
    types_.push_back({dtype, std::move(shape), Layout::plain, {}});
  }

  std::uint32_t leaf(const Shape& shape, std::int64_t kind) {
    const Layout l = some_layout(shape);
    std::uint32_t v = 0;
    DataType dtype = DataType::f32;
    if (kind == 0) dtype = DataType::bf16;
    if (kind == 1) {
      v = s_.step(OpKind::dequantize, {{"to", word("f32")}}, {s_.value(DataType::s8, shape, l, per_tensor(0.11f, -5))}, some_layout(shape));
    } else {
      v = s_.value(dtype, shape, l);
    }
    set(v, dtype, shape);
    return v;
  }

  void step(OpKind op, const Attributes& a, std::vector<std::uint32_t> inputs, Shape shape) {
    const DataType dtype = type().dtype;
    set(s_.step(op, a, inputs, some_layout(shape)), dtype, std::move(shape));
  }

  void grow() {
    Shape shape = type().shape;
    const DataType dtype = type().dtype;
    const auto rank = static_cast<std::int64_t>(shape.size());
    switch (s_.pick(0, 11)) {
      case 0: {
        const OpKind ops[] = {OpKind::relu, OpKind::abs, OpKind::neg, OpKind::hardswish, OpKind::floor};
        return step(ops[s_.pick(0, 4)], {}, {at_}, shape);
      }
      case 1: {
        Shape other(shape.end() - s_.pick(0, rank), shape.end());
        for (auto& d : other) d = s_.pick(0, 2) ? d : 1;
        const OpKind ops[] = {OpKind::add, OpKind::mul, OpKind::maximum, OpKind::sub};
        const auto v = s_.pick(0, 1) ? s_.value(dtype, other, some_layout(other)) : s_.constant(dtype, other);
        return step(ops[s_.pick(0, 3)], {}, s_.pick(0, 1) ? std::vector{at_, v} : std::vector{v, at_}, shape);
      }
      case 2: case 3: {
        Ints perm;
        for (std::int64_t i = 0; i < rank; ++i) perm.push_back(i);
        std::shuffle(perm.begin(), perm.end(), s_.random());
        Shape out;
        for (const std::int64_t p : perm) out.push_back(shape[static_cast<std::size_t>(p)]);
        return step(OpKind::transpose, {{"perm", perm}}, {at_}, out);
      }
      case 4: case 5: {
        // Neighbours joined, and a dimension split.
        Shape out = shape;
        if (out.size() > 1 && s_.pick(0, 1)) {
          const auto i = static_cast<std::size_t>(s_.pick(0, rank - 2));
          out[i] *= out[i + 1];
          out.erase(out.begin() + static_cast<std::ptrdiff_t>(i) + 1);
        }
        const auto i = static_cast<std::size_t>(s_.pick(0, static_cast<std::int64_t>(out.size()) - 1));
        for (const std::int64_t f : {4, 3, 2})
          if (out[i] % f == 0) {
            out[i] /= f;
            out.insert(out.begin() + static_cast<std::ptrdiff_t>(i) + s_.pick(0, 1), f);
            break;
          }
        if (out.size() > 5) return;
        return step(OpKind::reshape, {{"shape", out}}, {at_}, out);
      }
      case 6: {
        Ints starts, sizes, steps;
        for (const std::int64_t d : shape) {
          const std::int64_t st = s_.pick(0, 3) == 0 ? -1 : s_.pick(1, 2);
          const std::int64_t n = st == 2 ? (d + 1) / 2 : s_.pick(1, d);
          starts.push_back(st < 0 ? s_.pick(n - 1, d - 1) : st == 2 ? 0 : s_.pick(0, d - n));
          sizes.push_back(n);
          steps.push_back(st);
        }
        return step(OpKind::slice, {{"starts", starts}, {"sizes", sizes}, {"steps", steps}}, {at_}, sizes);
      }
      case 7: {
        Ints out = shape;
        out.insert(out.begin(), s_.pick(1, 2));
        if (out.size() > 5) return;
        return step(OpKind::expand, {{"shape", out}}, {at_}, out);
      }
      case 8: {
        Ints begin, end;
        for (auto& d : shape) {
          begin.push_back(s_.pick(0, 2) == 0 ? s_.pick(0, 4) : 0);
          end.push_back(s_.pick(0, 2) == 0 ? s_.pick(0, 4) : 0);
          d += begin.back() + end.back();
        }
        return step(OpKind::pad, {{"begin", begin}, {"end", end}, {"mode", word("constant")}, {"value", 0.75}}, {at_}, shape);
      }
      case 9: {
        const auto axis = static_cast<std::size_t>(s_.pick(0, rank - 1));
        const std::uint32_t first = at_;
        Shape other = shape;
        other[axis] = s_.pick(1, 8);
        const auto second = s_.value(dtype, other, some_layout(other));
        shape[axis] += other[axis];
        return step(OpKind::concat, {{"axis", static_cast<std::int64_t>(axis)}}, s_.pick(0, 1) ? std::vector{first, second} : std::vector{second, first}, shape);
      }
      case 10: {
        const Attributes q{{"scales", Floats{0.07}}, {"zero_points", Ints{9}}, {"type", word("s8")}};
        const auto codes = s_.step(OpKind::quantize, q, {at_}, some_layout(shape));
        set(s_.step(OpKind::dequantize, {{"to", word(dtype == DataType::f32 ? "f32" : "bf16")}}, {codes}, some_layout(shape)), dtype, shape);
        return;
      }
      default: {
        const auto c = s_.step(OpKind::less, {}, {at_, s_.constant(dtype, {1})}, some_layout(shape));
        return step(OpKind::where, {}, {c, at_, s_.value(dtype, {shape.back()})}, shape);
      }
    }
  }

  SamplePlan s_;
  std::uint32_t at_ = 0;
  std::vector<TensorType> types_;
};

void run(std::uint32_t first, std::uint32_t count) {
  Device* d = device_or_skip();
  if (d == nullptr) return;
  Comparison all;
  for (std::uint32_t seed = first; seed < first + count; ++seed) all.add("tree " + std::to_string(seed), Tree(seed).take());
  CHECK(all.run(*d) == "");
  CHECK(all.compared() > static_cast<std::int64_t>(count));
}

}  // namespace

TEST_CASE("random trees equal the interpreter") { run(0, seeds(40)); }

TEST_CASE("many random trees equal the interpreter", "[.long]") {
  for (std::uint32_t first = 1000; first < 2000; first += 50) run(first, 50);
}
