// Operators that change only the shape or the order of elements.
#include <algorithm>
#include <numeric>

#include "import/onnx/operators.h"

namespace xpuq::onnx_import {
namespace {

Result<Outputs> as_shape(const Call& c, Shape shape) {
  return c.result(OpKind::reshape, {c.in(0)}, {{"shape", std::move(shape)}});
}

/// The 0 (copy, unless allowzero) and -1 (the rest) of a Reshape replaced by numbers.
Result<Shape> resolve(const Call& c, const Ints& wanted, bool allow_zero) {
  const Shape src = c.shape(0);
  Shape out = wanted;
  std::size_t open = out.size();
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i] == 0 && !allow_zero) {
      if (i >= src.size())
        return c.problem("a 0 copies a dimension that the input has not", text(wanted),
                         "at most " + std::to_string(src.size()) + " entries before it");
      out[i] = src[i];
    }
    if (out[i] == -1 && open < out.size())
      return c.problem("more than one dimension is -1", text(wanted), "at most one");
    if (out[i] == -1) open = i;
    if (out[i] < -1) return c.problem("a dimension is negative", text(wanted), "-1 or more");
  }
  if (open == out.size()) return out;
  out[open] = 1;
  const auto known = checked_element_count(out);
  const auto total = checked_element_count(src);
  if (!known || !total || *known == 0 || *total % *known != 0)
    return c.problem("the shape does not hold the input", text(wanted),
                     "a shape for the elements of " + to_string(src));
  out[open] = *total / *known;
  return out;
}

Result<Outputs> squeezed(const Call& c, const Ints& axes) {
  const Shape src = c.shape(0);
  Shape out;
  for (std::size_t i = 0; i < src.size(); ++i) {
    const bool goes = std::find(axes.begin(), axes.end(), static_cast<std::int64_t>(i)) != axes.end();
    if (goes && src[i] != 1)
      return c.problem("axis " + std::to_string(i) + " is not 1", to_string(src), "size 1 on every axis that goes");
    if (!goes) out.push_back(src[i]);
  }
  return as_shape(c, std::move(out));
}

struct Block {
  std::int64_t size, batch, channels, height, width;
};

Result<Block> read_block(const Call& c) {
  const Shape s = c.shape(0);
  const std::int64_t size = c.int_or("blocksize", 0);
  if (s.size() != 4) return c.problem("input 0 has the wrong rank", to_string(s), "4 axes");
  if (size < 1 || size > (1 << 15))
    return c.problem("attribute 'blocksize' is out of range", std::to_string(size), "1..2^15");
  return Block{size, s[0], s[1], s[2], s[3]};
}

Result<Outputs> shuffled(const Call& c, Shape apart, Ints perm, Shape together) {
  XPUQ_ASSIGN(const ValueId split, c.reshaped(c.in(0), std::move(apart)));
  XPUQ_ASSIGN(const ValueId moved, c.step(OpKind::transpose, {split}, {{"perm", std::move(perm)}}));
  return c.result(OpKind::reshape, {moved}, {{"shape", std::move(together)}});
}

}  // namespace

// Keeping axis 0 and merging all the rest is what nn.Flatten exports to (Note B of pt2e-semantics 8).
Result<Outputs> reshape(Call& c) {
  XPUQ_ASSIGN(const Ints wanted, c.constant_ints(1, "the shape"));
  XPUQ_ASSIGN(const bool allow_zero, c.flag("allowzero", false));
  XPUQ_ASSIGN(Shape out, resolve(c, wanted, allow_zero));
  const Shape src = c.shape(0);
  const bool flattens = src.size() >= 2 && out.size() == 2 && out[0] == src[0] &&
                        checked_element_count(out) == checked_element_count(src);
  if (flattens) return c.result(OpKind::flatten, {c.in(0)}, {{"axis", 1}});
  return as_shape(c, std::move(out));
}

Result<Outputs> flatten(Call& c) {
  const std::int64_t rank = c.rank(0);
  std::int64_t axis = c.int_or("axis", 1);
  if (axis < -rank || axis > rank)
    return c.problem("axis is out of range", std::to_string(axis), std::to_string(-rank) + ".." + std::to_string(rank));
  if (axis < 0) axis += rank;
  if (axis == 1 && rank >= 2) return c.result(OpKind::flatten, {c.in(0)}, {{"axis", 1}});
  const Shape src = c.shape(0);
  const auto outer = checked_element_count(Shape(src.begin(), src.begin() + axis));
  const auto inner = checked_element_count(Shape(src.begin() + axis, src.end()));
  if (!outer || !inner) return c.problem("the input is too large", to_string(src));
  return as_shape(c, {*outer, *inner});
}

Result<Outputs> squeeze(Call& c) {
  XPUQ_ASSIGN(const auto given, c.ints_from("axes", 1));
  Ints axes;
  if (given) {
    XPUQ_ASSIGN(axes, c.axes(*given, c.rank(0)));
  } else {
    const Shape src = c.shape(0);
    for (std::size_t i = 0; i < src.size(); ++i)
      if (src[i] == 1) axes.push_back(static_cast<std::int64_t>(i));
  }
  return squeezed(c, axes);
}

Result<Outputs> unsqueeze(Call& c) {
  XPUQ_ASSIGN(const auto given, c.ints_from("axes", 1));
  if (!given) return c.problem("axes are missing", "", "as attribute (opset < 13) or input");
  XPUQ_ASSIGN(const Ints axes, c.axes(*given, c.rank(0) + static_cast<std::int64_t>(given->size())));
  Shape out = c.shape(0);
  for (std::int64_t a : axes) out.insert(out.begin() + a, 1);  // sorted: each is in place when its turn comes
  return as_shape(c, std::move(out));
}

Result<Outputs> transpose(Call& c) {
  Ints perm = c.ints("perm");
  if (!c.has_attribute("perm"))
    for (std::int64_t i = c.rank(0) - 1; i >= 0; --i) perm.push_back(i);
  return c.result(OpKind::transpose, {c.in(0)}, {{"perm", perm}});
}

// Broadcasts both ways: a wanted 1 keeps what the input has.
Result<Outputs> expand(Call& c) {
  XPUQ_ASSIGN(const Ints wanted, c.constant_ints(1, "the shape"));
  const auto shape = broadcast(c.shape(0), wanted);
  if (!shape) return c.problem("the input does not broadcast", to_string(c.shape(0)), text(wanted));
  if (*shape == c.shape(0)) return Outputs{c.in(0)};
  return c.result(OpKind::expand, {c.in(0)}, {{"shape", *shape}});
}

// Axis by axis: a new axis in front of the repeated one is expanded and merged into it.
Result<Outputs> tile(Call& c) {
  XPUQ_ASSIGN(const Ints repeats, c.constant_ints(1, "repeats"));
  Shape shape = c.shape(0);
  if (repeats.size() != shape.size())
    return c.problem("repeats has the wrong number of entries", text(repeats),
                     std::to_string(shape.size()) + " integers");
  ValueId v = c.in(0);
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (repeats[i] < 0 || repeats[i] > (std::int64_t{1} << 40))
      return c.problem("repeats is out of range", text(repeats), "0..2^40");
    if (repeats[i] == 1) continue;
    Shape apart = shape;
    apart.insert(apart.begin() + static_cast<std::ptrdiff_t>(i), 1);
    Shape spread = apart;
    spread[i] = repeats[i];
    if (!checked_element_count(spread)) return c.problem("the result is too large", text(repeats));
    shape[i] *= repeats[i];
    XPUQ_ASSIGN(v, c.reshaped(v, apart));
    XPUQ_ASSIGN(v, c.step(OpKind::expand, {v}, {{"shape", spread}}));
    XPUQ_ASSIGN(v, c.reshaped(v, shape));
  }
  return Outputs{v};
}

Result<Outputs> concat(Call& c) {
  XPUQ_ASSIGN(const std::int64_t axis, c.axis(c.int_or("axis", 0), c.rank(0)));
  for (std::size_t i = 0; i < c.inputs.size(); ++i)
    if (!c.has(i)) return c.problem("input " + std::to_string(i) + " is missing");
  return c.result(OpKind::concat, c.inputs, {{"axis", axis}});
}

// DCR: the blocks are the outermost part of the channels; CRD (PyTorch's pixel shuffle): the innermost.
Result<Outputs> depth_to_space(Call& c) {
  XPUQ_ASSIGN(const Block b, read_block(c));
  const std::string mode = c.string_or("mode", "DCR");
  if (mode != "DCR" && mode != "CRD") return c.problem("attribute 'mode' is not known", mode, "DCR or CRD");
  if (b.channels % (b.size * b.size) != 0)
    return c.problem("the channels do not divide into blocks", std::to_string(b.channels),
                     "a multiple of " + std::to_string(b.size * b.size));
  const std::int64_t depth = b.channels / (b.size * b.size);
  const Shape together{b.batch, depth, b.height * b.size, b.width * b.size};
  if (mode == "DCR")
    return shuffled(c, {b.batch, b.size, b.size, depth, b.height, b.width}, {0, 3, 4, 1, 5, 2}, together);
  return shuffled(c, {b.batch, depth, b.size, b.size, b.height, b.width}, {0, 1, 4, 2, 5, 3}, together);
}

Result<Outputs> space_to_depth(Call& c) {
  XPUQ_ASSIGN(const Block b, read_block(c));
  if (b.height % b.size != 0 || b.width % b.size != 0)
    return c.problem("the image does not divide into blocks", to_string(c.shape(0)),
                     "multiples of " + std::to_string(b.size));
  const Shape together{b.batch, b.channels * b.size * b.size, b.height / b.size, b.width / b.size};
  return shuffled(c, {b.batch, b.channels, b.height / b.size, b.size, b.width / b.size, b.size}, {0, 3, 5, 1, 2, 4},
                  together);
}

}  // namespace xpuq::onnx_import
