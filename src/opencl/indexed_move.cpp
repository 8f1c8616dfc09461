#include "opencl/indexed_move.h"

#include <algorithm>

#include "opencl/c_type.h"
#include "opencl/elementwise.h"
#include "opencl/number.h"
#include "opencl/refuse.h"

namespace xpuq::opencl {
namespace {

/// Elements moved at once: the innermost axis of dst keeps its neighbours in src.
std::int64_t move_lanes(const PlanValue& src, const PlanValue& dst, std::size_t kept_src, std::size_t kept_dst) {
  if (dst.type.shape.empty() || innermost_axis(dst) != kept_dst || innermost_axis(src) != kept_src) return 1;
  const std::int64_t size = dst.type.shape[kept_dst];
  if (src.type.shape[kept_src] != size) return 1;
  std::int64_t lanes = static_cast<std::int64_t>(16 / size_of(dst.type.dtype));
  while (lanes > 1 && size % lanes != 0) lanes /= 2;
  return lanes;
}

void move(KernelText& out, const std::string& x, const std::string& from, const std::string& y, DataType dtype, std::int64_t lanes) {
  if (lanes == 1) return out.line(y + "[to] = " + x + "[" + from + "];");
  const std::string type = std::string(c_type(dtype)) + std::to_string(lanes);
  out.line("*(__global " + type + "*)(" + y + " + to) = *(__global const " + type + "*)(" + x + " + " + from + ");");
}

std::string index_function(std::int64_t size) {
  // A negative index counts from the end.
  return "clamp((int)(g < 0 ? g + " + text(size) + " : g), 0, " + text(size - 1) + ")";
}

}  // namespace

Result<std::vector<Kernel>> emit_gather(const Plan& plan, const Step& step) {
  const PlanValue& src = plan.values[step.inputs[0]];
  const PlanValue& index = plan.values[step.inputs[1]];
  const PlanValue& dst = plan.values[step.outputs[0]];
  const Shape& from = src.type.shape;
  for (const PlanValue* v : {&src, &index})
    if (v->type.elements() >= std::int64_t{1} << 31) return refusal(step, "more than 2^31 elements");
  const std::size_t rank = dst.type.shape.size(), index_rank = index.type.shape.size();
  const std::vector<std::string> o = coordinate_names(rank);
  KernelText out{std::string(to_string(step.op))};
  const std::string x = out.read(step.inputs[0], src.type.dtype), i = out.read(step.inputs[1], index.type.dtype);
  const std::string y = out.write(step.outputs[0], dst.type.dtype);
  std::vector<std::string> at(from.size());
  std::int64_t lanes = 1;
  std::vector<std::string> picks;  // statements
  const auto pick = [&](std::size_t axis, const std::string& place) {
    const std::string name = "p" + std::to_string(axis);
    picks.push_back("int " + name + "; { const long g = " + i + "[" + place + "]; " + name + " = " + index_function(from[axis]) + "; }");
    at[axis] = name;
  };
  if (step.op == OpKind::gather) {
    const auto axis = static_cast<std::size_t>(step.attributes.get_int("axis", 0));
    if (axis + 1 < from.size()) lanes = move_lanes(src, dst, from.size() - 1, rank - 1);
    for (std::size_t k = 0; k < from.size(); ++k)
      if (k != axis) at[k] = o[k < axis ? k : k + index_rank - 1];
    pick(axis, address(index, std::vector<std::string>(o.begin() + static_cast<std::ptrdiff_t>(axis), o.begin() + static_cast<std::ptrdiff_t>(axis + index_rank))));
  } else if (step.op == OpKind::gather_elements) {
    at = o;
    pick(static_cast<std::size_t>(step.attributes.get_int("axis", 0)), address(index, o));
  } else {
    const auto batch = static_cast<std::size_t>(step.attributes.get_int("batch_dims", 0));
    const auto depth = static_cast<std::size_t>(index.type.shape.back());
    // dst: the axes of index but the last, then what is left of src.
    if (batch + depth < from.size()) lanes = move_lanes(src, dst, from.size() - 1, rank - 1);
    for (std::size_t k = 0; k < batch; ++k) at[k] = o[k];
    for (std::size_t k = batch + depth; k < from.size(); ++k) at[k] = o[index_rank - 1 + k - batch - depth];
    for (std::size_t k = 0; k < depth; ++k) {
      std::vector<std::string> place(o.begin(), o.begin() + static_cast<std::ptrdiff_t>(index_rank - 1));
      place.push_back(std::to_string(k));
      pick(batch + k, address(index, place));
    }
  }
  begin_elements(out, dst, lanes);
  for (const std::string& p : picks) out.line(p);
  move(out, x, address(src, at), y, dst.type.dtype, lanes);
  return std::vector<Kernel>{out.finish()};
}

Kernel emit_mapped(const Plan& plan, const Step& step, const std::vector<std::vector<std::int32_t>>& maps) {
  const PlanValue& src = plan.values[step.inputs[0]];
  const PlanValue& dst = plan.values[step.outputs[0]];
  const std::size_t inner = innermost_axis(dst);
  KernelText out{std::string(to_string(step.op))};
  const std::string x = out.read(step.inputs[0], src.type.dtype), y = out.write(step.outputs[0], dst.type.dtype);
  std::vector<std::string> at = coordinate_names(maps.size());
  for (std::size_t i = 0; i < maps.size(); ++i)
    if (!maps[i].empty() && src.type.shape[i] > 1) at[i] = out.literal(literal_bytes(maps[i]), DataType::s32) + "[" + at[i] + "]";
  const std::int64_t lanes = !maps.empty() && maps[inner].empty() ? move_lanes(src, dst, inner, inner) : 1;
  begin_elements(out, dst, lanes);
  move(out, x, address(src, at), y, dst.type.dtype, lanes);
  return out.finish();
}

Result<std::vector<Kernel>> emit_reshape(const Plan& plan, const Step& step) {
  const PlanValue& src = plan.values[step.inputs[0]];
  const PlanValue& dst = plan.values[step.outputs[0]];
  if (dst.type.elements() >= std::int64_t{1} << 31) return refusal(step, "more than 2^31 elements");
  KernelText out{std::string(to_string(step.op))};
  const std::string x = out.read(step.inputs[0], src.type.dtype), y = out.write(step.outputs[0], dst.type.dtype);
  begin_elements(out, dst);
  std::string linear;
  const std::vector<std::int64_t> places = row_major(dst.type.shape);
  const std::vector<std::string> o = coordinate_names(places.size());
  for (std::size_t i = 0; i < places.size(); ++i) linear += (i == 0 ? "" : " + ") + o[i] + " * " + text(places[i]);
  out.line("const uint linear = (uint)(" + (linear.empty() ? "0" : linear) + ");");
  std::vector<std::string> names;
  for (std::size_t i = 0; i < src.type.shape.size(); ++i) names.push_back("s" + std::to_string(i));
  out.decode("linear", src.type.shape, names);
  out.line(y + "[to] = " + x + "[" + address(src, names) + "];");
  return std::vector<Kernel>{out.finish()};
}

Result<std::vector<Kernel>> emit_mirrored_pad(const Plan& plan, const Step& step) {
  const Shape& in = plan.values[step.inputs[0]].type.shape;
  const Shape& out = plan.values[step.outputs[0]].type.shape;
  const bool reflect = step.attributes.get_string("mode") == "reflect";
  std::vector<std::vector<std::int32_t>> maps(in.size());
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (in[i] == out[i]) continue;
    for (std::int64_t o = 0; o < out[i]; ++o) {
      const std::int64_t k = o - step.attributes.get_ints("begin")[i];
      const std::int64_t mirrored = k < 0 ? -k : k >= in[i] ? 2 * (in[i] - 1) - k : k;
      maps[i].push_back(static_cast<std::int32_t>(reflect ? mirrored : std::clamp<std::int64_t>(k, 0, in[i] - 1)));
    }
  }
  return std::vector<Kernel>{emit_mapped(plan, step, maps)};
}

}  // namespace xpuq::opencl
