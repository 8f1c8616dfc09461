// No types, attributes or values, however odd, make infer() or the interpreter do anything but answer. Meant for the
// sanitizer builds. Whatever infer() accepts and is small is evaluated.
#include <algorithm>
#include <cmath>
#include <limits>

#include "run.h"

using namespace run;

namespace {

class Random {
 public:
  std::uint32_t below(std::uint32_t n) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::uint32_t>(state_ >> 33) % n;
  }
  template <class T, std::size_t N>
  T pick(const T (&choices)[N]) {
    return choices[below(N)];
  }

 private:
  std::uint64_t state_ = 1;
};

using Limits = std::numeric_limits<std::int64_t>;

std::int64_t odd_int(Random& r) {
  static constexpr std::int64_t odd[] = {-1, -2, 7, 1 << 30, std::int64_t{1} << 40, Limits::max(), Limits::min()};
  return r.below(8) == 0 ? r.pick(odd) : r.below(3);
}
double odd_float(Random& r) {
  static constexpr double odd[] = {0,      -1,   0.5,   1,        2,         1e-45,
                                   1e-300, 1e38, 1e300, HUGE_VAL, -HUGE_VAL, std::numeric_limits<double>::quiet_NaN()};
  return r.pick(odd);
}
std::string odd_string(Random& r) {
  static const char* const words[] = {
      "",        "none",          "tanh",          "constant", "reflect", "edge", "nearest", "linear",
      "cubic",   "half_pixel",    "align_corners", "floor",    "plain",   "f32",  "bf16",    "s8",
      "boolean", "channels_last", "asymmetric",    "s64",      "sum",     "relu", "clip",    "half_pixel_symmetric",
      "u8",      "zeros",         "border",        "reflection", "add",   "mul",  "min",     "max"};
  return r.pick(words);
}

AttributeValue odd_value(Random& r, char kind, std::size_t rank) {
  const std::size_t n = r.below(8) == 0 ? r.below(4) : rank;
  Ints ints;
  Floats floats;
  Strings strings;
  for (std::size_t i = 0; i < n; ++i) {
    ints.push_back(odd_int(r));
    floats.push_back(r.below(3) ? 1.0 : odd_float(r));
    strings.push_back(odd_string(r));
  }
  switch (kind) {
    case 'i':
      return odd_int(r);
    case 'f':
      return odd_float(r);
    case 's':
      return odd_string(r);
    case 'I':
      return ints;
    case 'F':
      return floats;
    default:
      return Strings(strings.begin(),
                     strings.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(n, r.below(3))));
  }
}

Attributes odd_attributes(Random& r, std::string_view text, std::size_t rank) {
  Attributes out;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    const std::size_t colon = word.find(':');
    if (word.back() == '?' && r.below(2)) continue;
    // Lists over the spatial axes are two shorter than the rank; both lengths are worth trying.
    out.set(word.substr(0, colon), odd_value(r, word[colon + 1], r.below(2) && rank > 2 ? rank - 2 : rank));
  }
  return out;
}

TensorType odd_type(Random& r, const Shape& shape) {
  static constexpr DataType all[] = {DataType::f32, DataType::bf16, DataType::f16, DataType::f64, DataType::s8,
                                     DataType::u8,  DataType::s16,  DataType::s32, DataType::s64, DataType::boolean};
  TensorType t{r.below(3) ? DataType::f32 : r.pick(all), shape, Layout::plain, {}};
  if (r.below(3) == 0) {
    t.dtype = DataType::s8;
    t.quant = QuantParams{{0.5f}, {static_cast<std::int32_t>(r.below(3))}, {}};
    if (r.below(4) == 0 && !shape.empty()) {
      const auto n = static_cast<std::size_t>(std::clamp<std::int64_t>(shape[0], 0, 9));
      t.quant = QuantParams{std::vector<float>(n, 0.5f), std::vector<std::int32_t>(n, 0), 0};
    }
  }
  return t;
}

Shape odd_shape(Random& r, std::size_t rank) {
  Shape shape(rank);
  for (auto& d : shape) d = r.below(40) == 0 ? odd_int(r) : 1 + r.below(3);
  return shape;
}

bool is_small(const std::vector<TensorType>& types) {
  for (const TensorType& t : types)
    if (t.elements() > 4096) return false;
  return true;
}

Tensor odd_tensor(Random& r, const TensorType& type) {
  Tensor t(type.dtype, type.shape);
  for (std::size_t i = 0; i < t.bytes(); ++i) t.raw()[i] = static_cast<std::byte>(r.below(256));
  return t;
}

}  // namespace

TEST_CASE("reference: hostile types, attributes and values") {
  Random r;
  std::size_t evaluated = 0;
  for (int round = 0; round < 3000; ++round)
    for (const OpSchema& s : all_ops()) {
      const std::size_t rank = r.below(6);
      const Shape shape = odd_shape(r, rank);
      std::vector<TensorType> types;
      const auto most = static_cast<std::uint32_t>(std::min(s.max_inputs, s.min_inputs + 2) - s.min_inputs + 1);
      const std::size_t count = static_cast<std::size_t>(s.min_inputs) + r.below(most);
      for (std::size_t i = 0; i < count; ++i) {
        types.push_back(odd_type(r, r.below(3) ? shape : odd_shape(r, r.below(4) ? rank : r.below(6))));
        if (r.below(4)) types.back().dtype = types[0].dtype, types.back().quant = types[0].quant;
      }
      const Attributes attributes = odd_attributes(r, s.attributes, rank);
      const Inferred got = infer(s.kind, attributes, types);
      CHECK(got.types.size() == (got.ok() ? static_cast<std::size_t>(s.outputs) : 0));
      if (!got.ok() || !is_small(types) || !is_small(got.types)) continue;
      std::vector<Tensor> tensors;
      for (const TensorType& t : types) tensors.push_back(odd_tensor(r, t));
      const auto result = evaluate(s.kind, attributes, tensors, types);
      if (!result.ok()) CHECK(result.error().code == "E101");
      ++evaluated;
    }
  CHECK(evaluated > 10000);
}
