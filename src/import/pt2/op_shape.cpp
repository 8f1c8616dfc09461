// Operators that give the same elements another shape or order.
#include <algorithm>

#include "import/pt2/operators.h"

namespace xpuq::pt2::import_op {
namespace {

/// Fills in a size of -1.
Result<Shape> completed(Call& c, Shape wanted, std::int64_t elements) {
  std::int64_t known = 1;
  std::size_t open = wanted.size();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == -1 && open == wanted.size()) {
      open = i;
      continue;
    }
    if (wanted[i] < 0 || __builtin_mul_overflow(known, wanted[i], &known))
      return c.problem("cannot take the shape " + to_string(wanted));
  }
  if (open == wanted.size()) return wanted;
  if (known == 0 || elements % known != 0)
    return c.problem("cannot divide " + std::to_string(elements) + " elements into the shape " + to_string(wanted));
  wanted[open] = elements / known;
  return wanted;
}

Result<void> permuted(Call& c, ValueId v, Ints perm) {
  const bool matrix = perm == Ints{1, 0} && c.builder.constant_of(v) != nullptr;
  XPUQ_ASSIGN(const ValueId out, c.last().transpose(v, std::move(perm)));
  if (matrix) c.session.set_transposed(out, v);
  return c.result_view(out, "self");
}

Ints identity_perm(std::size_t rank) {
  Ints perm(rank);
  for (std::size_t i = 0; i < rank; ++i) perm[i] = static_cast<std::int64_t>(i);
  return perm;
}

}  // namespace

Result<void> view(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(Shape wanted, c.integers(c.has("shape") ? "shape" : "size"));
  XPUQ_ASSIGN(wanted, completed(c, std::move(wanted), element_count(c.shape(v))));
  XPUQ_ASSIGN(const ValueId out, c.last().reshape(v, std::move(wanted)));
  return c.result_view(out, "self", 0, !c.has("shape"));  // reshape copies when it must
}

Result<void> view_as(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const ValueId other, c.tensor("other"));
  XPUQ_ASSIGN(const ValueId out, c.last().reshape(v, c.shape(other)));
  return c.result_view(out, "self", 0, false);
}

Result<void> flatten(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  const std::size_t rank = c.rank(v);
  if (rank == 0) {
    XPUQ_ASSIGN(const ValueId out, c.last().reshape(v, {1}));
    return c.result_view(out, "self", 0, false);
  }
  XPUQ_ASSIGN(const std::size_t first, c.axis("start_dim", rank));
  XPUQ_ASSIGN(const std::size_t last, c.axis("end_dim", rank));
  if (first > last) return c.problem("flattens from axis " + std::to_string(first) + " to " + std::to_string(last));
  if (first == 1 && last + 1 == rank) {
    XPUQ_ASSIGN(const ValueId out, c.last().emit(OpKind::flatten, {v}, {{"axis", std::int64_t{1}}}));
    return c.result_view(out, "self", 0, false);
  }
  const Shape& s = c.shape(v);
  Shape shape(s.begin(), s.begin() + static_cast<std::ptrdiff_t>(first));
  std::int64_t merged = 1;
  for (std::size_t i = first; i <= last; ++i) merged *= s[i];
  shape.push_back(merged);
  shape.insert(shape.end(), s.begin() + static_cast<std::ptrdiff_t>(last) + 1, s.end());
  XPUQ_ASSIGN(const ValueId out, c.last().reshape(v, shape));
  return c.result_view(out, "self", 0, false);
}

Result<void> unflatten(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const std::size_t axis, c.axis("dim", c.rank(v)));
  XPUQ_ASSIGN(Shape sizes, c.integers("sizes"));
  XPUQ_ASSIGN(sizes, completed(c, std::move(sizes), c.shape(v)[axis]));
  Shape shape = c.shape(v);
  const auto at = shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
  shape.insert(at, sizes.begin(), sizes.end());
  XPUQ_ASSIGN(const ValueId out, c.last().reshape(v, shape));
  return c.result_view(out, "self");
}

Result<void> permute(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(Ints perm, c.integers("dims"));
  for (std::int64_t& axis : perm) {
    XPUQ_ASSIGN(const std::size_t at, c.axis_of(axis, c.rank(v)));
    axis = static_cast<std::int64_t>(at);
  }
  return permuted(c, v, std::move(perm));
}

Result<void> swap_axes(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  const bool dims = c.has("dim0");
  if (c.rank(v) == 0) return c.result_view(v, "self");
  XPUQ_ASSIGN(const std::size_t a, c.axis(dims ? "dim0" : "axis0", c.rank(v)));
  XPUQ_ASSIGN(const std::size_t b, c.axis(dims ? "dim1" : "axis1", c.rank(v)));
  Ints perm = identity_perm(c.rank(v));
  std::swap(perm[a], perm[b]);
  return permuted(c, v, std::move(perm));
}

Result<void> move_axes(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const Ints source, c.integers("source"));
  XPUQ_ASSIGN(const Ints destination, c.integers("destination"));
  const std::size_t rank = c.rank(v);
  if (source.size() != destination.size())
    return c.problem("moves " + std::to_string(source.size()) + " axes to " + std::to_string(destination.size()));
  Ints perm(rank, -1);
  std::vector<bool> moved(rank, false);
  for (std::size_t i = 0; i < source.size(); ++i) {
    XPUQ_ASSIGN(const std::size_t from, c.axis_of(source[i], rank));
    XPUQ_ASSIGN(const std::size_t to, c.axis_of(destination[i], rank));
    if (moved[from] || perm[to] >= 0) return c.problem("moves an axis twice");
    moved[from] = true;
    perm[to] = static_cast<std::int64_t>(from);
  }
  std::size_t next = 0;
  for (std::int64_t& axis : perm) {
    if (axis >= 0) continue;
    while (moved[next]) ++next;
    axis = static_cast<std::int64_t>(next++);
  }
  return permuted(c, v, std::move(perm));
}

/// t, T (all axes) and mT (the last two).
Result<void> reverse_axes(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  const std::size_t rank = c.rank(v);
  if (rank < 2) return c.result_view(v, "self");
  Ints perm = identity_perm(rank);
  std::reverse(perm.end() - (c.has("last_two") ? 2 : static_cast<std::ptrdiff_t>(rank)), perm.end());
  return permuted(c, v, std::move(perm));
}

Result<void> squeeze(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const Ints axes, c.axes("dim", c.rank(v)));
  Shape shape;
  for (std::size_t i = 0; i < c.rank(v); ++i) {
    const bool named = std::binary_search(axes.begin(), axes.end(), static_cast<std::int64_t>(i));
    if (!named || c.shape(v)[i] != 1) shape.push_back(c.shape(v)[i]);
  }
  XPUQ_ASSIGN(const ValueId out, c.last().reshape(v, shape));
  return c.result_view(out, "self");
}

Result<void> unsqueeze(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const std::size_t axis, c.axis("dim", c.rank(v) + 1));
  Shape shape = c.shape(v);
  shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis), 1);
  XPUQ_ASSIGN(const ValueId out, c.last().reshape(v, shape));
  return c.result_view(out, "self");
}

Result<void> expand(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(Shape wanted, c.integers("size"));
  const Shape& s = c.shape(v);
  if (wanted.size() < s.size()) return c.problem("cannot expand " + to_string(s) + " to fewer axes");
  for (std::size_t i = 0; i < s.size(); ++i) {
    std::int64_t& size = wanted[wanted.size() - s.size() + i];
    if (size == -1) size = s[i];
  }
  if (wanted == s) return c.result_view(v, "self");
  XPUQ_ASSIGN(const ValueId out, c.last().emit(OpKind::expand, {v}, {{"shape", wanted}}));
  return c.result_view(out, "self");
}

Result<void> expand_as(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const ValueId other, c.tensor("other"));
  if (c.shape(v) == c.shape(other)) return c.result_view(v, "self");
  XPUQ_ASSIGN(const ValueId out, c.last().emit(OpKind::expand, {v}, {{"shape", c.shape(other)}}));
  return c.result_view(out, "self");
}

/// Every axis is preceded by one of its count of copies, and merged with it.
Result<void> repeat(Call& c) {
  XPUQ_ASSIGN(ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(Ints counts, c.integers(c.has("repeats") ? "repeats" : "dims"));
  Shape s = c.shape(v);
  if (c.has("dims") && counts.size() < s.size()) counts.insert(counts.begin(), s.size() - counts.size(), 1);
  if (counts.size() < s.size()) return c.problem("has fewer counts than axes");
  s.insert(s.begin(), counts.size() - s.size(), 1);
  if (std::all_of(counts.begin(), counts.end(), [](std::int64_t n) { return n == 1; }))
    return c.result(c.last().reshape(v, s));
  Shape apart, spread, merged;
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (counts[i] < 0 || counts[i] > (std::int64_t{1} << 40))
      return c.problem("repeats " + std::to_string(counts[i]) + " times");
    if (counts[i] != 1) {
      apart.push_back(1);
      spread.push_back(counts[i]);
    }
    apart.push_back(s[i]);
    spread.push_back(s[i]);
    merged.push_back(s[i]);
    if (__builtin_mul_overflow(merged.back(), counts[i], &merged.back())) return c.problem("result is too large");
  }
  XPUQ_ASSIGN(v, c.reshape(v, apart));
  XPUQ_ASSIGN(v, c.emit(OpKind::expand, {v}, {{"shape", spread}}));
  return c.result(c.last().reshape(v, merged));
}

}  // namespace xpuq::pt2::import_op
